import {
  mattersHolding,
  type OpenScope,
  scopeCovers,
  scopeReadsTags,
  scopeTagsMatch,
} from '../matters/matching.ts';
import { unretainable } from '../objects/unretainable.ts';
import type { HoldfastError } from '../platform/errors.ts';
import type { LegalHolds } from '../storage/port.ts';
import type { HoldLine, HoldPassDeps, MatterScopes, VersionInPass } from './deps.ts';
import { isTakenOff, lineOf, settled, tagsOf, tagsUnread } from './line.ts';
import { holdOrRetain } from './retain-version.ts';

/** Returns the line of a version that was worked on; undefined when it is not in the scopes. */
export type WorkOnVersion = (version: VersionInPass) => Promise<HoldLine | undefined>;

/**
 * Makes the work of a pass that puts holds on: each version in the scopes is written, without a look, since a second hold
 * changes nothing. In a bucket that takes none a generation of retention keeps it.
 * @param holds is asked once for a bucket that takes none
 */
export const holdVersion =
  (deps: HoldPassDeps, holds: LegalHolds, matter: string, scopes: MatterScopes): WorkOnVersion =>
  async (version) => {
    const covering = scopes.filter((scope) => scopeCovers(scope, version));
    if (covering.length === 0) return undefined;
    const line = lineOf(version, 'hold', [matter]);
    return await settled(line, async () => {
      const tags = covering.every(scopeReadsTags) ? await tagsOf(deps.storage, version) : tagsUnread;
      if (tags === undefined) return { ...line, result: 'gone' };
      const open = covering.filter((scope) => scopeTagsMatch(scope, tags));
      if (open.length === 0) return undefined;
      if (unretainable(version.type) !== undefined) return { ...line, result: 'skipped' };
      const asked = { version, tags, open: open.map((scope) => ({ id: matter, scope })) };
      return { ...line, ...(await holdOrRetain(deps, holds, asked, 'held')) };
    });
  };

/**
 * Puts a hold on again that was taken off, when a matter that was opened meanwhile has the version.
 * @param lifted a line of the work that takes holds off
 */
export async function holdAgain(
  deps: HoldPassDeps,
  holds: LegalHolds,
  lifted: HoldLine,
  version: VersionInPass,
  open: readonly OpenScope[],
): Promise<HoldLine> {
  const others = open.filter(({ scope }) => scopeCovers(scope, version));
  if (!isTakenOff(lifted) || others.length === 0) return lifted;
  const line = lineOf(version, 'hold', lifted.matters);
  const again = await settled(line, async () => {
    const readsTags = others.some(({ scope }) => scopeReadsTags(scope));
    const tags = readsTags ? await tagsOf(deps.storage, version) : tagsUnread;
    if (tags === undefined) return { ...line, result: 'gone' };
    const holding = mattersHolding(others, version, tags);
    if (holding.length === 0) return lifted;
    const kept = await holdOrRetain(deps, holds, { version, tags, open: others }, 'kept');
    return { ...line, matters: holding, ...kept };
  });
  return again ?? lifted;
}

/** A hold that was taken off, and goes back. */
interface Returned {
  /** It is a line of the work that takes holds off. */
  readonly lifted: HoldLine;
  /** The matter that was released, by which its bucket keeps the version if it takes no hold any more. */
  readonly open: readonly OpenScope[];
  /** It says why nobody knows whether another matter has the version. */
  readonly reason: HoldfastError;
}

/**
 * Puts a hold on again that was taken off, when nobody knows whether a matter that was opened meanwhile has the version.
 */
export async function giveBack(
  deps: HoldPassDeps,
  holds: LegalHolds,
  { lifted, open, reason }: Returned,
  version: VersionInPass,
): Promise<HoldLine> {
  if (!isTakenOff(lifted)) return lifted;
  const line = lineOf(version, 'hold', lifted.matters);
  const back = await settled(line, async () => {
    const kept = await holdOrRetain(deps, holds, { version, tags: undefined, open }, 'failed');
    return { ...line, ...kept, result: 'failed', error: kept.error ?? reason };
  });
  return back ?? lifted;
}
