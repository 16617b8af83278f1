import pLimit from 'p-limit';
import { reasonToIgnore } from '../events/event-names.ts';
import type { ObjectEvent } from '../events/object-events.ts';
import { hasCode } from '../platform/errors.ts';
import { hour } from '../platform/instant.ts';
import { findCollision } from '../rules/collision.ts';
import { candidates, readsTags } from '../rules/match.ts';
import type { ObjectRule, Rules } from '../rules/types.ts';
import { keyReadings } from './key-readings.ts';
import { observeEvent, observeListed } from './observe.ts';
import { type ObjectDeps, type ObjectOutcome, settle } from './settle.ts';
import type { ObservedVersion } from './types.ts';

/** This is what became of one event. */
export interface HandledEvent {
  /** One outcome a version, each with its own errors; what was done before an error is here too. */
  readonly outcomes: readonly ObjectOutcome[];
  /** This is what ended the handling early; undefined when all was tried. */
  readonly error: unknown;
}

/**
 * Protects the versions that one event may mean: observe, decide, apply, and verify where the reply does not prove the
 * result. Makes no request when no rule can match bucket and key. Repeating it is harmless. Never throws.
 */
export async function handleEvent(deps: ObjectDeps, event: ObjectEvent): Promise<HandledEvent> {
  const outcomes: ObjectOutcome[] = [];
  try {
    await protectMeant(deps, event, outcomes);
    return { outcomes, error: undefined };
  } catch (error) {
    return { outcomes, error };
  }
}

async function protectMeant(deps: ObjectDeps, event: ObjectEvent, outcomes: ObjectOutcome[]): Promise<void> {
  const { storage, rules } = deps;
  const { bucket, key, versionId } = event;
  const withoutVersion = (decision: ObjectOutcome['decision']) =>
    outcomes.push({ bucket, key, versionId, decision, errors: [] });

  const reason = reasonToIgnore(event.name);
  if (reason !== undefined) {
    withoutVersion({ action: 'ignored', reason: `${event.name}: ${reason}` });
    return;
  }
  const readings = readingsOf(rules, event);
  if (readings.every((reading) => reading.rules.length === 0)) {
    withoutVersion({ action: 'no-rule' });
    return;
  }
  const collision = findCollision(rules, bucket);
  if (collision !== undefined) throw collision;

  let keyIsKnown = false;
  for (const reading of readings) {
    const isLiteral = reading.key === key;
    if (!isLiteral && reading.rules.length === 0) continue;
    const meant = { ...event, key: reading.key };
    const observation = await observeEvent(storage, meant, reading.rules.some(readsTags)).catch((error) => {
      // A name that the service refuses, read into the key by us, names no object.
      if (isLiteral || !hasCode(error, 'REQUEST_REFUSED')) throw error;
      return { versions: [], listed: true, keyIsKnown: false };
    });
    keyIsKnown ||= observation.keyIsKnown;
    if (observation.versions.length === 0) continue;
    const eventKey = isLiteral ? undefined : key;
    await settleAll(deps, observation.versions, eventKey, outcomes);
    if (!observation.listed && mayHaveTwin(event, outcomes)) {
      await settleTwins(deps, meant, reading.rules, eventKey, outcomes);
    }
    return;
  }
  withoutVersion({
    action: 'gone',
    warnings: keyIsKnown ? [] : doubts(event, readings.length, deps.clock.now()),
  });
}

/** The keys that an event may mean, each with the rules that match it. */
const readingsOf = (rules: Rules, { bucket, key, keys = keyReadings(key) }: ObjectEvent) =>
  keys.map((reading) => ({ key: reading, rules: candidates(rules, bucket, reading) }));

/** Versions that are settled side by side. */
const atOnce = 8;

async function settleAll(
  deps: ObjectDeps,
  versions: readonly ObservedVersion[],
  eventKey: string | undefined,
  outcomes: ObjectOutcome[],
): Promise<void> {
  await pLimit(atOnce).map(versions, async (version) => {
    const outcome = await settle(deps, version);
    outcomes.push(eventKey === undefined ? outcome : { ...outcome, eventKey });
  });
}

async function settleTwins(
  deps: ObjectDeps,
  event: ObjectEvent,
  rules: readonly ObjectRule[],
  eventKey: string | undefined,
  outcomes: ObjectOutcome[],
): Promise<void> {
  const known = new Set(outcomes.flatMap((outcome) => outcome.versionId ?? []));
  const twins = await observeListed(deps.storage, event, rules.some(readsTags), known);
  await settleAll(deps, twins.versions, eventKey, outcomes);
}

/**
 * Tells whether an earlier upload of the same content may hide behind the version that was settled: the size did not
 * change, or somebody (the other upload's event?) has protected the version already. This is rare, and then worth one
 * listing, since the earlier version would otherwise stay unprotected.
 */
function mayHaveTwin(event: ObjectEvent, outcomes: readonly ObjectOutcome[]): boolean {
  // Events of OBS say nothing of the size before.
  const isSameSize = event.deltaSize === 0 || (event.keys !== undefined && event.deltaSize === undefined);
  return isSameSize || outcomes.some((outcome) => outcome.decision.action === 'already-protected');
}

/** An event that is not older was probably raised by an object that is still there, under whatever name. */
const recentMs = hour;

/** Why a version that nothing was ever seen of is not simply believed to be deleted. */
function doubts({ time }: ObjectEvent, readings: number, now: Date): string[] {
  if (time !== undefined && now.getTime() - time.getTime() >= recentMs) return [];
  const keys = readings === 1 ? 'this key' : 'this key or a decoded reading of it';
  return [
    `no version and no delete marker was found under ${keys}, although the event is less than an hour old: check that the key is the object's own`,
  ];
}
