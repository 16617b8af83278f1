import { forEachAtOnce } from '../backfill/each.ts';
import type { OpenScope } from '../matters/matching.ts';
import { HoldfastError } from '../platform/errors.ts';
import type { DataVersion, LegalHolds, ListedVersion, Page } from '../storage/port.ts';
import type { HoldLine, HoldPassDeps, MatterScopes, WorkedVersion } from './deps.ts';
import { giveBack, holdAgain, holdVersion, type WorkOnVersion } from './hold-version.ts';
import { type InventoryInPass, workOnRow } from './inventory-row.ts';
import { holdQuestion } from './legal-hold.ts';
import { type LiftCalls, liftVersion, type ReleasedMatter } from './lift-version.ts';
import { isTakenOff } from './line.ts';
import type { HoldTargets } from './targets.ts';

/** This is where a pass stands: all before it is done with. */
export interface HoldPosition {
  /** The bucket that is worked on. */
  readonly bucket: string;
  /** Its next page; absent for the first. */
  readonly cursor?: string | undefined;
}

/** A page of versions that is done with. */
export interface HoldPage {
  readonly lines: readonly HoldLine[];
  readonly looked: number;
  /** Undefined after the last page of the last bucket, and for a page that has to be repeated. */
  readonly next: HoldPosition | undefined;
}

/** A bucket that could not be worked on to its end. */
export interface HoldTrouble {
  readonly bucket: string;
  readonly error: HoldfastError;
}

/** This is what is done with the versions. */
export interface HoldWork {
  /** Is called before each page. */
  readonly begin?: () => Promise<void>;
  readonly work: WorkOnVersion;
  /** Is called with what was done to the versions of a page, before the page counts as done with. */
  readonly finish: (done: readonly WorkedVersion[]) => Promise<FinishedPage>;
}

/** This is what became of the versions of a page in the end. */
export interface FinishedPage {
  readonly lines: readonly HoldLine[];
  /** Why the page has to be repeated; undefined when it is done with. */
  readonly error?: HoldfastError;
}

/**
 * Works on all versions of the targets, page by page, in the order of their names and keys.
 * @param from the position that an earlier pass had come to
 * @param inventory names the versions of its bucket, which is not listed then
 * @returns pages, and buckets that could not be listed, as they come
 */
export async function* passOverVersions(
  deps: HoldPassDeps,
  { buckets }: HoldTargets,
  work: HoldWork,
  from?: HoldPosition,
  inventory?: InventoryInPass,
): AsyncIterable<HoldPage | HoldTrouble> {
  const left = buckets.filter(({ bucket }) => from === undefined || bucket >= from.bucket);
  for (const [index, target] of left.entries()) {
    const { bucket } = target;
    const cursor = bucket === from?.bucket ? from.cursor : undefined;
    try {
      const after = left[index + 1];
      if (inventory?.bucket === bucket) yield* pagesOfRows(deps, { ...inventory, cursor }, work, after);
      else yield* pagesOf(deps, { ...target, cursor }, work, after);
    } catch (error) {
      if (!(error instanceof HoldfastError)) throw error;
      yield { bucket, error };
    }
  }
}

/** @param after the bucket that comes behind the last page */
async function* pagesOf(
  deps: HoldPassDeps,
  { bucket, prefix, cursor }: HoldPosition & { readonly prefix: string },
  { begin, work, finish }: HoldWork,
  after: HoldPosition | undefined,
): AsyncIterable<HoldPage> {
  let fetch: (() => Promise<Page<ListedVersion>>) | undefined;
  fetch = deps.storage.listVersions(bucket, prefix, cursor).first;
  while (fetch !== undefined) {
    const page: Page<ListedVersion> = await fetch();
    const versions = page.items.filter((each): each is DataVersion => each.kind === 'version');
    await begin?.();
    const lines = await forEachAtOnce(deps, versions, work);
    const done = versions.flatMap((version, at) => {
      const line = lines[at];
      return line === undefined ? [] : [{ version, line }];
    });
    const { lines: told, error } = await finish(done);
    const next = page.next === undefined ? after : { bucket, cursor: page.cursor };
    const isDone = next !== undefined && error === undefined;
    yield { lines: told, looked: versions.length, next: isDone ? positionOf(next) : undefined };
    if (error !== undefined) throw error;
    fetch = page.next;
  }
}

/** @param after the bucket that comes behind the last row */
async function* pagesOfRows(
  deps: HoldPassDeps,
  { cursor, ...inventory }: InventoryInPass & Pick<HoldPosition, 'cursor'>,
  { begin, work, finish }: HoldWork,
  after: HoldPosition | undefined,
): AsyncIterable<HoldPage> {
  const workOn = workOnRow(deps, inventory, work);
  for await (const { versions, end } of inventory.source.shards(cursor)) {
    const data = versions.filter(({ type }) => type !== 'delete-marker');
    await begin?.();
    const done = (await forEachAtOnce(deps, data, workOn)).filter((each) => each !== undefined);
    const { lines, error } = await finish(done);
    const next = error === undefined ? { bucket: inventory.bucket, cursor: end } : undefined;
    yield { lines, looked: data.length, next };
    if (error !== undefined) throw error;
  }
  // Which shard is the last one is known behind it.
  if (after !== undefined) yield { lines: [], looked: 0, next: positionOf(after) };
}

/** Leaves out what a target has beside its position. */
const positionOf = ({ bucket, cursor }: HoldPosition): HoldPosition => ({ bucket, cursor });

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
}

/**
 * Makes the work of a pass that puts the holds of a matter on. Behind each page it looks whether the matter is open still. A release
 * that was written meanwhile ends the pass, and the holds of that page are taken off again: the release finds those of the pages
 * before by its own listing, and may have passed this one already.
 */
export const holdWork = (
  deps: HoldPassDeps,
  holds: LegalHolds,
  { id, scopes, look }: HeldMatter,
): HoldWork => ({
  work: holdVersion(deps, holds, id, scopes),
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

const liftCalls = ({ storage }: HoldPassDeps, holds: LegalHolds): LiftCalls => {
  const { getObjectWorm } = storage;
  return { holds, ask: holdQuestion({ holds: storage.holds && holds, getObjectWorm }) };
};

/**
 * Makes the work of a pass that takes the holds of a released matter off. The open matters are read before each page, and again
 * behind it: a version of a matter that was opened meanwhile gets its hold back. A matter that is opened later than that finds
 * the version by its own listing. Where the second read fails, all versions of the page get their holds back, and the page has
 * to be repeated.
 * @param openNow reads which matters are open
 */
export function liftWork(
  deps: HoldPassDeps,
  holds: LegalHolds,
  released: ReleasedMatter,
  openNow: () => Promise<readonly OpenScope[]>,
): HoldWork {
  let open: readonly OpenScope[] = [];
  return {
    async begin() {
      open = await openNow();
    },
    work: liftVersion(deps, liftCalls(deps, holds), released, () => open),
    async finish(done) {
      if (!done.some(({ line }) => isTakenOff(line))) return { lines: done.map(({ line }) => line) };
      try {
        open = await openNow();
      } catch (error) {
        if (!(error instanceof HoldfastError)) throw error;
        const own = released.scopes.map((scope) => ({ id: released.id, scope }));
        const back = ({ line: lifted, version }: WorkedVersion) =>
          giveBack(deps, holds, { lifted, open: own, reason: error }, version);
        return { lines: await forEachAtOnce(deps, done, back), error };
      }
      const again = ({ line, version }: WorkedVersion) => holdAgain(deps, holds, line, version, open);
      return { lines: await forEachAtOnce(deps, done, again) };
    },
  };
}
