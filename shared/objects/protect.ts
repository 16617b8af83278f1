import { creations, type ObjectEvent } from '../events/object-events.ts';
import { findCollision } from '../rules/collision.ts';
import { candidates, readsTags } from '../rules/match.ts';
import { observeEvent, observeListed } from './observe.ts';
import { type ObjectDeps, type ObjectOutcome, settle } from './settle.ts';

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
  const collision = findCollision(rules, bucket);
  if (collision !== undefined) throw collision;

  const tagged = concerned.some(readsTags);
  const { versions, listed } = await observeEvent(storage, event, tagged);
  if (versions.length === 0) return without({ action: 'gone' });
  const outcomes = await Promise.all(versions.map((version) => settle(deps, version)));
  if (listed || !mayHaveTwin(event, outcomes)) return outcomes;

  const known = new Set(versions.map((version) => version.versionId));
  const twins = await observeListed(storage, event, tagged, known);
  return [...outcomes, ...(await Promise.all(twins.map((twin) => settle(deps, twin))))];
}

/**
 * Whether an earlier upload of the same content within the same second may hide behind this version: its
 * size did not change, or somebody (the other upload's event?) has protected it already. Rare, and then
 * worth one listing, since that earlier version would otherwise stay unprotected.
 */
function mayHaveTwin(event: ObjectEvent, outcomes: readonly ObjectOutcome[]): boolean {
  return event.deltaSize === 0 || outcomes.some((outcome) => outcome.decision.action === 'already-protected');
}
