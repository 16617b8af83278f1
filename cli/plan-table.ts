import { lockWindowMs } from '../shared/buckets/decide.ts';
import { changesOf, type PlanStep, type PolicyPlan } from '../shared/buckets/plan.ts';
import { isIrreversible } from '../shared/buckets/types.ts';
import { hour } from '../shared/platform/instant.ts';
import { count, plural } from '../shared/posture/words.ts';
import { color, table } from './output.ts';

/** Returns a plan for people: every bucket that was looked at, what is to be done, and what could not be looked at. */
export function planTable(plan: PolicyPlan): string {
  const { steps, troubles, madeAt, region } = plan;
  const rows = steps.map((step) => [
    step.bucket,
    step.rule,
    step.observed?.state ?? 'none',
    String(step.observed?.days ?? '-'),
    hoursLeft(step, madeAt),
    action(step),
    step.decision.reason,
  ]);
  const head = ['bucket', 'rule', 'state', 'days', 'hours left', 'action', 'reason'];
  const bodies = steps.length === 0 ? [] : [table(head, rows)];
  const complaints = troubles.map(
    ({ bucket, code, message }) => `${color.red(`${code}`)} ${bucket}: ${message}`,
  );
  return [...bodies, ...complaints, ...closing(plan), summary(plan, `${madeAt}, ${region}`)].join('\n');
}

/** Says what follows from it, in a sentence for each part. */
function closing(plan: PolicyPlan): string[] {
  const { steps, troubles } = plan;
  if (steps.length === 0 && troubles.length === 0)
    return ['Nothing to do: no bucket policy is under a rule.'];
  const changes = changesOf(plan);
  const waiting = steps.filter(({ decision }) => decision.action === 'report');
  const fine = steps.length - changes.length - waiting.length;
  const asRuled = `${plural(fine, 'policy', 'policies')} ${fine === 1 ? 'is' : 'are'} as the rules ask`;
  const start =
    changes.length === 0
      ? `Nothing to do: ${asRuled}.`
      : `${plural(changes.length, 'change')} to make with \`holdfast apply\`; ${asRuled}.`;
  const persons = waiting.map(({ bucket, decision }) => `${bucket} (${decision.problem})`).join(', ');
  const unread = troubles.map(({ bucket }) => bucket).join(', ');
  return [
    [
      start,
      ...(waiting.length === 0
        ? []
        : [`${count(waiting.length)} ${waiting.length === 1 ? 'needs' : 'need'} you: ${persons}.`]),
      ...(troubles.length === 0 ? [] : [`${count(troubles.length)} could not be judged: ${unread}.`]),
    ].join(' '),
  ];
}

function hoursLeft({ observed }: PlanStep, madeAt: string): string {
  if (observed?.state !== 'InProgress') return '-';
  const left = Date.parse(observed.createdAt) + lockWindowMs - Date.parse(madeAt);
  return (left / hour).toFixed(1);
}

function action({ decision }: PlanStep): string {
  if (isIrreversible(decision)) return color.bold(color.red(`${decision.action} (irreversible)`));
  return decision.action === 'report' ? color.yellow(`report: ${decision.problem}`) : decision.action;
}

function summary(plan: PolicyPlan, where: string): string {
  const changes = changesOf(plan);
  const forGood = changes.filter(({ decision }) => isIrreversible(decision)).length;
  const counts = `${plan.steps.length} bucket(s), ${changes.length} change(s), ${forGood} irreversible`;
  return color.dim(`${counts} (${where})`);
}
