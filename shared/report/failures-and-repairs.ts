import { repairsOf } from '../backfill/repairs.ts';
import { isOpen, listLetters } from '../dead-letters/box.ts';
import { formatAddress } from '../platform/address.ts';
import type { Rules } from '../rules/types.ts';
import type { StorageReads } from '../storage/port.ts';
import { reasonOf } from './unreadable-bucket.ts';

/** This is what could not be found out, and why. */
export interface Unknown {
  readonly unknown: string;
}

/** Failed events that wait for somebody. */
export type OpenLetters = { readonly open: number; readonly oldest: Date | undefined } | Unknown;

/** The last completed repair of one bucket. */
export type LastRepair = { readonly bucket: string } & (
  | {
      readonly completedAt: Date;
      readonly versions: number;
      readonly changed: number;
      readonly failed: number;
    }
  | Unknown
);

/** This is what is kept beside the dead letters. */
export interface FailuresAndRepairs {
  /** The address of the folder; undefined when the rules name no folder: then nothing of this is known. */
  readonly place: string | undefined;
  readonly deadLetters: OpenLetters;
  readonly repairs: readonly LastRepair[] | Unknown;
}

/** Reads what the folder of dead letters says about failures and repairs; what cannot be read is told. */
export async function readFailuresAndRepairs(
  storage: StorageReads,
  { deadLetters: folder }: Rules,
): Promise<FailuresAndRepairs> {
  if (folder === undefined) {
    const unknown = { unknown: 'the rules name no `deadLetters`, so nobody keeps them' };
    return { place: undefined, deadLetters: unknown, repairs: unknown };
  }
  const told = (error: unknown): Unknown => ({ unknown: reasonOf(error) });
  const [deadLetters, repairs] = await Promise.all([
    openLetters(storage, folder).catch(told),
    lastRepairs(storage, folder).catch(told),
  ]);
  return {
    place: formatAddress(storage.cloud, { bucket: folder.bucket, key: folder.prefix }),
    deadLetters,
    repairs,
  };
}

type Folder = NonNullable<Rules['deadLetters']>;

async function openLetters(storage: StorageReads, folder: Folder): Promise<OpenLetters> {
  const open = (await listLetters(storage, folder)).filter(isOpen);
  return { open: open.length, oldest: open[0]?.failedAt };
}

async function lastRepairs(storage: StorageReads, folder: Folder): Promise<LastRepair[]> {
  const found = await repairsOf(storage, folder);
  return found.map((one) => {
    if ('error' in one) return { bucket: one.bucket, unknown: reasonOf(one.error) };
    const { bucket, completedAt, versions, changed, failed } = one.repair;
    return { bucket, completedAt, versions, changed, failed };
  });
}
