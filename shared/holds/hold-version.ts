import {
  mattersHolding,
  type OpenScope,
  scopeCovers,
  scopeReadsTags,
  scopeTagsMatch,
} from '../matters/matching.ts';
import { unretainable } from '../objects/unretainable.ts';
import { HoldfastError, hasCode } from '../platform/errors.ts';
import type { LegalHolds, ListedVersion, StorageReads, Tags } from '../storage/port.ts';
import type { HoldLine, MatterScopes } from './deps.ts';

/** A listed version that has data. */
export type HoldableVersion = Extract<ListedVersion, { kind: 'version' }>;

/** The reads of single versions that holds need. */
type VersionReads = Pick<StorageReads, 'headObject' | 'getTags'>;

const noTags: Tags = new Map();

/** Returns the line of a version that was worked on; undefined when it is not in the scopes. */
export type WorkOnVersion = (version: HoldableVersion) => Promise<HoldLine | undefined>;

/**
 * Makes the work of a pass that puts holds on: each version in the scopes is written, without a look, since a second hold
 * changes nothing.
 * @param holds is asked once for a bucket that takes none
 */
export const holdVersion =
  (storage: VersionReads, holds: LegalHolds, matter: string, scopes: MatterScopes): WorkOnVersion =>
  async (version) => {
    const covering = scopes.filter((scope) => scopeCovers(scope, version));
    if (covering.length === 0) return undefined;
    const line = lineOf(version, 'hold', [matter]);
    return await settled(line, async () => {
      if (covering.every(scopeReadsTags)) {
        const tags = await tagsOf(storage, version);
        if (tags === undefined) return { ...line, result: 'gone' };
        if (!covering.some((scope) => scopeTagsMatch(scope, tags))) return undefined;
      }
      if (unretainable(version.type) !== undefined) return { ...line, result: 'skipped' };
      const { requestId } = await holds.putHold(version, 'ON');
      return { ...line, result: 'held', requestId };
    });
  };

/** A matter whose holds are taken off. */
export interface ReleasedMatter {
  readonly id: string;
  /** All scopes that it had. */
  readonly scopes: MatterScopes;
  /** True when an earlier run has begun with it, which may have taken holds off and not told of them. */
  readonly isResumed: boolean;
}

/**
 * Makes the work of a pass that takes holds off: of versions that were in the released scopes, and only where no open matter
 * has them. A hold stays where an open matter has the place and the time of the version, and only the tags differ: the hold may
 * have been put for that matter before the tags were changed.
 * @param open the matters that are open, as they were read before the page of the version was begun
 */
export const liftVersion =
  (
    storage: VersionReads,
    holds: LegalHolds,
    { id, scopes, isResumed }: ReleasedMatter,
    open: () => readonly OpenScope[],
  ): WorkOnVersion =>
  async (version) => {
    const covering = scopes.filter((scope) => scopeCovers(scope, version));
    if (covering.length === 0) return undefined;
    const line = lineOf(version, 'lift', [id]);
    if (unretainable(version.type) !== undefined) return { ...line, result: 'skipped' };
    return await settled(line, async () => {
      const others = open().filter(({ scope }) => scopeCovers(scope, version));
      const readsTags = [...covering, ...others.map(({ scope }) => scope)].some(scopeReadsTags);
      const tags = readsTags ? await tagsOf(storage, version) : noTags;
      if (tags === undefined) return { ...line, result: 'gone' };
      const isInScope = covering.some((scope) => scopeTagsMatch(scope, tags));
      const holding = mattersHolding(others, version, tags);
      if (holding.length === 0) {
        const mayBeOf = [...new Set(others.map((each) => each.id))].sort();
        return await liftHold({ storage, holds }, line, version, { isInScope, isResumed, mayBeOf });
      }
      if (!isInScope) return undefined;
      // Written all the same: a release that was stopped may have taken it off before the other matter was opened.
      const { requestId } = await holds.putHold(version, 'ON');
      return { ...line, matters: holding, result: 'kept', requestId };
    });
  };

/** This is what decides about a hold that no open matter has by its tags. */
interface LiftFacts {
  readonly isInScope: boolean;
  readonly isResumed: boolean;
  /** Open matters that have the version but for its tags. */
  readonly mayBeOf: readonly string[];
}

/** Takes the hold off a version that no open matter has, if it has one and it is the matter's. */
async function liftHold(
  { storage, holds }: { readonly storage: VersionReads; readonly holds: LegalHolds },
  line: Started,
  version: HoldableVersion,
  { isInScope, isResumed, mayBeOf }: LiftFacts,
): Promise<HoldLine | undefined> {
  const head = await storage.headObject(version);
  if (typeof head === 'string') return { ...line, result: 'gone' };
  const isHeld = head.legalHold === true || (await holds.getHold(version));
  const retainUntil = head.retention?.until;
  if (!isHeld && !isInScope) return undefined;
  if (!isHeld)
    return isResumed ? { ...line, result: 'off-already', retainUntil } : { ...line, result: 'not-held' };
  if (!isInScope) return { ...line, result: 'left' };
  if (mayBeOf.length > 0) return { ...line, matters: mayBeOf, result: 'left-for-matters' };
  const { requestId } = await holds.putHold(version, 'OFF');
  return { ...line, result: 'lifted', retainUntil, requestId };
}

/**
 * Puts a hold on again that was taken off, when a matter that was opened meanwhile has the version.
 * @param lifted a line of {@link liftVersion}
 */
export async function holdAgain(
  storage: VersionReads,
  holds: LegalHolds,
  lifted: HoldLine,
  version: HoldableVersion,
  open: readonly OpenScope[],
): Promise<HoldLine> {
  const others = open.filter(({ scope }) => scopeCovers(scope, version));
  if (lifted.result !== 'lifted' || others.length === 0) return lifted;
  const line = lineOf(version, 'hold', lifted.matters);
  const again = await settled(line, async () => {
    const readsTags = others.some(({ scope }) => scopeReadsTags(scope));
    const tags = readsTags ? await tagsOf(storage, version) : noTags;
    if (tags === undefined) return { ...line, result: 'gone' };
    const holding = mattersHolding(others, version, tags);
    if (holding.length === 0) return lifted;
    const { requestId } = await holds.putHold(version, 'ON');
    return { ...line, matters: holding, result: 'kept', requestId };
  });
  return again ?? lifted;
}

/**
 * Puts a hold on again that was taken off, when nobody knows whether a matter that was opened meanwhile has the version.
 * @param lifted a line of {@link liftVersion}
 * @param reason why that is not known
 */
export async function giveBack(
  holds: LegalHolds,
  lifted: HoldLine,
  version: HoldableVersion,
  reason: HoldfastError,
): Promise<HoldLine> {
  if (lifted.result !== 'lifted') return lifted;
  const line = lineOf(version, 'hold', lifted.matters);
  const back = await settled(line, async () => {
    const { requestId } = await holds.putHold(version, 'ON');
    return { ...line, result: 'failed', requestId, error: reason };
  });
  return back ?? lifted;
}

type Started = Omit<HoldLine, 'result'>;

const lineOf = (
  { bucket, key, versionId }: HoldableVersion,
  action: HoldLine['action'],
  matters: readonly string[],
): Started => ({ bucket, key, versionId, action, matters });

/** A failure of one version is its line, and stops no other. */
async function settled(
  line: Started,
  work: () => Promise<HoldLine | undefined>,
): Promise<HoldLine | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error;
    if (hasCode(error, 'NO_SUCH_OBJECT')) return { ...line, result: 'gone' };
    if (!hasCode(error, 'HOLD_NOT_OFFERED')) return { ...line, result: 'failed', error };
    // Where there are no holds there is none to be taken off.
    return line.action === 'lift'
      ? { ...line, result: 'not-held' }
      : { ...line, result: 'not-offered', error };
  }
}

async function tagsOf(
  storage: Pick<StorageReads, 'getTags'>,
  { bucket, key, versionId }: HoldableVersion,
): Promise<Tags | undefined> {
  return (await storage.getTags({ bucket, key, versionId }))?.tags;
}
