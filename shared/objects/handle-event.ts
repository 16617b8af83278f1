import pLimit from 'p-limit';
import { reasonToIgnore } from '../events/event-names.ts';
import type { ObjectEvent } from '../events/object-events.ts';
import { mattersAlone } from '../matters/hold-rules.ts';
import type { Matters } from '../matters/state.ts';
import { inOneLine } from '../platform/error-text.ts';
import { hasCode } from '../platform/errors.ts';
import { hour } from '../platform/instant.ts';
import { findCollision } from '../rules/collision.ts';
import { candidates, readsTags } from '../rules/match.ts';
import { isOwnObject } from '../rules/own-object.ts';
import type { Rules } from '../rules/types.ts';
import { withLastLook } from '../storage/last-look.ts';
import {
  holdUpload,
  type LookForMatters,
  lookForMatters,
  mayBeHeld,
  type SettleByMatters,
} from './hold-upload.ts';
import { keyReadings } from './key-readings.ts';
import { observeEvent, observeListed } from './observe.ts';
import type { ObjectOutcome } from './outcome.ts';
import { type ObjectDeps, settle } from './settle.ts';
import type { ObservedVersion } from './types.ts';

/** This is what handling an event needs. */
export interface EventDeps extends ObjectDeps {
  /** Reads the matters; undefined where the rules have no folder for them. */
  readonly readMatters?: (() => Promise<Matters>) | undefined;
}

/** This is what became of one event. */
export interface HandledEvent {
  /** One outcome a version, each with its own errors; what was done before an error is here too. */
  readonly outcomes: readonly ObjectOutcome[];
  /** This is what ended the handling early; undefined when all was tried. */
  readonly error: unknown;
}

/**
 * Protects the versions that one event may mean: observe, decide, apply, and verify where the reply does not prove the
 * result; and holds them where an open matter has them. Makes no request when no rule can match bucket and key, but for the
 * matters, which are read while the object is looked at. Repeating it is harmless. Never throws.
 */
export async function handleEvent(deps: EventDeps, event: ObjectEvent): Promise<HandledEvent> {
  const outcomes: ObjectOutcome[] = [];
  try {
    await protectMeant(deps, event, outcomes);
    return { outcomes, error: undefined };
  } catch (error) {
    return { outcomes, error };
  }
}

async function protectMeant(deps: EventDeps, event: ObjectEvent, outcomes: ObjectOutcome[]): Promise<void> {
  const { storage, rules } = deps;
  const { bucket, key, versionId } = event;
  const withoutVersion = (decision: ObjectOutcome['decision']) =>
    outcomes.push({ bucket, key, versionId, decision, errors: [] });

  const reason = reasonToIgnore(event.name);
  if (reason !== undefined) {
    withoutVersion({ action: 'ignored', reason: `${event.name}: ${reason}` });
    return;
  }
  // Where matters cannot be read, the failure of such an event would make further evidence and a further letter, and so on for ever.
  const look = lookForMatters(isOwnObject(rules, event) ? undefined : deps.readMatters);
  const all = readingsOf(rules, event);
  const readings = await concernedReadings(event, all, look);
  if (readings.length === 0) {
    withoutVersion({ action: 'no-rule' });
    return;
  }
  const collision = findCollision(rules, bucket);
  if (collision !== undefined) throw collision;

  let keyIsKnown = false;
  for (const reading of readings) {
    const isLiteral = reading.key === key;
    const meant = { ...event, key: reading.key };
    const observation = await observeEvent(storage, meant, reading.rules.some(readsTags)).catch((error) => {
      // A name that the service refuses, read into the key by us, names no object.
      if (isLiteral || !hasCode(error, 'REQUEST_REFUSED')) throw error;
      return { versions: [], listed: true, keyIsKnown: false };
    });
    keyIsKnown ||= observation.keyIsKnown;
    if (observation.versions.length === 0) continue;
    const eventKey = isLiteral ? undefined : key;
    const settling = { deps, look, eventKey, tagsRead: reading.rules.some(readsTags) };
    await settleAll(settling, observation.versions, outcomes);
    if (!observation.listed && mayHaveTwin(event, outcomes)) await settleTwins(settling, meant, outcomes);
    return;
  }
  withoutVersion({
    action: 'gone',
    warnings: keyIsKnown ? [] : doubts(event, all.length, deps.clock.now()),
  });
}

/** The keys that an event may mean, each with the rules that match it. */
const readingsOf = (rules: Rules, { bucket, key, keys = keyReadings(key) }: ObjectEvent) =>
  keys.map((reading) => ({ key: reading, rules: candidates(rules, bucket, reading) }));

type Reading = ReturnType<typeof readingsOf>[number];

/**
 * Returns the readings under which something may have to be done: none when neither a rule nor a matter can match one of them. The
 * event's own key is among them otherwise. The matters are waited for only where a reading has no rule.
 */
async function concernedReadings(
  { bucket, key }: ObjectEvent,
  readings: readonly Reading[],
  look: LookForMatters,
): Promise<readonly Reading[]> {
  const concerned: Reading[] = [];
  for (const reading of readings) {
    if (reading.rules.length > 0 || mayBeHeld(await look(), { bucket, key: reading.key }))
      concerned.push(reading);
  }
  return concerned.length === 0
    ? []
    : readings.filter((each) => each.key === key || concerned.includes(each));
}

/** Versions that are settled side by side. */
const atOnce = 8;

interface Settling {
  readonly deps: EventDeps;
  readonly look: LookForMatters;
  readonly eventKey: string | undefined;
  /** The versions come with their tags. */
  readonly tagsRead: boolean;
}

/**
 * Settles the versions. A failure of one stops no other, and what was written for a version before its failure is among the outcomes.
 * @throws what is no coded error, after all were tried
 */
async function settleAll(
  { deps, look, eventKey, tagsRead }: Settling,
  versions: readonly ObservedVersion[],
  outcomes: ObjectOutcome[],
): Promise<void> {
  const failures: unknown[] = [];
  await pLimit(atOnce).map(versions, async (version) => {
    let outcome: ObjectOutcome | undefined;
    try {
      outcome = await settle(deps, version);
      const { storage, rules } = deps;
      const settleByMatters: SettleByMatters = (open, at, lastLook) =>
        settle({ ...deps, storage: withLastLook(storage, lastLook), rules: mattersAlone(rules, open) }, at);
      const lookAgain = () => lookForMatters(deps.readMatters)();
      outcome = await holdUpload({ storage, look, tagsRead, settleByMatters, lookAgain }, version, outcome);
    } catch (error) {
      failures.push(error);
    }
    if (outcome !== undefined) outcomes.push(eventKey === undefined ? outcome : { ...outcome, eventKey });
  });
  const [first, ...more] = failures;
  if (more.length === 0 && first !== undefined) throw first;
  if (failures.length > 0) throw new AggregateError(failures, failures.map(inOneLine).join('; '));
}

async function settleTwins(settling: Settling, event: ObjectEvent, outcomes: ObjectOutcome[]): Promise<void> {
  const known = new Set(outcomes.flatMap((outcome) => outcome.versionId ?? []));
  const { deps, tagsRead } = settling;
  const twins = await observeListed(deps.storage, event, tagsRead, known);
  await settleAll(settling, twins.versions, outcomes);
}

/**
 * Tells whether an earlier upload of the same content may hide behind the version that was settled: the size did not
 * change, or somebody (the other upload's event?) has protected the version already. This is rare, and then worth one
 * listing, since the earlier version would otherwise stay unprotected.
 */
function mayHaveTwin(event: ObjectEvent, outcomes: readonly ObjectOutcome[]): boolean {
  // Events of OBS say nothing of the size before.
  const isSameSize = event.deltaSize === 0 || (event.keys !== undefined && event.deltaSize === undefined);
  return (
    isSameSize ||
    outcomes.some(
      ({ decision, hold }) => decision.action === 'already-protected' || hold?.by === 'already-on',
    )
  );
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
