import {
  mattersHolding,
  type OpenScope,
  scopeCovers,
  scopeReadsTags,
  scopeTagsMatch,
} from '../matters/matching.ts';
import type { KeptBy } from '../matters/state.ts';
import { unretainable } from '../objects/unretainable.ts';
import { formatAddress } from '../platform/address.ts';
import { failure, HoldfastError, hasCode } from '../platform/errors.ts';
import type { LegalHolds, Receipt } from '../storage/port.ts';
import type { HoldLine, HoldPassDeps, MatterScopes, VersionInPass } from './deps.ts';
import type { WorkOnVersion } from './hold-version.ts';
import type { AskHold } from './legal-hold.ts';
import { lineOf, type StartedLine, settled, tagsOf, tagsUnread } from './line.ts';
import { holdOrRetain } from './retain-version.ts';

/** A matter whose holds are taken off. */
export interface ReleasedMatter {
  readonly id: string;
  /** All scopes that it had. */
  readonly scopes: MatterScopes;
  /** True when an earlier run has begun with it, which may have taken holds off and not told of them. */
  readonly isResumed: boolean;
  /** Tells how it kept the versions of a bucket. */
  readonly keptBy: (bucket: string) => KeptBy;
}

/** The calls about holds that a release takes. */
export interface LiftCalls {
  readonly holds: LegalHolds;
  readonly ask: AskHold;
}

/**
 * Makes the work of a pass that takes holds off: of versions that were in the released scopes, and only where no open matter
 * has them. A hold stays where an open matter has the place and the time of the version, and only the tags differ: the hold may
 * have been put for that matter before the tags were changed.
 * @param open the matters that are open, as they were read before the page of the version was begun
 */
export const liftVersion =
  (
    deps: HoldPassDeps,
    calls: LiftCalls,
    released: ReleasedMatter,
    open: () => readonly OpenScope[],
  ): WorkOnVersion =>
  async (version) => {
    const { id, scopes } = released;
    const covering = scopes.filter((scope) => scopeCovers(scope, version));
    if (covering.length === 0) return undefined;
    const line = lineOf(version, 'lift', [id]);
    if (unretainable(version.type) !== undefined) return { ...line, result: 'skipped' };
    return await settled(line, async () => {
      const others = open().filter(({ scope }) => scopeCovers(scope, version));
      const readsTags = [...covering, ...others.map(({ scope }) => scope)].some(scopeReadsTags);
      const tags = readsTags ? await tagsOf(deps.storage, version) : tagsUnread;
      if (tags === undefined) return { ...line, result: 'gone' };
      const isInScope = covering.some((scope) => scopeTagsMatch(scope, tags));
      const holding = mattersHolding(others, version, tags);
      if (holding.length === 0) {
        const mayBeOf = [...new Set(others.map((each) => each.id))].sort();
        return await liftHold(deps, calls, { line, version, isInScope, mayBeOf, released });
      }
      if (!isInScope) return undefined;
      // Written all the same: a release that was stopped may have taken it off before the other matter was opened.
      const kept = await holdOrRetain(deps, calls.holds, { version, tags, open: others }, 'kept');
      return { ...line, matters: holding, ...kept };
    });
  };

/** This is what decides about a hold that no open matter has by its tags. */
interface LiftFacts {
  readonly line: StartedLine;
  readonly version: VersionInPass;
  readonly isInScope: boolean;
  /** Open matters that have the version but for its tags. */
  readonly mayBeOf: readonly string[];
  readonly released: ReleasedMatter;
}

/** This is what is seen of such a version. */
interface SeenToLift extends LiftFacts {
  readonly retainUntil: Date | undefined;
  readonly keptBy: KeptBy;
}

/** Takes the hold off a version that no open matter has, if it has one and it is the matter's. */
async function liftHold(
  { storage }: HoldPassDeps,
  { holds, ask }: LiftCalls,
  facts: LiftFacts,
): Promise<HoldLine | undefined> {
  const { line, version, isInScope, released } = facts;
  const head = await storage.headObject(version);
  if (typeof head === 'string') return { ...line, result: 'gone' };
  const state = head.legalHold === true ? 'on' : await ask(version);
  if (state === 'gone') return { ...line, result: 'gone' };
  const seen = { ...facts, retainUntil: head.retention?.until, keptBy: released.keptBy(version.bucket) };
  if (state === 'unknown' && seen.keptBy !== 'retention') return await liftUntold(storage.cloud, holds, seen);
  if (state !== 'on') return isInScope ? withoutHold(seen) : undefined;
  return isInScope ? await liftOne(storage.cloud, holds, seen) : { ...line, result: 'left' };
}

/** Takes the hold off a version of a bucket that does not tell of it, where the matter may have put one on. */
async function liftUntold(
  cloud: HoldPassDeps['storage']['cloud'],
  holds: LegalHolds,
  { line, version, isInScope, mayBeOf, retainUntil, keptBy }: SeenToLift,
): Promise<HoldLine | undefined> {
  const state = 'nobody can tell whether a hold is on it';
  if (!isInScope) {
    if (keptBy === 'unrecorded') return undefined;
    return { ...line, result: 'not-asked', retainUntil, error: notLifted(cloud, version, state) };
  }
  if (mayBeOf.length > 0) return { ...line, matters: mayBeOf, result: 'left-for-matters' };
  const off = await takeOff(holds, version);
  if (!('refused' in off)) return { ...line, result: 'off-written', retainUntil, requestId: off.requestId };
  // Where no pass has told that the bucket took a hold, it has none: HEAD shows none either.
  if (keptBy === 'unrecorded') return retained(line, retainUntil);
  const error = notLifted(cloud, version, state, off.refused);
  return { ...line, result: 'not-asked', retainUntil, error };
}

/** Takes off a hold that is on. @throws HOLD_NOT_LIFTED where the bucket takes no hold any more, and what taking it off throws */
async function liftOne(
  cloud: HoldPassDeps['storage']['cloud'],
  holds: LegalHolds,
  { line, version, mayBeOf, retainUntil }: SeenToLift,
): Promise<HoldLine> {
  if (mayBeOf.length > 0) return { ...line, matters: mayBeOf, result: 'left-for-matters' };
  const off = await takeOff(holds, version);
  if ('refused' in off) throw notLifted(cloud, version, 'a hold is on it', off.refused);
  return { ...line, result: 'lifted', retainUntil, requestId: off.requestId };
}

/** Returns the line of a version in the scopes that has no hold. */
function withoutHold({ line, released: { isResumed }, retainUntil, keptBy }: SeenToLift): HoldLine {
  if (keptBy === 'retention' || keptBy === 'both') return retained(line, retainUntil);
  return isResumed ? { ...line, result: 'off-already', retainUntil } : { ...line, result: 'not-held' };
}

const retained = (line: StartedLine, retainUntil: Date | undefined): HoldLine =>
  retainUntil === undefined ? { ...line, result: 'not-held' } : { ...line, result: 'retained', retainUntil };

/** Takes a hold off. @returns the refusal where the bucket takes no hold @throws what else it is refused with */
async function takeOff(
  holds: LegalHolds,
  version: VersionInPass,
): Promise<Receipt | { readonly refused: HoldfastError }> {
  try {
    return await holds.putHold(version, 'OFF');
  } catch (error) {
    if (!(error instanceof HoldfastError) || !hasCode(error, 'HOLD_NOT_OFFERED')) throw error;
    return { refused: error };
  }
}

const notLifted = (
  cloud: HoldPassDeps['storage']['cloud'],
  { bucket, key, versionId }: VersionInPass,
  state: string,
  cause?: HoldfastError,
): HoldfastError => {
  const target = formatAddress(cloud, { bucket, key, versionId });
  return failure('HOLD_NOT_LIFTED', { target, state }, { cause });
};
