import { forEachAtOnce } from '../backfill/each.ts';
import type { OpenScope } from '../matters/matching.ts';
import { HoldfastError } from '../platform/errors.ts';
import type { LegalHolds } from '../storage/port.ts';
import type { HoldLine, HoldPassDeps, WorkedVersion } from './deps.ts';
import { giveBack, holdAgain } from './hold-version.ts';
import { holdQuestion } from './legal-hold.ts';
import { type LiftCalls, liftVersion, type ReleasedMatter } from './lift-version.ts';
import { isTakenOff } from './line.ts';
import type { FinishedPage, HoldWork } from './pass.ts';

/** Returns the calls that taking holds off needs. */
export const liftCalls = ({ storage }: HoldPassDeps, holds: LegalHolds): LiftCalls => {
  const { getObjectWorm } = storage;
  return { holds, ask: holdQuestion({ holds: storage.holds && holds, getObjectWorm }) };
};

/**
 * Makes the work of a pass that takes the holds of a released matter off. The open matters are read before each page, and again
 * behind it: a version of a matter that was opened meanwhile gets its hold back. A matter that is opened later than that finds
 * the version by its own listing. A version that was kept for a matter which was released meanwhile is worked on again, since that
 * release may have passed it already. Where the second read fails, all versions of the page get their holds back, and the page has to be
 * repeated.
 * @param openNow reads which matters are open
 */
export function liftWork(
  deps: HoldPassDeps,
  holds: LegalHolds,
  released: ReleasedMatter,
  openNow: () => Promise<readonly OpenScope[]>,
): HoldWork {
  let open: readonly OpenScope[] = [];
  const work = liftVersion(deps, liftCalls(deps, holds), released, () => open);
  const isKeptStill = ({ matters }: HoldLine) => open.some(({ id }) => matters.includes(id));
  const again = async ({ line, version }: WorkedVersion): Promise<HoldLine> =>
    line.result !== 'kept' || isKeptStill(line)
      ? await holdAgain(deps, holds, line, version, open)
      : ((await work(version)) ?? line);
  const finish = async (done: readonly WorkedVersion[]): Promise<FinishedPage> => {
    if (!done.some(isUnsure)) return { lines: done.map(({ line }) => line) };
    try {
      open = await openNow();
    } catch (error) {
      if (!(error instanceof HoldfastError)) throw error;
      const own = released.scopes.map((scope) => ({ id: released.id, scope }));
      const back = ({ line: lifted, version }: WorkedVersion) =>
        giveBack(deps, holds, { lifted, open: own, reason: error }, version);
      return { lines: await forEachAtOnce(deps, done, back), error };
    }
    const lines = await forEachAtOnce(deps, done, again);
    const changed = done.flatMap(({ version, line: before }, index) => {
      const line = lines[index];
      return line === undefined || line === before ? [] : [{ version, line, index }];
    });
    if (changed.length === 0) return { lines };
    const { lines: last, error } = await finish(changed);
    const after = new Map(changed.map(({ index }, each) => [index, last[each]]));
    return { lines: lines.map((line, index) => after.get(index) ?? line), ...(error && { error }) };
  };
  const begin = async () => {
    open = await openNow();
  };
  return { begin, work, finish };
}

/** Tells whether a version is to be looked at again once the page of it is worked on. */
const isUnsure = ({ line }: WorkedVersion): boolean => isTakenOff(line) || line.result === 'kept';
