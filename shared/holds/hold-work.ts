import { forEachAtOnce } from '../backfill/each.ts';
import type { OpenScope } from '../matters/matching.ts';
import { HoldfastError } from '../platform/errors.ts';
import { holdsWithLastLook, withLastLook } from '../storage/last-look.ts';
import type { LastLook, LegalHolds } from '../storage/port.ts';
import type { HoldPassDeps, MatterScopes, WorkedVersion } from './deps.ts';
import { holdVersion } from './hold-version.ts';
import { liftVersion, type ReleasedMatter } from './lift-version.ts';
import { liftCalls } from './lift-work.ts';
import type { HoldWork } from './pass.ts';

/** Which matters are open, and why that of a pass is none of them any more. */
export interface OpenWhileHolding {
  readonly open: readonly OpenScope[];
  /** Undefined while it is open. */
  readonly ended: HoldfastError | undefined;
}

/** A matter whose holds are put on. */
export interface HeldMatter {
  readonly id: string;
  readonly scopes: MatterScopes;
  readonly look: () => Promise<OpenWhileHolding>;
  /** Is asked right before each hold is sent; throws where the matter is known to be released. */
  readonly lastLook?: LastLook | undefined;
}

/**
 * Makes the work of a pass that puts the holds of a matter on. Behind each page it looks whether the matter is open still. A release
 * that was written meanwhile ends the pass, and the holds of that page are taken off again: the release finds those of the pages
 * before by its own listing, and may have passed this one already. A generation of retention cannot be taken back, so a last look comes
 * before each write.
 */
export const holdWork = (
  deps: HoldPassDeps,
  holds: LegalHolds,
  { id, scopes, look, lastLook }: HeldMatter,
): HoldWork => ({
  work:
    lastLook === undefined
      ? holdVersion(deps, holds, id, scopes)
      : holdVersion(
          { ...deps, storage: withLastLook(deps.storage, lastLook) },
          holdsWithLastLook(holds, lastLook),
          id,
          scopes,
        ),
  async finish(done) {
    const lines = done.map(({ line }) => line);
    if (lines.length === 0) return { lines };
    try {
      const { open, ended } = await look();
      if (ended === undefined) return { lines };
      const released: ReleasedMatter = { id, scopes, isResumed: true, keptBy: () => 'both' };
      const undo = liftVersion(deps, liftCalls(deps, holds), released, () => open);
      const undone = async ({ line, version }: WorkedVersion) => (await undo(version)) ?? line;
      return { lines: await forEachAtOnce(deps, done, undone), error: ended };
    } catch (error) {
      if (!(error instanceof HoldfastError)) throw error;
      return { lines, error };
    }
  },
});
