import { forEachAtOnce } from '../shared/backfill/each.ts';
import { listingSource } from '../shared/backfill/source.ts';
import { versionKey } from '../shared/disposition/certify.ts';
import { type ExportLook, lookForExport, type MatterOfExport } from '../shared/export/look.ts';
import { versionRow } from '../shared/export/rows.ts';
import { HoldfastError, hasCode } from '../shared/platform/errors.ts';
import type { PostureTarget } from '../shared/report/targets.ts';
import type { ExportRun } from './export-world.ts';

/** This is what the versions of an export come to. */
export interface VersionsFound {
  readonly counts: { looked: number; versions: number; bytes: number; gone: number };
  readonly standings: Record<string, number>;
  /** The matters that have some of them. */
  readonly matters: Set<string>;
  /** Buckets that could not be read to their end. */
  readonly failed: { readonly bucket: string; readonly error: HoldfastError }[];
}

/**
 * Lists all versions of the buckets, and writes those that were asked for, page by page.
 * @throws FILE_UNWRITABLE, and the signal's reason
 */
export async function exportVersions(
  run: ExportRun,
  targets: readonly PostureTarget[],
  matters: readonly MatterOfExport[],
): Promise<VersionsFound> {
  const counts = { looked: 0, versions: 0, bytes: 0, gone: 0 };
  const found: VersionsFound = { counts, standings: {}, matters: new Set(), failed: [] };
  for (const target of targets) {
    try {
      await exportBucket(run, target, matters, found);
    } catch (error) {
      // One bucket that refuses costs no look at the others.
      if (!(error instanceof HoldfastError) || hasCode(error, 'FILE_UNWRITABLE')) throw error;
      found.failed.push({ bucket: target.bucket, error });
    }
  }
  return found;
}

async function exportBucket(
  run: ExportRun,
  { bucket, prefix, policy }: PostureTarget,
  matters: readonly MatterOfExport[],
  found: VersionsFound,
): Promise<void> {
  const { storage, scope, now: at, signal, line, options } = run;
  const { counts } = found;
  const deps = { storage, scope, matters, at };
  const effort = { concurrency: options.concurrency, signal };
  for await (const { versions } of listingSource(storage, bucket, prefix).shards()) {
    signal.throwIfAborted();
    const looks = await forEachAtOnce(effort, versions, (known) => lookForExport(deps, known, policy));
    for (const look of looks) await add(run, look, found);
    counts.looked += versions.length;
    line.show({ versions: counts.looked, words: `${counts.versions} exported`, done: undefined });
  }
}

async function add({ known, pack }: ExportRun, look: ExportLook, found: VersionsFound): Promise<void> {
  const { counts, standings } = found;
  if (look === 'not-asked') return;
  if (look === 'gone') {
    counts.gone += 1;
    return;
  }
  const { standing } = look.judgement;
  counts.versions += 1;
  counts.bytes += look.size;
  standings[standing] = (standings[standing] ?? 0) + 1;
  for (const { id } of look.matters) found.matters.add(id);
  known?.add(versionKey(look));
  await pack.row('versions', versionRow(look));
}
