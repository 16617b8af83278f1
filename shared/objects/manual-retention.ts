import { formatAddress } from '../platform/address.ts';
import type { Clock } from '../platform/clock.ts';
import { failure, type HoldfastError } from '../platform/errors.ts';
import { ceilToSecond, formatInstant } from '../platform/instant.ts';
import { ruleNames } from '../rules/collision.ts';
import { everyName } from '../rules/compiled-pattern.ts';
import { bucketRules } from '../rules/match.ts';
import type { ObjectRule, Rules } from '../rules/types.ts';
import type { ObjectStore, Retention } from '../storage/port.ts';
import { readBack } from '../storage/read-back.ts';
import type { ObjectOutcome } from './outcome.ts';
import { carryOutDecision, judge } from './settle.ts';
import type { ObservedVersion } from './types.ts';
import { skippedReasons } from './unretainable.ts';

/** The answer to a person who wants a version kept until a date: write it, leave it as it is, or refuse. */
export type ManualRetentionDecision =
  | { readonly kind: 'do' | 'leave'; readonly outcome: ObjectOutcome }
  | { readonly kind: 'refuse'; readonly error: HoldfastError };

/** The instants of a manual request: until when the version is to be kept, and when that is asked. */
export interface ManualRetentionDates {
  /** It is rounded up to the full second. */
  readonly until: Date;
  readonly now: Date;
}

/**
 * Decides whether a person may have a version kept until a date. Pure. The request is judged as a rule of its own for this
 * one version, by the same decision as every rule, so the same caps and the same refusals hold.
 * @returns `leave` when it is kept until just then already; a refusal is BEYOND_RULES, NOT_POSSIBLE_NOW, WOULD_SHORTEN or
 * GOVERNANCE_MODE
 */
export function decideManualRetention(
  rules: Rules,
  version: ObservedVersion,
  { until, now }: ManualRetentionDates,
): ManualRetentionDecision {
  const operation = 'PutObjectRetention';
  const target = formatAddress(rules.cloud, version);
  const beyond = (reason: string) => refuse(failure('BEYOND_RULES', { operation, target, reason }));
  const notNow = (reason: string, advice: string) =>
    refuse(failure('NOT_POSSIBLE_NOW', { operation, target, reason, advice }));
  const buckets = bucketRules(rules, version.bucket);
  if (buckets.length > 0) {
    return beyond(
      `its bucket is matched by bucket rules (${ruleNames(buckets)}), and the two kinds exclude each other`,
    );
  }
  const own = { ...rules, objects: [ruleFor(version, until)], buckets: [] };
  const outcome = judge(own, version, now);
  const { decision, errors } = outcome;
  const problem = decision.action === 'refuse' ? decision.problems[0] : undefined;
  if (problem?.code === 'OVER_CAP') {
    return beyond(`${formatInstant(problem.until)} is beyond limits.maxRetention (${problem.limit})`);
  }
  const [error] = errors;
  if (error !== undefined) return refuse(error);
  switch (decision.action) {
    case 'skipped':
      return notNow(skippedReasons[decision.why], 'name the version id of an object with data');
    case 'elapsed':
      return notNow(`${formatInstant(decision.until)} is past`, 'name a later date');
    case 'already-protected': {
      if (decision.previousUntil <= decision.until) return { kind: 'leave', outcome };
      const [wanted, stored] = [decision.until, decision.previousUntil].map(formatInstant);
      return refuse(
        failure('WOULD_SHORTEN', { operation, target, wanted: `${wanted}`, stored: `${stored}` }),
      );
    }
    default:
      return { kind: 'do', outcome };
  }
}

const refuse = (error: HoldfastError): ManualRetentionDecision => ({ kind: 'refuse', error });

/** The retention that a manual request has brought about. */
export interface ManualRetentionResult {
  readonly outcome: ObjectOutcome;
  /** It is the retention as the service shows it afterwards; undefined in a dry run. */
  readonly stored: Retention | undefined;
}

/**
 * Carries out what was judged and reads it back; only what the service then shows counts as done.
 * @throws NOT_VERIFIED, NO_SUCH_OBJECT, and what the service refuses
 */
export async function applyManualRetention(
  storage: ObjectStore,
  clock: Clock,
  judged: ObjectOutcome,
): Promise<ManualRetentionResult> {
  const outcome = await carryOutDecision(storage, judged);
  const [error] = outcome.errors;
  if (error !== undefined) throw error;
  if (outcome.receipt?.sent === false) return { outcome, stored: undefined };
  const { bucket, key, versionId, decision } = outcome;
  const target = formatAddress(storage.cloud, { bucket, key, versionId });
  if (!('until' in decision)) {
    throw failure('NO_SUCH_OBJECT', { operation: 'PutObjectRetention', target, code: 'NoSuchVersion' });
  }
  const { value: stored, verified } = await readBack(
    clock,
    () => storage.getRetention({ bucket, key, versionId }),
    (shown) => shown !== undefined && shown.until >= decision.until,
  );
  if (verified) return { outcome, stored };
  const found = stored === undefined ? 'no retention' : `retention until ${formatInstant(stored.until)}`;
  throw failure('NOT_VERIFIED', { operation: 'PutObjectRetention', target, found });
}

function ruleFor({ lastModified }: ObservedVersion, until: Date): ObjectRule {
  const ms = ceilToSecond(until).getTime() - lastModified.getTime();
  return {
    name: 'by-hand',
    match: { bucket: everyName, key: undefined, tags: new Map() },
    retain: { kind: 'for', period: { months: 0, ms, text: `until ${formatInstant(until)}` } },
  };
}
