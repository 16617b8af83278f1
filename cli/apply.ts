import type { Command } from 'commander';
import { approvalRecord } from '../shared/approvals/fields.ts';
import type { Approval } from '../shared/approvals/types.ts';
import { approvalsNeededBy } from '../shared/buckets/approval.ts';
import {
  changesOf,
  type PlanStep,
  type PolicyPlan,
  parsePlan,
  planDifferences,
} from '../shared/buckets/plan.ts';
import { bucketRecord } from '../shared/buckets/record.ts';
import { type BucketOutcome, carryOutSurvey } from '../shared/buckets/run.ts';
import { failure } from '../shared/platform/errors.ts';
import { quantity } from '../shared/platform/quantity.ts';
import type { Rules } from '../shared/rules/types.ts';
import { addRulesOptions, type Cloud, type RulesOptions, readRules } from './options/cloud-options.ts';
import { readText } from './options/read-text.ts';
import { type Look, look, needsAttention } from './plan/look.ts';
import { planTable } from './plan/table.ts';
import { confirm, here, type Terminal } from './terminal/confirm.ts';
import { onInterrupt } from './terminal/interrupt.ts';
import { color, describeError, print, type Report, show, table } from './terminal/output.ts';
import { addAllRegionsOption, connectRegions } from './world/all-regions.ts';
import { type ApprovingWorld, requireApprovals } from './world/approvals.ts';
import { evidenceOf } from './world/evidence.ts';
import { guarded } from './world/guarded.ts';

interface Options extends RulesOptions {
  readonly json?: boolean;
  readonly allRegions?: boolean;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  readonly detailedExitcode?: boolean;
}

export function configure(command: Command): void {
  addRulesOptions(
    addAllRegionsOption(command)
      .argument('[plan]', 'a plan kept with `holdfast plan --out`; without it: what `plan` shows now')
      .option('--yes', 'do not ask before what cannot be undone')
      .option('--dry-run', 'go through it all and send no write')
      .option('--detailed-exitcode', 'exit with 0: nothing was changed, 1: any error, 2: changes were made'),
  ).action(async (file: string | undefined, options: Options) =>
    show(await applyPlan(file, options), options),
  );
}

/**
 * Carries out a kept plan, or what `plan` shows now: look, compare, confirm, look again, apply, read back.
 * @throws PLAN_INVALID, PLAN_CHANGED when anything that its changes depend on is different by now, what
 *   {@link requireApprovals} throws, NOT_CONFIRMED
 */
export async function applyPlan(
  file: string | undefined,
  options: Options,
  terminal = here,
): Promise<Report> {
  const kept = file === undefined ? undefined : parsePlan(await readText(file), file);
  const rules = await readRules(options);
  const cloud = guarded(await connectRegions(options, rules), options);
  const seen = await look(rules, cloud);
  const plan = kept ?? seen.plan;
  refuseChanges(plan, seen);
  if (options.json !== true) print(`${planTable(plan)}\n`);
  const before = await approvalsOf(plan, { ...cloud, rules }, options);
  const current = await agreed(plan, seen, { rules, cloud, options, terminal });
  // Where a question was asked, one may have ended meanwhile.
  const approved = current === seen ? before : await approvalsOf(plan, { ...cloud, rules }, options);
  onInterrupt(stopMidway);
  const outcomes = await carryOutSurvey({ ...cloud, rules }, only(current, changesOf(plan)));
  const now = cloud.clock.now();
  const evidence = evidenceOf('holdfast apply', { ...cloud, rules });
  await evidence.keep(
    outcomes.map((outcome) => ({
      ...bucketRecord(outcome, now),
      ...approvalRecord(approved.get(outcome.bucket)),
    })),
  );
  return report(plan, outcomes, options);
}

/**
 * Returns the approvals of the changes that need one, by bucket; a dry run needs none.
 * @throws what {@link requireApprovals} throws, before anything is asked or done
 */
async function approvalsOf(
  plan: PolicyPlan,
  world: ApprovingWorld,
  { dryRun, allRegions }: Options,
): Promise<ReadonlyMap<string, Approval>> {
  if (dryRun === true) return new Map();
  const needed = approvalsNeededBy(world.rules, changesOf(plan), world.clock.now());
  const make = `holdfast plan --out plan.json${allRegions === true ? ' --all-regions' : ''}`;
  const approved = await requireApprovals(world, needed, make);
  return new Map(
    needed.flatMap((subject) => {
      const approval = approved.get(subject);
      return approval === undefined ? [] : [[subject.bucket, approval]];
    }),
  );
}

interface Asking {
  readonly rules: Rules;
  readonly cloud: Cloud;
  readonly options: Options;
  readonly terminal: Terminal;
}

/** Asks where it must; a person takes time to answer, so everything is looked at again afterwards. */
async function agreed(
  plan: PolicyPlan,
  seen: Look,
  { rules, cloud, options, terminal }: Asking,
): Promise<Look> {
  if (options.yes === true || options.dryRun === true) return seen;
  if (!(await confirm(changesOf(plan), terminal))) return seen;
  const again = await look(rules, cloud);
  refuseChanges(plan, again);
  return again;
}

function refuseChanges(plan: PolicyPlan, current: Look): void {
  const found = planDifferences(plan, current.plan);
  if (found.length > 0) throw failure('PLAN_CHANGED', { differences: found.join('\n') });
}

/** Exactly the plan's buckets; what else has become due since is for another plan. */
function only({ survey }: Look, steps: readonly PlanStep[]): Look['survey'] {
  const buckets = new Set(steps.map(({ bucket }) => bucket));
  return { surveyed: survey.surveyed.filter(({ bucket }) => buckets.has(bucket)), troubles: [] };
}

function stopMidway(): void {
  process.stderr.write(
    '\ninterrupted: some changes may have been made; `holdfast plan` shows what is so now\n',
  );
  process.exit(130);
}

function report(plan: PolicyPlan, outcomes: readonly BucketOutcome[], options: Options): Report {
  const rows = outcomes.map((outcome) => [outcome.bucket, outcome.decision.action, resultOf(outcome)]);
  const failed = outcomes.some(({ error }) => error !== undefined);
  const changed = outcomes.some((outcome) => 'applied' in outcome && outcome.applied?.sent === true);
  return {
    text: rows.length === 0 ? 'nothing to do' : table(['bucket', 'action', 'result, read back'], rows),
    json: { planHash: plan.hash, results: outcomes.map(asJson), troubles: plan.troubles },
    exitCode: failed || needsAttention(plan) ? 1 : options.detailedExitcode === true && changed ? 2 : 0,
  };
}

function resultOf(outcome: BucketOutcome): string {
  if (outcome.error !== undefined) {
    const { code, message, remedy } = describeError(outcome.error);
    return color.red(`failed: ${code}: ${message}; what to do: ${remedy}`);
  }
  const applied = 'applied' in outcome ? outcome.applied : undefined;
  if (applied?.sent === false) return 'dry run: not sent';
  const { policy, note } = applied ?? {};
  const state = policy ? `${policy.state}, ${quantity(policy.days, 'day')}` : 'no policy';
  return [color.green('done'), state, ...(note === undefined ? [] : [note])].join(': ');
}

function asJson(outcome: BucketOutcome): Record<string, unknown> {
  const { bucket, rule, decision } = outcome;
  const named = { bucket, rule: rule.name, action: decision.action };
  if (outcome.error !== undefined) return { ...named, ok: false, error: describeError(outcome.error) };
  return { ...named, ok: true, ...('applied' in outcome && outcome.applied) };
}
