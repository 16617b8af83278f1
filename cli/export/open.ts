import { join } from 'node:path';
import { lockFile } from '../../shared/backfill/lock.ts';
import { makeFolders } from '../../shared/backfill/make-folders.ts';
import { type StateFile, stateFile } from '../../shared/backfill/state-file.ts';
import { type ExportState, exportStateFormat } from '../../shared/export/state.ts';
import { failure } from '../../shared/platform/errors.ts';
import { quantity } from '../../shared/platform/quantity.ts';
import { reasonOf } from '../../shared/report/unreadable-bucket.ts';
import { remark } from '../terminal/output.ts';
import { clearPack, folderTaken, lookAtFolder, markIncomplete, packFiles } from './folder.ts';
import type { ExportOptions } from './world.ts';

/** The folder of a pack, which nobody else works in. */
export interface OpenFolder {
  readonly checkpoint: StateFile<ExportState>;
  /** This is what an export that was stopped has kept; undefined for one that begins. */
  readonly kept: ExportState | undefined;
  readonly run: ExportState['run'];
  release(): Promise<void>;
}

/**
 * Opens the folder that a pack is written to, free or with an export that was stopped, and marks it as no pack yet.
 * @param restart forget what an export that was stopped has left there
 * @param run what must be the same for it to be gone on with
 * @throws USAGE where something else is in it, FILE_UNWRITABLE, CHECKPOINT_MISMATCH, CHECKPOINT_UNUSABLE, CHECKPOINT_IN_USE
 */
export async function openFolder({
  out,
  restart,
  run,
}: Pick<ExportOptions, 'out' | 'restart'> & Pick<ExportState, 'run'>): Promise<OpenFolder> {
  const attempt = (work: Promise<unknown>) =>
    work.catch((cause: unknown) => {
      throw failure('FILE_UNWRITABLE', { file: out, reason: reasonOf(cause) }, { cause });
    });
  await attempt(makeFolders(out));
  const checkpoint = stateFile(join(out, packFiles.checkpoint), exportStateFormat);
  const release = await lockFile(checkpoint.file);
  try {
    // Only now: another export may have ended in it since this one began.
    const there = lookAtFolder(out);
    if (there.is === 'taken') throw folderTaken(there.problem);
    if (there.is === 'free') await attempt(markIncomplete(out));
    if (there.is === 'unfinished' && (restart === true || !there.hasCheckpoint))
      await attempt(clearPack(out));
    const kept = await checkpoint.load(run);
    if (kept !== undefined) remark(`going on after ${howFar(kept)}`);
    return { checkpoint, kept, run, release };
  } catch (error) {
    await release();
    throw error;
  }
}

function howFar({ versions, evidence }: ExportState): string {
  const looked = quantity(versions.looked, 'version');
  if (evidence === undefined) return looked;
  return `${looked} and ${quantity(evidence.verified.files, 'file')} of evidence`;
}
