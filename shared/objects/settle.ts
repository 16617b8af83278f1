import { type CloudName, formatAddress } from '../platform/address.ts';
import type { Clock } from '../platform/clock.ts';
import { failure, HoldfastError, hasCode } from '../platform/errors.ts';
import { formatInstant } from '../platform/instant.ts';
import type { Rules } from '../rules/types.ts';
import type { ObjectStore, Retention, VersionAt } from '../storage/port.ts';
import { decideObject } from './decide.ts';
import type { ObjectOutcome } from './outcome.ts';
import type { ObjectDecision, ObservedVersion, RuleFailure } from './types.ts';

export interface ObjectDeps {
  readonly storage: ObjectStore;
  readonly rules: Rules;
  readonly clock: Clock;
}

/** Protects one version that was observed: the same for an event, a backfill and a repair. */
export function settle(deps: ObjectDeps, version: ObservedVersion): Promise<ObjectOutcome> {
  return carryOutDecision(deps.storage, judge(deps.rules, version, deps.clock.now()));
}

/** Decides about one version; nothing is written, and the rules' problems are errors already. */
export function judge(rules: Rules, version: ObservedVersion, now: Date): ObjectOutcome {
  const { bucket, key, versionId } = version;
  const decision = decideObject(rules, version, now);
  const errors =
    'problems' in decision ? decision.problems.map((problem) => asError(rules.cloud, problem, version)) : [];
  return { bucket, key, versionId, decision, errors };
}

/** Writes what was decided, if anything, and verifies it where the reply does not prove the result. */
export async function carryOutDecision(
  storage: RetentionCalls,
  outcome: ObjectOutcome,
): Promise<ObjectOutcome> {
  const { bucket, key, versionId, decision, errors } = outcome;
  if (decision.action !== 'protect' || versionId === undefined) return outcome;
  const at = { bucket, key, versionId };
  try {
    const receipt = await storage.putRetention(at, { mode: 'COMPLIANCE', until: decision.until });
    return { ...outcome, receipt };
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error;
    if (hasCode(error, 'NO_SUCH_OBJECT')) return { ...outcome, decision: { action: 'gone' } };
    if (!hasCode(error, ...refusals)) return { ...outcome, errors: [...errors, error] };
    return await explainRefusal(storage, at, outcome, decision, error);
  }
}

/** The calls that putting a retention takes. */
type RetentionCalls = Pick<ObjectStore, 'cloud' | 'putRetention' | 'getRetention'>;

/** Each cloud says by another code that a date would shorten: OSS AccessDenied, OBS InvalidRequest, and either may change. */
const refusals = ['ACCESS_DENIED', 'REQUEST_REFUSED', 'IMMUTABLE'] as const;

/**
 * A refusal means "no permission" or "would shorten": what is stored tells which. A failure to read it says nothing
 * about the write, and is reported as what it is, so that a transient one is repeated.
 */
async function explainRefusal(
  storage: RetentionCalls,
  at: VersionAt,
  outcome: ObjectOutcome,
  decision: Extract<ObjectDecision, { action: 'protect' }>,
  denied: HoldfastError,
): Promise<ObjectOutcome> {
  const failed = (error: HoldfastError) => ({ ...outcome, errors: [...outcome.errors, error] });
  let stored: Retention | undefined;
  try {
    stored = await storage.getRetention(at);
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error;
    return failed(error.transient ? error : denied);
  }
  if (stored?.mode === 'GOVERNANCE')
    return failed(asError(storage.cloud, { code: 'GOVERNANCE_MODE', rule: decision.rule }, at));
  if (stored === undefined || stored.until < decision.until) return failed(denied);
  return { ...outcome, decision: { ...decision, action: 'already-protected', previousUntil: stored.until } };
}

/** Returns the coded error that a rule's problem is reported as. */
export function asError(
  cloud: CloudName,
  problem: RuleFailure,
  { bucket, key, versionId }: VersionAt,
): HoldfastError {
  const target = formatAddress(cloud, { bucket, key, versionId });
  const { rule } = problem;
  switch (problem.code) {
    case 'OVER_CAP':
      return failure('OVER_CAP', { rule, target, until: formatInstant(problem.until), limit: problem.limit });
    case 'TAG_UNREADABLE': {
      const value = problem.value === undefined ? '(missing)' : JSON.stringify(problem.value);
      return failure('TAG_UNREADABLE', { rule, target, tag: problem.tag, value, expected: problem.expected });
    }
    case 'GOVERNANCE_MODE':
      return failure('GOVERNANCE_MODE', { target });
  }
}
