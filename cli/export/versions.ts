import { forEachAtOnce } from '../../shared/backfill/each.ts';
import { listingSource } from '../../shared/backfill/source.ts';
import { versionKey } from '../../shared/disposition/certify.ts';
import { type ExportLook, lookForExport, type MatterOfExport } from '../../shared/export/look.ts';
import { versionRow } from '../../shared/export/rows.ts';
import type { VersionsState } from '../../shared/export/state.ts';
import type { ExportTarget } from '../../shared/export/targets.ts';
import { isBucketsOwn } from '../../shared/report/run.ts';
import { asUnreadableBucket, type UnreadableBucket } from '../../shared/report/unreadable-bucket.ts';
import type { ExportRun } from './world.ts';

/**
 * Lists all versions of the buckets, and writes those that were asked for, page by page, each with a checkpoint.
 * @throws FILE_UNWRITABLE, CHECKPOINT_UNUSABLE, the signal's reason, and what listing and reading throw that is not one bucket's own
 */
export async function exportVersions(
  run: ExportRun,
  targets: readonly ExportTarget[],
  matters: readonly MatterOfExport[],
): Promise<VersionsState> {
  const { progress } = run;
  const keep = (change: Partial<VersionsState>) =>
    progress.keep({ versions: { ...progress.state.versions, ...change } });
  for (const target of targets) {
    const { bucket, url } = target;
    if (progress.state.versions.done.includes(url)) continue;
    const failed: UnreadableBucket[] = [];
    try {
      await exportBucket(run, target, matters, keep);
    } catch (error) {
      // One bucket that refuses costs no look at the others.
      if (!isBucketsOwn(run, bucket, error)) throw error;
      failed.push(asUnreadableBucket(bucket, error));
    }
    const { versions } = progress.state;
    // In one step: a kill between two would read it again, or count it twice.
    await keep({
      done: [...versions.done, url],
      failed: [...versions.failed, ...failed],
      under: undefined,
    });
  }
  return progress.state.versions;
}

async function exportBucket(
  run: ExportRun,
  { bucket, prefix, url, policy }: ExportTarget,
  matters: readonly MatterOfExport[],
  keep: (change: Partial<VersionsState>) => Promise<void>,
): Promise<void> {
  const { storage, scope, now: at, signal, line, options, progress } = run;
  const deps = { storage, scope, matters, at };
  const effort = { concurrency: options.concurrency, signal };
  const source = listingSource(storage, bucket, prefix);
  const { under } = progress.state.versions;
  for await (const { versions, end } of source.shards(under?.url === url ? under.position : undefined)) {
    signal.throwIfAborted();
    const looks = await forEachAtOnce(effort, versions, (known) => lookForExport(deps, known, policy));
    const sums = await add(run, looks);
    await keep({
      ...sums,
      looked: progress.state.versions.looked + versions.length,
      under: { url, position: end },
    });
    const { looked, versions: exported } = progress.state.versions;
    line.show({ versions: looked, words: `${exported} exported`, done: undefined });
  }
}

/** Writes a page of looks. @returns the sums with them */
async function add(
  { pack, progress }: ExportRun,
  looks: readonly ExportLook[],
): Promise<Partial<VersionsState>> {
  let { versions, bytes, gone, later } = progress.state.versions;
  const standings = { ...progress.state.versions.standings };
  const matters = new Set(progress.state.versions.matters);
  for (const look of looks) {
    if (look === 'gone') gone += 1;
    if (look === 'later') later += 1;
    if (typeof look === 'string') continue;
    const { standing } = look.judgement;
    versions += 1;
    bytes += look.size;
    standings[standing] = (standings[standing] ?? 0) + 1;
    for (const { id } of look.matters) matters.add(id);
    pack.known?.add(versionKey(look));
    await pack.row('versions', versionRow(look));
  }
  return { versions, bytes, gone, later, standings, matters: [...matters] };
}
