import { lockWindowMs } from '../shared/buckets/decide.ts';
import { changesOf, type PlanStep, type PolicyPlan } from '../shared/buckets/plan.ts';
import { isIrreversible } from '../shared/buckets/types.ts';
import { hour } from '../shared/platform/instant.ts';
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
  return [...bodies, ...complaints, summary(plan, `${madeAt}, ${region}`)].join('\n');
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
