import * as z from 'zod';
import { failure, HoldfastError } from '../platform/errors.ts';
import { formatInstant } from '../platform/instant.ts';
import { quantity } from '../platform/quantity.ts';
import { readForm } from '../platform/read-form.ts';
import { hashOfValue, hashRules } from '../rules/hash-rules.ts';
import type { Rules } from '../rules/types.ts';
import type { BucketPolicy } from '../storage/port.ts';
import type { ObservedBucket } from './observe.ts';
import type { Oldest } from './oldest.ts';
import type { BucketSurvey } from './run.ts';
import { type BucketDecision, changeActions } from './types.ts';

const instant = z.iso.datetime();

const actions = [
  ...(['initiate', 'renew', 'lock', 'extend', 'abort'] as const),
  ...(['wait', 'watch', 'leave', 'report'] as const),
] as const satisfies BucketDecision['action'][];

const step = z.strictObject({
  bucket: z.string(),
  rule: z.string(),
  /** The policy as it was seen; null: there was none. */
  observed: z
    .strictObject({
      id: z.string(),
      state: z.string(),
      days: z.int(),
      createdAt: instant,
      /** It is the date of the oldest version, where the decision depended on it. */
      oldest: z.union([instant, z.enum(['none', 'unknown'])]).optional(),
    })
    .nullable(),
  decision: z.strictObject({
    action: z.enum(actions),
    reason: z.string(),
    id: z.string().optional(),
    state: z.string().optional(),
    days: z.int().optional(),
    fromDays: z.int().optional(),
    until: instant.optional(),
    deadline: instant.optional(),
    problem: z.string().optional(),
  }),
});

/** A bucket that a rule matches and that could not be looked at, and why. */
export const policyPlanTrouble = z.strictObject({
  bucket: z.string(),
  rule: z.string(),
  code: z.string(),
  message: z.string(),
});

/** The form of a kept plan. */
export const policyPlan = z.strictObject({
  version: z.literal(1),
  madeAt: instant,
  region: z.string(),
  rulesHash: z.string(),
  steps: z.array(step),
  /** Buckets that a rule matches and that could not be looked at. */
  troubles: z.array(policyPlanTrouble),
  /** Over everything else. */
  hash: z.string(),
});

/**
 * A plan as `plan --json` prints it says its format too, what open matters hold, what is approved, the default retention of buckets, and the regions where it is of several, on
 * which nothing in it depends.
 */
const printedPlan = policyPlan.extend({
  format: z.literal('holdfast.plan/1').optional(),
  matters: z.unknown().optional(),
  approvals: z.unknown().optional(),
  approvalsUnknown: z.unknown().optional(),
  defaults: z.unknown().optional(),
  regions: z.unknown().optional(),
});

/**
 * This is what would be done about bucket policies at one moment, in a form that can be kept. Instants are ISO 8601,
 * UTC.
 */
export type PolicyPlan = z.infer<typeof policyPlan>;
export type PlanStep = PolicyPlan['steps'][number];

/** Writes down a survey. Pure; the same rules, state and instant give the same plan. */
export function makePlan(survey: BucketSurvey, rules: Rules, region: string, madeAt: Date): PolicyPlan {
  const body = {
    version: 1,
    madeAt: formatInstant(madeAt),
    region,
    rulesHash: hashRules(rules),
    steps: survey.surveyed.map(toStep),
    troubles: survey.troubles.map(({ bucket, rule, error }) => ({ bucket, rule, ...describe(error) })),
  } as const;
  return { ...body, hash: hashOfValue(body) };
}

/**
 * Reads a kept plan.
 * @param file its name, for the error
 * @throws PLAN_INVALID when it has another form, or its hash is not its own
 */
export function parsePlan(text: string, file: string): PolicyPlan {
  const invalid = (reason: string, cause?: unknown) => failure('PLAN_INVALID', { file, reason }, { cause });
  const {
    format: _format,
    matters: _matters,
    approvals: _approvals,
    approvalsUnknown: _approvalsUnknown,
    defaults: _defaults,
    regions: _regions,
    ...kept
  } = readForm(text, printedPlan, invalid);
  const { hash, ...body } = kept;
  if (hash !== hashOfValue(body)) throw invalid('its hash does not fit: it was edited or cut off');
  return kept;
}

/** Returns the steps that change something. */
export const changesOf = ({ steps }: PolicyPlan): PlanStep[] =>
  steps.filter(({ decision }) => changeActions.has(decision.action));

/**
 * Tells what has changed between two plans of anything that the first one's changes depend on, one sentence each;
 * empty when it can be carried out as it is. Reasons are words and do not count.
 */
export function planDifferences(planned: PolicyPlan, current: PolicyPlan): string[] {
  const changes = changesOf(planned);
  if (changes.length === 0) return [];
  return [
    ...compare('the region', planned.region, current.region),
    ...(planned.rulesHash === current.rulesHash ? [] : ['the rules are others']),
    ...changes.flatMap((step) => stepDifferences(step, current)),
  ];
}

function stepDifferences(planned: PlanStep, { steps, troubles }: PolicyPlan): string[] {
  const { bucket } = planned;
  const current = steps.find((step) => step.bucket === bucket);
  if (current === undefined) {
    const why = troubles.find((trouble) => trouble.bucket === bucket);
    return [`bucket ${bucket}: ${why ? `${why.code}: ${why.message}` : 'no rule matches it, or it is gone'}`];
  }
  const { observed: before, decision: wanted } = planned;
  const { observed: after, decision } = current;
  return [
    ...compare(`bucket ${bucket}: the rule`, planned.rule, current.rule),
    ...compare(`bucket ${bucket}: the policy`, before?.id, after?.id),
    ...compare(`bucket ${bucket}: its state`, before?.state, after?.state),
    ...compare(`bucket ${bucket}: its days`, before?.days, after?.days),
    ...compare(`bucket ${bucket}: its creation date`, before?.createdAt, after?.createdAt),
    ...compare(`bucket ${bucket}: its oldest object`, before?.oldest, after?.oldest),
    ...compare(`bucket ${bucket}: what to do`, inWords(wanted), inWords(decision)),
  ];
}

function compare(
  what: string,
  before: string | number | undefined,
  after: string | number | undefined,
): string[] {
  return before === after ? [] : [`${what} was ${before ?? 'none'} and is ${after ?? 'none'}`];
}

const inWords = ({ action, days }: PlanStep['decision']): string =>
  days === undefined ? action : `${action} (${quantity(days, 'day')})`;

function toStep({ bucket, rule, policy, decision, oldest }: ObservedBucket): PlanStep {
  return {
    bucket,
    rule: rule.name,
    observed: policy ? toObserved(policy, oldest) : null,
    decision: toText(decision),
  };
}

function toObserved(
  { id, state, days, createdAt }: BucketPolicy,
  oldest: Oldest | undefined,
): NonNullable<PlanStep['observed']> {
  const seen = { id, state, days, createdAt: formatInstant(createdAt) };
  if (oldest === undefined) return seen;
  return { ...seen, oldest: oldest.kind === 'version' ? formatInstant(oldest.lastModified) : oldest.kind };
}

function toText(decision: BucketDecision): PlanStep['decision'] {
  const { until, deadline, ...rest } = { until: undefined, deadline: undefined, ...decision };
  return {
    ...rest,
    ...(until && { until: formatInstant(until) }),
    ...(deadline && { deadline: formatInstant(deadline) }),
  };
}

function describe(error: unknown): { code: string; message: string } {
  if (error instanceof HoldfastError) return { code: error.code, message: error.message };
  return { code: 'UNEXPECTED', message: error instanceof Error ? error.message : String(error) };
}
