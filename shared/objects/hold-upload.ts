import {
  mattersHolding,
  type OpenScope,
  openScopes,
  scopeCovers,
  scopeReadsTags,
} from '../matters/matching.ts';
import { placesHave } from '../matters/places.ts';
import { type Matters, unknownOf } from '../matters/state.ts';
import { HoldfastError, hasCode } from '../platform/errors.ts';
import { holdsOf } from '../storage/holds.ts';
import { DecidedOtherwise } from '../storage/last-look.ts';
import type { LastLook, ObjectAt, ObjectStore } from '../storage/port.ts';
import type { ObjectOutcome } from './outcome.ts';
import type { ObservedVersion } from './types.ts';
import { unretainable } from './unretainable.ts';

/** Settles a version by the rules that matters are where a bucket takes no legal hold. */
export type SettleByMatters = (
  open: readonly OpenScope[],
  version: ObservedVersion,
  lastLook: LastLook,
) => Promise<ObjectOutcome>;

/** The open matters as an event meets them. */
export interface OpenMatters {
  readonly scopes: readonly OpenScope[];
  /** Why it is not certain that these are all: each event fails with them. */
  readonly errors: readonly HoldfastError[];
}

/** Reads which matters are open; it is called once an event, and works while the object is looked at. */
export type LookForMatters = () => Promise<OpenMatters>;

const none: OpenMatters = { scopes: [], errors: [] };

/**
 * Begins to read the matters, and tells the result as often as it is asked. A failure is a result, so that what the rules ask for
 * is done in any case.
 * @param read undefined where the rules have no folder for evidence: then there are no matters
 */
export function lookForMatters(read: (() => Promise<Matters>) | undefined): LookForMatters {
  if (read === undefined) return () => Promise.resolve(none);
  const looking = read().then(
    (matters): OpenMatters => ({
      scopes: openScopes(matters),
      errors: unknownOf(matters),
    }),
    (error: unknown): OpenMatters => {
      if (error instanceof HoldfastError) return { scopes: [], errors: [error] };
      throw error;
    },
  );
  looking.catch(() => undefined); // whoever asks gets it
  return () => looking;
}

/** Tells whether an object of this name may belong to an open matter, or nobody knows. */
export const mayBeHeld = ({ scopes, errors }: OpenMatters, at: ObjectAt): boolean =>
  errors.length > 0 || scopes.some(({ scope }) => placesHave(scope.places, at));

type HoldingCalls = Pick<ObjectStore, 'cloud' | 'holds' | 'getTags'>;

/** This is what a version is held with. */
export interface HoldingTools {
  readonly storage: HoldingCalls;
  readonly look: LookForMatters;
  /** False when the tags of the version were not asked for. */
  readonly tagsRead: boolean;
  readonly settleByMatters: SettleByMatters;
  /** Looks at the matters once more, right before a hold is sent. */
  readonly lookAgain: LookForMatters;
}

/**
 * Puts a legal hold on a version that an open matter has, or keeps it by a generation of retention where its bucket takes none. What
 * goes wrong is added to the errors of the outcome: the event has failed then, and is repeated. Nothing is sent for matters that are known
 * to be released by then.
 */
export async function holdUpload(
  { storage, look, tagsRead, settleByMatters, lookAgain }: HoldingTools,
  version: ObservedVersion,
  outcome: ObjectOutcome,
): Promise<ObjectOutcome> {
  if (unretainable(version.type) !== undefined || outcome.decision.action === 'gone') return outcome;
  const { scopes, errors } = await look();
  try {
    const held = await mattersOf(storage, scopes, version, tagsRead);
    const whole = held === undefined ? outcome : await holdByMatters(held);
    return { ...whole, errors: [...whole.errors, ...errors] };
  } catch (error) {
    if (error instanceof DecidedOtherwise) return { ...outcome, errors: [...outcome.errors, ...errors] };
    if (!(error instanceof HoldfastError)) throw error;
    if (hasCode(error, 'NO_SUCH_OBJECT')) return { ...outcome, errors: [...outcome.errors, ...errors] };
    return { ...outcome, errors: [...outcome.errors, ...errors, error] };
  }

  async function holdByMatters({ version: at, open, matters }: HeldVersion): Promise<ObjectOutcome> {
    if (at.legalHold === true) return { ...outcome, hold: { matters, by: 'already-on' } };
    const lastLook = async () => {
      const now = await lookAgain();
      if (now.errors.length === 0 && !now.scopes.some(({ id }) => matters.includes(id)))
        throw new DecidedOtherwise();
    };
    try {
      const { bucket, key, versionId } = at;
      const receipt = await holdsOf(storage).putHold({ bucket, key, versionId }, 'ON', lastLook);
      return { ...outcome, hold: { matters, by: 'put-on', receipt } };
    } catch (error) {
      if (!hasCode(error, 'HOLD_NOT_OFFERED')) throw error;
      const kept = await settleByMatters(open, { ...at, retention: retentionAfter(outcome, at) }, lastLook);
      if (kept.errors.some((each) => hasCode(each, 'OBJECT_WORM_OFF'))) throw error;
      return { ...joined(outcome, kept), hold: { matters, by: 'retention' } };
    }
  }
}

/** Returns the retention of a version once an outcome was carried out. */
function retentionAfter(
  { decision, receipt }: ObjectOutcome,
  { retention }: ObservedVersion,
): ObservedVersion['retention'] {
  return decision.action === 'protect' && receipt?.sent === true
    ? { mode: 'COMPLIANCE', until: decision.until }
    : retention;
}

/** Returns one outcome of two for one version: the decision with the later date is that of both, and all errors count. */
function joined(byRules: ObjectOutcome, byMatters: ObjectOutcome): ObjectOutcome {
  const errors = [...byRules.errors, ...byMatters.errors];
  if (byMatters.decision.action !== 'protect') return { ...byRules, errors };
  const { decision } = byRules;
  const ruled = 'rule' in decision ? [decision.rule, ...decision.others] : [];
  const others = [...byMatters.decision.others, ...ruled].toSorted();
  return { ...byMatters, decision: { ...byMatters.decision, others }, errors };
}

/** A version with its tags, and the open matters that have it. */
interface HeldVersion {
  readonly version: ObservedVersion;
  readonly open: readonly OpenScope[];
  readonly matters: readonly string[];
}

/** Returns undefined for a version that no open matter has, or that was deleted for good meanwhile. */
async function mattersOf(
  storage: HoldingCalls,
  scopes: readonly OpenScope[],
  version: ObservedVersion,
  tagsRead: boolean,
): Promise<HeldVersion | undefined> {
  const open = scopes.filter(({ scope }) => scopeCovers(scope, version));
  if (open.length === 0) return undefined;
  const { bucket, key, versionId } = version;
  const isReadNow = !tagsRead && open.some(({ scope }) => scopeReadsTags(scope));
  const tags = isReadNow ? (await storage.getTags({ bucket, key, versionId }))?.tags : version.tags;
  if (tags === undefined) return undefined;
  const matters = mattersHolding(open, version, tags);
  return matters.length === 0 ? undefined : { version: { ...version, tags }, open, matters };
}
