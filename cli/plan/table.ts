import { lockWindowMs } from '../../shared/buckets/decide.ts';
import { changesOf, type PlanStep, type PolicyPlan } from '../../shared/buckets/plan.ts';
import { isIrreversible } from '../../shared/buckets/types.ts';
import { hour } from '../../shared/platform/instant.ts';
import { quantity } from '../../shared/platform/quantity.ts';
import { count, plural } from '../../shared/report/words.ts';
import { color, prose, table } from '../terminal/output.ts';

/**
 * Returns a plan for people: every bucket that was looked at, what is to be done, and what could not be looked at.
 * @param others what the timer will do beside bucket policies; its lines follow
 */
export function planTable(plan: PolicyPlan, others?: { readonly timerPuts: boolean }): string {
  const { steps, troubles, madeAt } = plan;
  const rows = steps.map((step) => [
    step.bucket,
    step.rule,
    policyNow(step, madeAt),
    action(step),
    step.decision.reason,
  ]);
  const head = ['bucket', 'rule', 'policy', 'action', 'reason'];
  const bodies = steps.length === 0 ? [] : [table(head, rows)];
  const complaints = troubles.map(({ bucket, code, message }) =>
    prose(`${color.red(code)} ${bucket}: ${message}`),
  );
  return [...bodies, ...complaints, prose(closing(plan, others?.timerPuts === true))].join('\n');
}

/** Says what follows from it, in a sentence for each part. */
function closing(plan: PolicyPlan, timerPuts: boolean): string {
  const { steps, troubles, madeAt, region } = plan;
  const waiting = steps.filter(({ decision }) => decision.action === 'report');
  const persons = waiting.map(({ bucket, decision }) => `${bucket} (${decision.problem})`).join(', ');
  const unread = troubles.map(({ bucket }) => bucket).join(', ');
  const nothing = timerPuts ? 'Nothing to do by hand' : 'Nothing to do';
  return [
    ...(steps.length === 0 ? [] : [toDo(plan, waiting.length, nothing)]),
    ...(waiting.length === 0
      ? []
      : [`${count(waiting.length)} ${waiting.length === 1 ? 'needs' : 'need'} you: ${persons}.`]),
    ...(troubles.length === 0
      ? []
      : [`${plural(troubles.length, 'bucket')} could not be judged: ${unread}.`]),
    ...(steps.length === 0 && troubles.length === 0 ? [`${nothing}: no bucket policy is under a rule.`] : []),
    ...(timerPuts ? ['The timer puts the default retention that is named below.'] : []),
    color.dim(`As of ${madeAt}, ${region.includes(',') ? 'regions' : 'region'} ${region}.`),
  ].join(' ');
}

/** Says what is to be done about the policies that were read, of which there is one at least. */
function toDo(plan: PolicyPlan, waiting: number, nothing: string): string {
  const { steps, troubles } = plan;
  const changes = changesOf(plan);
  const fine = steps.length - changes.length - waiting;
  const asRuled = `${plural(fine, 'policy', 'policies')} ${fine === 1 ? 'is' : 'are'} as the rules ask`;
  if (changes.length > 0) {
    const irreversible = changes.filter(({ decision }) => isIrreversible(decision)).length;
    const forGood = irreversible === 0 ? '' : ` (${count(irreversible)} irreversible)`;
    const made = `${plural(changes.length, 'change')} to make with \`holdfast apply\`${forGood}`;
    return fine === 0 ? `${made}.` : `${made}; ${asRuled}.`;
  }
  if (fine === 0) return 'There is nothing that `holdfast apply` could do.';
  return troubles.length === 0 ? `${nothing}: ${asRuled}.` : `${nothing} in what could be read: ${asRuled}.`;
}

/** `InProgress, 365 days, 3.0 h left`: in one column, so that a table fits 80 columns. */
function policyNow({ observed }: PlanStep, madeAt: string): string {
  if (observed === null) return 'none';
  const { state, days, createdAt } = observed;
  const now = `${state}, ${quantity(days, 'day')}`;
  if (state !== 'InProgress') return now;
  const left = Date.parse(createdAt) + lockWindowMs - Date.parse(madeAt);
  return `${now}, ${(left / hour).toFixed(1)} h left`;
}

function action({ decision }: PlanStep): string {
  if (isIrreversible(decision)) return color.bold(color.red(`${decision.action} (irreversible)`));
  return decision.action === 'report' ? color.yellow(`report: ${decision.problem}`) : decision.action;
}
