import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { FileMark } from '../../shared/backfill/file-mark.ts';
import { lockFile } from '../../shared/backfill/lock.ts';
import { makeFolders } from '../../shared/backfill/make-folders.ts';
import {
  type RunState,
  type StateFile,
  type StateFormat,
  stateFile,
} from '../../shared/backfill/state-file.ts';
import { failure } from '../../shared/platform/errors.ts';
import { reasonOf } from '../../shared/report/unreadable-bucket.ts';
import { type HashedFile, openHashedFile } from '../files/hashed-file.ts';

/** A folder in which one step of disposition is at work, and nobody else. */
export interface StepFolder<State extends RunState> {
  readonly checkpoint: StateFile<State>;
  /** This is what the step has kept when it was stopped; undefined for one that begins. */
  readonly kept: State | undefined;
  release(): Promise<void>;
}

/**
 * Opens the folder of a step where it was stopped, or at its beginning.
 * @param name of the step
 * @param restart true to forget what was kept
 * @throws CHECKPOINT_MISMATCH, CHECKPOINT_UNUSABLE, CHECKPOINT_IN_USE, FILE_UNWRITABLE
 */
export async function openStep<State extends RunState>(
  folder: string,
  name: string,
  format: StateFormat<State>,
  run: State['run'],
  restart: boolean,
): Promise<StepFolder<State>> {
  await onDisk(folder, () => makeFolders(folder));
  const checkpoint = stateFile(join(folder, `${name}.checkpoint.json`), format);
  const release = await lockFile(checkpoint.file);
  try {
    if (restart) await checkpoint.remove();
    return { checkpoint, kept: await checkpoint.load(run), release };
  } catch (error) {
    await release();
    throw error;
  }
}

/** Names a file until it is whole. */
export const partOf = (file: string): string => `${file}.part`;

/** Returns the name that a file has now. */
export const partOrWhole = (file: string): string => (existsSync(partOf(file)) ? partOf(file) : file);

/**
 * Opens a list until it is whole: a new one, or where it is certain.
 * @throws FILE_UNWRITABLE, also from what is returned; CHECKPOINT_UNUSABLE when it has not what it had
 */
export async function openPart(
  file: string,
  checkpoint: string,
  at: FileMark | undefined,
): Promise<HashedFile> {
  const part = partOf(file);
  if (at === undefined) await rm(part, { force: true });
  // It was whole, and then the step was stopped once more.
  else if (!existsSync(part) && existsSync(file)) await rename(file, part);
  const opened = await openHashedFile(part, at).catch((cause: unknown) => {
    const reason = `${part}: ${reasonOf(cause)}`;
    throw at === undefined
      ? failure('FILE_UNWRITABLE', { file: part, reason: reasonOf(cause) }, { cause })
      : failure('CHECKPOINT_UNUSABLE', { file: checkpoint, reason }, { cause });
  });
  return {
    append: (text) => onDisk(part, () => opened.append(text)),
    mark: () => onDisk(part, () => opened.mark()),
    close: () => opened.close(),
  };
}

/** Gives a file that is whole its name. @throws FILE_UNWRITABLE */
export const placePart = (file: string): Promise<void> =>
  onDisk(file, async () => {
    if (existsSync(partOf(file))) await rename(partOf(file), file);
  });

async function onDisk<Result>(file: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    throw failure('FILE_UNWRITABLE', { file, reason: reasonOf(cause) }, { cause });
  }
}
