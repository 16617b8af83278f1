import pLimit from 'p-limit';
import { type FailedBucket, missingBuckets } from '../buckets/subjects.ts';
import { formatAddress } from '../platform/address.ts';
import type { Clock } from '../platform/clock.ts';
import { failure, type HoldfastError } from '../platform/errors.ts';
import { finishBy } from '../platform/finish-by.ts';
import { findCollision, ruleNames } from '../rules/collision.ts';
import { defaultsOfBucket } from '../rules/match.ts';
import type { DefaultRule, Rules } from '../rules/types.ts';
import type { BucketSummary, ObjectStore, Receipt } from '../storage/port.ts';
import { readBack } from '../storage/read-back.ts';
import { type BucketDefault, type DefaultDecision, decideDefault } from './decide.ts';

export interface DefaultDeps {
  readonly storage: ObjectStore;
  readonly rules: Rules;
  readonly clock: Clock;
  /** The region that is served. */
  readonly region: string;
}

/** A bucket that exactly one default rule matches, here. */
export interface DefaultSubject {
  readonly bucket: string;
  readonly rule: DefaultRule;
}

/** One bucket whose default retention was looked at, and what the rule leads to. */
export interface SeenDefault extends DefaultSubject {
  readonly decision: DefaultDecision;
}

/** This is what became of one bucket in a run. */
export interface DefaultOutcome extends SeenDefault {
  /** There where the default retention was put; not sent in a dry run. */
  readonly receipt?: Receipt;
  readonly error?: unknown;
}

/** Each bucket that a default rule matches is in exactly one of the lists. */
export interface DefaultRun {
  readonly outcomes: readonly DefaultOutcome[];
  readonly troubles: readonly FailedBucket[];
}

const concurrency = 8;

/**
 * Finds the buckets that the default rules match. One in another region, one that two of them or a bucket rule claim too, and one that
 * a rule names and nobody has are troubles. Pure.
 */
export function findDefaultSubjects(
  rules: Rules,
  buckets: readonly BucketSummary[],
  here: string,
): { readonly subjects: DefaultSubject[]; readonly troubles: FailedBucket[] } {
  const subjects: DefaultSubject[] = [];
  const troubles = missingBuckets(rules.defaults, new Set(buckets.map(({ name }) => name)));
  for (const { name: bucket, region } of buckets) {
    const matching = defaultsOfBucket(rules, bucket);
    const [rule] = matching;
    if (rule === undefined) continue;
    const error = whyNotKept(rules, bucket, matching, { region, here });
    if (error === undefined) subjects.push({ bucket, rule });
    else troubles.push({ bucket, rule: ruleNames(matching), error });
  }
  return { subjects, troubles };
}

function whyNotKept(
  rules: Rules,
  bucket: string,
  matching: readonly DefaultRule[],
  { region, here }: { readonly region: string; readonly here: string },
): HoldfastError | undefined {
  const collision = findCollision(rules, bucket);
  if (collision !== undefined) return collision;
  const rule = ruleNames(matching);
  if (matching.length > 1) return failure('DEFAULT_RULES_OVERLAP', { bucket, rules: rule });
  return region === here ? undefined : failure('BUCKET_ELSEWHERE', { rule, bucket, region, here });
}

/** Looks at the default retention of each bucket that a rule matches. Nothing is written. */
export async function surveyDefaults(
  deps: DefaultDeps,
  buckets: readonly BucketSummary[],
): Promise<{ readonly surveyed: readonly SeenDefault[]; readonly troubles: readonly FailedBucket[] }> {
  const { outcomes, troubles } = await serveDefaults(deps, buckets, (subject) =>
    lookAtDefault(deps, subject),
  );
  const failed = outcomes.flatMap(({ bucket, rule, error }) =>
    error === undefined ? [] : [{ bucket, rule: rule.name, error }],
  );
  return {
    surveyed: outcomes.filter(({ error }) => error === undefined),
    troubles: [...troubles, ...failed],
  };
}

/**
 * Keeps the default retention of each bucket that a rule matches in place: it puts the wished one where there is none or a shorter one, reads
 * it back, and reports the rest. A failure is that bucket's, and stops no other.
 * @param until nothing is begun at or after this instant
 */
export function keepDefaults(
  deps: DefaultDeps,
  buckets: readonly BucketSummary[],
  until: Date,
): Promise<DefaultRun> {
  return serveDefaults(deps, buckets, (subject) =>
    finishBy(deps.clock, until, `the default retention of bucket ${subject.bucket}`, () =>
      keepDefault(deps, subject),
    ),
  );
}

async function serveDefaults(
  { rules, region }: DefaultDeps,
  buckets: readonly BucketSummary[],
  serve: (subject: DefaultSubject) => Promise<DefaultOutcome>,
): Promise<DefaultRun> {
  if (rules.defaults.length === 0) return { outcomes: [], troubles: [] };
  const { subjects, troubles } = findDefaultSubjects(rules, buckets, region);
  const limit = pLimit(concurrency);
  const served = await Promise.all(
    subjects.map((subject) =>
      limit(serve, subject).catch((error: unknown): FailedBucket => {
        return { bucket: subject.bucket, rule: subject.rule.name, error };
      }),
    ),
  );
  const isOutcome = (each: DefaultOutcome | FailedBucket): each is DefaultOutcome => 'decision' in each;
  return {
    outcomes: served.filter(isOutcome),
    troubles: [...troubles, ...served.filter((each): each is FailedBucket => !isOutcome(each))],
  };
}

/** Looks at the default retention of one bucket, and decides. @throws what the service refuses */
export async function lookAtDefault(
  { storage, rules }: Pick<DefaultDeps, 'storage' | 'rules'>,
  { bucket, rule }: DefaultSubject,
): Promise<SeenDefault> {
  const worm = await storage.getObjectWorm(bucket);
  return { bucket, rule, decision: decideDefault({ rule, worm, limit: rules.limits.maxRetention }) };
}

async function keepDefault(deps: DefaultDeps, subject: DefaultSubject): Promise<DefaultOutcome> {
  const seen = await lookAtDefault(deps, subject);
  const { decision } = seen;
  if (decision.action !== 'set-default') return seen;
  try {
    return { ...seen, receipt: await putDefault(deps, subject, decision.retention) };
  } catch (error) {
    return { ...seen, error };
  }
}

/** Puts a default retention, and reads it back: only what the service then shows counts. */
async function putDefault(
  deps: DefaultDeps,
  subject: DefaultSubject,
  defaultRetention: BucketDefault,
): Promise<Receipt> {
  const { storage, clock } = deps;
  const { bucket } = subject;
  const receipt = await storage.putObjectWorm(bucket, { defaultRetention });
  if (!receipt.sent) return receipt;
  const read = async () => (await lookAtDefault(deps, subject)).decision;
  const { value, verified } = await readBack(clock, read, ({ action }) => action === 'default-in-place');
  if (verified) return receipt;
  const found = value.action === 'report' ? value.problem : 'the default retention of before';
  const target = formatAddress(storage.cloud, { bucket });
  throw failure('NOT_VERIFIED', { operation: 'setting the default retention', target, found });
}
