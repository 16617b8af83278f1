import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Checkpoint, fileCheckpoint } from '../../shared/backfill/checkpoint.ts';
import { makeFolders } from '../../shared/backfill/make-folders.ts';
import { failure } from '../../shared/platform/errors.ts';
import { type ApprovedList, listOf } from './approved-list.ts';

const fileOf = (checkpoint: string): string => `${checkpoint}.approved`;

/** Returns a checkpoint that takes the list of the approved versions with it when it is removed. */
export function checkpointWithList(file: string): Checkpoint {
  const checkpoint = fileCheckpoint(file);
  return {
    ...checkpoint,
    async remove() {
      await checkpoint.remove();
      await rm(fileOf(file), { force: true });
    },
  };
}

/**
 * Keeps the list of an approved run beside its checkpoint, for the time after a stop.
 * @param approval names what was approved
 * @throws CHECKPOINT_UNUSABLE
 */
export async function keepList(checkpoint: string, approval: string, { table }: ApprovedList): Promise<void> {
  const file = fileOf(checkpoint);
  const bytes = Buffer.from(table.buffer, table.byteOffset, table.byteLength);
  try {
    await makeFolders(dirname(file));
    await writeFile(`${file}.new`, Buffer.concat([Buffer.from(`${approval}\n`), bytes]));
    await rename(`${file}.new`, file);
  } catch (cause) {
    throw unusable(file, cause);
  }
}

/** Returns the list that was kept for what was approved; undefined where there is none. @throws CHECKPOINT_UNUSABLE */
export async function keptList(checkpoint: string, approval: string): Promise<ApprovedList | undefined> {
  const file = fileOf(checkpoint);
  const bytes = await readFile(file).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return undefined;
    throw unusable(file, cause);
  });
  if (bytes === undefined) return undefined;
  const head = Buffer.from(`${approval}\n`);
  if (!bytes.subarray(0, head.length).equals(head)) return undefined;
  const rest = Uint8Array.from(bytes.subarray(head.length)); // its buffer is its own, and begins with it
  const isWhole = rest.length > 0 && rest.length % 16 === 0;
  if (!isWhole) throw unusable(file, new Error('it is no list of approved versions'));
  return listOf(new Uint32Array(rest.buffer));
}

const unusable = (file: string, cause: unknown) =>
  failure(
    'CHECKPOINT_UNUSABLE',
    { file, reason: cause instanceof Error ? cause.message : String(cause) },
    { cause },
  );
