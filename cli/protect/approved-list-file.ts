import { open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { longestApprovalMs } from '../../shared/approvals/name.ts';
import { hashSubjects } from '../../shared/approvals/subject.ts';
import type { ProtectSubject } from '../../shared/approvals/types.ts';
import { type Checkpoint, fileCheckpoint } from '../../shared/backfill/checkpoint.ts';
import { makeFolders } from '../../shared/backfill/make-folders.ts';
import { failure, hasCode } from '../../shared/platform/errors.ts';
import { type ApprovedList, bytesOfEntry, hashList, listOf } from './approved-list.ts';

/** A run that was approved and has come to its end. */
interface DoneRun {
  readonly subject: ProtectSubject;
  readonly left: { readonly unread: number } | undefined;
}

const fileOf = (checkpoint: string): string => `${checkpoint}.approved`;

/** Returns the stem of the file that keeps the list of a plan until its run, whatever other plans there are. */
const planFile = (subject: ProtectSubject): string =>
  join('.holdfast', `protect-plan-${hashSubjects([subject]).slice('sha256:'.length).slice(0, 16)}`);

/**
 * Keeps the list of a plan on this machine, so that its run may write less than what was approved. Lists whose approval must have ended are removed.
 * @param subject what is to be approved
 * @throws CHECKPOINT_UNUSABLE
 */
export async function keepPlanned(subject: ProtectSubject, list: ApprovedList): Promise<void> {
  const stem = planFile(subject);
  await keepList(stem, subject, list);
  const { mtimeMs: now } = await stat(fileOf(stem));
  for (const name of await readdir(dirname(stem))) {
    if (!/^protect-plan-.*\.approved$/.test(name)) continue;
    const file = join(dirname(stem), name);
    const { mtimeMs = now } = (await stat(file).catch(() => undefined)) ?? {}; // another command may have removed it
    if (now - mtimeMs > longestApprovalMs) await rm(file, { force: true });
  }
}

/** Returns the list of a plan that was made on this machine; undefined where there is none that can be used. */
export async function plannedList(subject: ProtectSubject): Promise<ApprovedList | undefined> {
  try {
    return await keptList(planFile(subject), subject);
  } catch (error) {
    if (!hasCode(error, 'CHECKPOINT_UNUSABLE')) throw error;
    return undefined; // the run has to be exactly what was approved then
  }
}

/**
 * Removes the list of what was approved, if it was, once its run is done. It stays where versions failed, or could not be looked at: another run
 * of the same approval may write them.
 */
export async function removePlanned(approved: DoneRun | undefined, failed: number): Promise<void> {
  if (approved === undefined || failed > 0 || (approved.left?.unread ?? 0) > 0) return;
  await rm(fileOf(planFile(approved.subject)), { force: true });
}

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
 * Keeps the list of an approved run beside its checkpoint, for the time after a stop. A list of a million versions has 32 MB, so it is
 * neither copied here nor when it is read.
 * @param subject what was approved
 * @throws CHECKPOINT_UNUSABLE
 */
export async function keepList(
  checkpoint: string,
  subject: ProtectSubject,
  { table }: ApprovedList,
): Promise<void> {
  const file = fileOf(checkpoint);
  const bytes = Buffer.from(table.buffer, table.byteOffset, table.byteLength);
  try {
    await makeFolders(dirname(file));
    const handle = await open(`${file}.new`, 'w');
    try {
      await handle.writeFile(headOf(subject));
      await handle.writeFile(bytes);
    } finally {
      await handle.close();
    }
    await rename(`${file}.new`, file);
  } catch (cause) {
    throw unusable(file, cause);
  }
}

/** The file begins with what was approved. */
const headOf = (subject: ProtectSubject): Buffer => Buffer.from(`${hashSubjects([subject])}\n`);

/**
 * Returns the list that was kept for what was approved; undefined where there is none. The approval names the hash of its list, so no other
 * one takes its place.
 * @throws CHECKPOINT_UNUSABLE
 */
export async function keptList(
  checkpoint: string,
  subject: ProtectSubject,
): Promise<ApprovedList | undefined> {
  const file = fileOf(checkpoint);
  try {
    const list = await readList(file, headOf(subject));
    if (list !== undefined && hashList(list) !== subject.list)
      throw new Error('it is not the list that was approved');
    return list;
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    throw unusable(file, cause);
  }
}

/** Reads the list behind a head into the memory that it is used from; undefined where the file has another head. */
async function readList(file: string, head: Buffer): Promise<ApprovedList | undefined> {
  const handle = await open(file);
  try {
    const found = Buffer.alloc(head.length);
    await handle.read(found, 0, head.length, 0);
    if (!found.equals(head)) return undefined;
    const length = (await handle.stat()).size - head.length;
    if (length <= 0 || length % bytesOfEntry !== 0) throw new Error('it is no list of approved versions');
    const bytes = new Uint8Array(length);
    let read = 0;
    while (read < length) {
      const { bytesRead } = await handle.read(bytes, read, length - read, head.length + read);
      if (bytesRead === 0) throw new Error('it became shorter while it was read');
      read += bytesRead;
    }
    return listOf(new Uint32Array(bytes.buffer));
  } finally {
    await handle.close();
  }
}

const unusable = (file: string, cause: unknown) =>
  failure(
    'CHECKPOINT_UNUSABLE',
    { file, reason: cause instanceof Error ? cause.message : String(cause) },
    { cause },
  );
