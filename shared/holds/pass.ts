import { forEachAtOnce } from '../backfill/each.ts';
import { HoldfastError } from '../platform/errors.ts';
import type { DataVersion, ListedVersion, Page } from '../storage/port.ts';
import type { HoldLine, HoldPassDeps, WorkedVersion } from './deps.ts';
import type { WorkOnVersion } from './hold-version.ts';
import { type InventoryInPass, workOnRow } from './inventory-row.ts';
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
