import { forEachAtOnce } from '../../shared/backfill/each.ts';
import { inventorySource } from '../../shared/backfill/inventory/source.ts';
import { type KnownVersion, listingSource, type Source } from '../../shared/backfill/source.ts';
import {
  type DispositionDeps,
  type DispositionLook,
  type ListedData,
  lookForDisposition,
} from '../../shared/disposition/look.ts';
import type { DisposableVersion } from '../../shared/disposition/plan.ts';
import type { PlanState } from '../../shared/disposition/progress.ts';
import { isBucketsOwn, urlOf } from '../../shared/report/run.ts';
import { asUnreadableBucket, type UnreadableBucket } from '../../shared/report/unreadable-bucket.ts';
import type { ObjectPrefix } from '../../shared/rules/types.ts';
import { type ObjectStore, versionId as toVersionId, type VersionAt } from '../../shared/storage/port.ts';
import type { HashedFile } from '../files/hashed-file.ts';
import type { DispositionRun } from './world.ts';

/** The options that say where versions come from, and how fast they are looked at. */
export interface LookThroughOptions {
  readonly inventory?: string;
  /** False with --no-decode-keys. */
  readonly decodeKeys: boolean;
  readonly concurrency: number;
}

export interface LookingThrough {
  readonly options: LookThroughOptions;
  readonly run: DispositionRun;
  /** The list of what may go. */
  readonly list: HashedFile;
  readonly state: PlanState;
  save(state: PlanState): Promise<void>;
}

type Deps = DispositionDeps & { readonly storage: ObjectStore };

/**
 * Looks at all versions of the targets, page by page, each with a checkpoint, and writes down those that may go.
 * @param targets those of the state, in its order
 * @returns the state at the end
 * @throws FILE_UNWRITABLE, CHECKPOINT_UNUSABLE, the signal's reason, and what reading throws that is not one bucket's own
 */
export async function lookThrough(
  deps: Deps,
  targets: readonly ObjectPrefix[],
  { options, run, list, save, ...looking }: LookingThrough,
): Promise<PlanState> {
  let { state } = looking;
  const keep = async (change: Partial<PlanState>) => {
    state = { ...state, ...change, list: await list.mark() };
    await save(state);
  };
  const effort = { concurrency: options.concurrency, signal: run.signal };
  for (const target of targets) {
    const url = urlOf(deps.rules.cloud, target);
    if (state.done.includes(url)) continue;
    const failed: UnreadableBucket[] = [];
    let of = state.under?.url === url ? state.under : { going: 0, staying: 0, position: undefined };
    try {
      const source = await sourceOf(deps, target, options);
      for await (const { versions, done, end } of source.shards(of.position)) {
        run.signal.throwIfAborted();
        const data = versions.filter(({ type }) => type !== 'delete-marker'); // they carry no data
        const looks = await forEachAtOnce(effort, data, (known) => lookAt(deps, known, state.at));
        const found = looks.flatMap(disposableOf);
        await list.append(found.map((version) => `${JSON.stringify(version)}\n`).join(''));
        const going = of.going + found.length;
        of = { url, position: end, going, staying: of.staying + looks.length - found.length };
        await keep({ ...addLooks(state, looks, found), under: of });
        run.line.show({ versions: state.looked, words: `${state.versions} may go`, done });
      }
    } catch (error) {
      // One bucket that refuses costs no look at the others.
      if (!isBucketsOwn({}, target.bucket, error)) throw error;
      failed.push(asUnreadableBucket(target.bucket, error));
    }
    const isWhole = failed.length === 0 && of.staying === 0 && of.going > 0;
    // In one step: a kill between two would read it again, or count it twice.
    await keep({
      done: [...state.done, url],
      whole: isWhole ? [...state.whole, url] : state.whole,
      failed: [...state.failed, ...failed],
      under: undefined,
    });
  }
  return state;
}

function addLooks(
  { versions, bytes, looked, kept: before }: PlanState,
  looks: readonly Looked[],
  found: readonly DisposableVersion[],
): Partial<PlanState> {
  const kept = { ...before };
  for (const { look } of looks) {
    if (!look.verdict.disposable) kept[look.verdict.because] = (kept[look.verdict.because] ?? 0) + 1;
  }
  return {
    versions: versions + found.length,
    bytes: found.reduce((sum, { size }) => sum + size, bytes),
    looked: looked + looks.length,
    kept,
  };
}

async function sourceOf(
  { storage }: { readonly storage: ObjectStore },
  { bucket, prefix }: ObjectPrefix,
  { inventory: url, decodeKeys: keysEncoded }: LookThroughOptions,
): Promise<Source> {
  if (url === undefined) return listingSource(storage, bucket, prefix);
  return await inventorySource(storage, { url, bucket, prefix, keysEncoded });
}

interface Looked {
  readonly at: VersionAt;
  readonly look: DispositionLook;
}

/**
 * Looks at a version as a source names it. What an inventory does not say counts as what keeps nothing, so that HEAD is asked; where its key
 * can be read in two ways, HEAD says which is right.
 */
async function lookAt(deps: DispositionDeps, known: KnownVersion, now: Date): Promise<Looked> {
  const { bucket, versionId = nullVersion, lastModified = new Date(0), type = 'Normal', otherKey } = known;
  const listedAs = (key: string): ListedData => ({ bucket, key, versionId, lastModified, type });
  const first = listedAs(known.key);
  if (otherKey === undefined) return { at: first, look: await lookForDisposition(deps, first, now) };
  const seen = await deps.storage.headObject(first);
  if (seen !== 'absent') return { at: first, look: await lookForDisposition(deps, first, now, seen) };
  const second = listedAs(otherKey);
  return { at: second, look: await lookForDisposition(deps, second, now) };
}

/** A version without an id in the inventory is one that another object may replace. */
const nullVersion = toVersionId('null');

function disposableOf({ at, look }: Looked): DisposableVersion[] {
  const { verdict, tags, head } = look;
  if (!verdict.disposable || head === undefined) return [];
  const { bucket, key, versionId } = at;
  const { size, lastModified } = head;
  const { rule, until, retainedUntil, why } = verdict;
  return [
    {
      ...{ bucket, key, versionId, size, lastModified, rule, until },
      ...(retainedUntil !== undefined && { retainedUntil }),
      ...(tags !== undefined && { tags: Object.fromEntries(tags) }),
      why,
    },
  ];
}
