import { creations, type ObjectEvent } from '../events/object-events.ts';
import type { Clock } from '../platform/clock.ts';
import { failure, HoldfastError, hasCode } from '../platform/errors.ts';
import { formatInstant } from '../platform/instant.ts';
import { bucketRules, candidates, objectRulesOfBucket, readsTags } from '../rules/match.ts';
import type { Rules } from '../rules/types.ts';
import type { Receipt, Storage, VersionId } from '../storage/port.ts';
import { decideObject } from './decide.ts';
import { observeEvent, observeListed } from './observe.ts';
import type { ObjectDecision, ObservedVersion, Problem } from './types.ts';

export interface ObjectDeps {
  readonly storage: Storage;
  readonly rules: Rules;
  readonly clock: Clock;
}

/** What became of one version, or of an event that led to none. */
export interface ObjectOutcome {
  readonly bucket: string;
  readonly key: string;
  readonly versionId: VersionId | undefined;
  readonly decision:
    | ObjectDecision
    /** The version was deleted for good before it could be protected; no repeat can help. */
    | { readonly action: 'gone' }
    /** An event that creates no version that could be retained. */
    | { readonly action: 'ignored'; readonly reason: string };
  /** What the write left in the hand, when one was made. */
  readonly receipt?: Receipt;
  /** Everything that went wrong; with any of these the event has failed. */
  readonly errors: readonly HoldfastError[];
}

/**
 * Protects the version that one event speaks of: observe, decide, apply, and verify where the reply does not
 * prove the result. Makes no request when no rule can match bucket and key. Repeating it is harmless.
 *
 * @returns one outcome a version (more than one only if uploads cannot be told apart), with its errors
 * @throws what observing throws: nothing has been changed then
 */
export async function protectObject(deps: ObjectDeps, event: ObjectEvent): Promise<ObjectOutcome[]> {
  const { storage, rules } = deps;
  const { bucket, key } = event;
  const without = (decision: ObjectOutcome['decision']): ObjectOutcome[] => [
    { bucket, key, versionId: event.versionId, decision, errors: [] },
  ];
  if (!creations.has(event.name)) {
    return without({ action: 'ignored', reason: `${event.name} makes no version that can be retained` });
  }
  const concerned = candidates(rules, bucket, key);
  if (concerned.length === 0) return without({ action: 'no-rule' });
  refuseCollision(rules, bucket);

  const tagged = concerned.some(readsTags);
  const { versions, listed } = await observeEvent(storage, event, tagged);
  if (versions.length === 0) return without({ action: 'gone' });
  const outcomes = await Promise.all(versions.map((version) => settle(deps, version)));
  if (listed || !mayHaveTwin(event, outcomes)) return outcomes;

  const known = new Set(versions.map((version) => version.versionId));
  const twins = await observeListed(storage, event, tagged, known);
  return [...outcomes, ...(await Promise.all(twins.map((twin) => settle(deps, twin))))];
}

/** OSS makes ObjectWorm and a bucket WORM policy exclusive, so rules of both kinds cannot both be right. */
function refuseCollision(rules: Rules, bucket: string): void {
  const claims = bucketRules(rules, bucket);
  if (claims.length === 0) return;
  const names = (list: readonly { name: string }[]) => list.map((rule) => rule.name).join(', ');
  const objectRules = names(objectRulesOfBucket(rules, bucket));
  throw failure('RULES_COLLIDE', { bucket, objectRules, bucketRules: names(claims) });
}

/**
 * Whether an earlier upload of the same content within the same second may hide behind this version: its
 * size did not change, or somebody (the other upload's event?) has protected it already. Rare, and then
 * worth one listing, since that earlier version would otherwise stay unprotected.
 */
function mayHaveTwin(event: ObjectEvent, outcomes: readonly ObjectOutcome[]): boolean {
  return event.deltaSize === 0 || outcomes.some((outcome) => outcome.decision.action === 'already-protected');
}

async function settle(
  { storage, rules, clock }: ObjectDeps,
  version: ObservedVersion,
): Promise<ObjectOutcome> {
  const { bucket, key, versionId } = version;
  const decision = decideObject(rules, version, clock.now());
  const errors = 'problems' in decision ? decision.problems.map((problem) => asError(problem, version)) : [];
  const outcome = { bucket, key, versionId, decision, errors };
  if (decision.action !== 'protect') return outcome;
  try {
    const at = { bucket, key, versionId };
    const receipt = await storage.putRetention(at, { mode: 'COMPLIANCE', until: decision.until });
    return { ...outcome, receipt };
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error;
    if (hasCode(error, 'NO_SUCH_OBJECT')) return { ...outcome, decision: { action: 'gone' } };
    if (!hasCode(error, 'ACCESS_DENIED')) return { ...outcome, errors: [...errors, error] };
    return await readBack(storage, version, outcome, decision, error);
  }
}

/** AccessDenied means "no permission" or "would shorten": what is stored tells which. */
async function readBack(
  storage: Storage,
  { bucket, key, versionId }: ObservedVersion,
  outcome: ObjectOutcome,
  decision: Extract<ObjectDecision, { action: 'protect' }>,
  denied: HoldfastError,
): Promise<ObjectOutcome> {
  const stored = await storage.getRetention({ bucket, key, versionId }).catch(() => undefined);
  if (stored === undefined || stored.until < decision.until) {
    return { ...outcome, errors: [...outcome.errors, denied] };
  }
  return { ...outcome, decision: { ...decision, action: 'already-protected', previousUntil: stored.until } };
}

/** The coded error that a rule's problem is reported as. */
export function asError(problem: Problem, { bucket, key, versionId }: ObservedVersion): HoldfastError {
  const target = `oss://${bucket}/${key}?versionId=${versionId}`;
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
