import pLimit from 'p-limit';
import { formatAddress } from '../platform/address.ts';
import type { Clock } from '../platform/clock.ts';
import type { ErrorTools, HoldfastError } from '../platform/errors.ts';
import { day, formatInstant, hour } from '../platform/instant.ts';
import type { ObjectPrefix } from '../rules/types.ts';
import { readHashedText, type Unfit } from '../storage/hashed-text.ts';
import type { DataVersion, StorageReads } from '../storage/port.ts';
import { type ApprovalName, approvalsIn, longestApprovalMs, parseApprovalName } from './name.ts';
import { parseApproval } from './record.ts';
import type { Approval } from './types.ts';

/** This is where approvals are read from. */
export interface ApprovalsSource {
  readonly storage: Pick<StorageReads, 'cloud' | 'listVersions' | 'readText'>;
  /** The folder of the evidence. */
  readonly folder: ObjectPrefix;
  readonly errors: ErrorTools;
}

/** The approvals of a folder, and what is there and is none. */
export interface FoundApprovals {
  readonly approvals: readonly Approval[];
  /** Each is APPROVAL_MALFORMED; such a file approves nothing. */
  readonly unreadable: readonly HoldfastError[];
}

/** The most bytes of an approval: none that is longer is written or read. */
export const mostApprovalBytes = 1024 * 1024;

/** One that ended longer ago than this is not read: nobody asks any more why it does not count. */
const tellExpiredMs = 30 * day;
/** Clocks of a command and of the service differ by less than this. */
const clockSlackMs = hour;
const concurrency = 16;

/**
 * Reads all approvals: one list, and one request for each that has not ended long ago. A delete marker takes an approval back. A
 * version that somebody put over an approval does not take its place.
 * @throws what listing and reading throw
 */
export async function readApprovals(
  source: ApprovalsSource,
  clock: Pick<Clock, 'now'>,
): Promise<FoundApprovals> {
  const { storage, folder } = source;
  const { bucket, prefix } = approvalsIn(folder);
  const found = new Map<string, DataVersion[]>();
  const withdrawn = new Set<string>();
  for await (const version of storage.listVersions(bucket, prefix)) {
    if (version.kind === 'version') found.set(version.key, [...(found.get(version.key) ?? []), version]);
    else if (version.isLatest) withdrawn.add(version.key);
  }
  const now = clock.now(); // a command's clock follows the service from its first reply on
  const approvals: Approval[] = [];
  const unreadable: HoldfastError[] = [];
  await pLimit(concurrency).map([...found], async ([key, versions]) => {
    const file = key.slice(folder.prefix.length);
    const name = parseApprovalName(file);
    if (name === undefined || withdrawn.has(key)) return;
    if (name.until.getTime() < now.getTime() - tellExpiredMs) return;
    const read = await readOne(source, { file, name }, versions);
    if ('code' in read) unreadable.push(read);
    else approvals.push(read);
  });
  return { approvals, unreadable };
}

interface Place {
  readonly file: string;
  readonly name: ApprovalName;
}

/** Reads one approval; its oldest version first. */
async function readOne(
  { storage, errors }: ApprovalsSource,
  { file, name }: Place,
  versions: readonly DataVersion[],
): Promise<Approval | HoldfastError> {
  const object = { versions: versions.toReversed(), sha256: name.sha256, mostBytes: mostApprovalBytes };
  const read = await readHashedText(storage, object, errors, (text, { lastModified }) =>
    approvalOf(text, { file, name }, lastModified),
  );
  if (!('problem' in read)) return read;
  const target = read.version === undefined ? file : formatAddress(storage.cloud, read.version);
  return errors.failure('APPROVAL_MALFORMED', { target, reason: read.problem });
}

/** @param at the time of the service when it was written */
function approvalOf(text: string, { file, name }: Place, at: Date): Approval | Unfit {
  const read = parseApproval(text);
  if ('problem' in read) return read;
  const { by, until, plan, subjects, note } = read;
  if (by.caller !== name.caller)
    return { problem: `it lies in the folder of ${name.caller}, and says that it is of ${by.caller}` };
  if (until.getTime() !== name.until.getTime())
    return {
      problem: `its name says that it ends at ${formatInstant(name.until)}, and it ends at ${formatInstant(until)}`,
    };
  if (until.getTime() > at.getTime() + longestApprovalMs + clockSlackMs)
    return { problem: `it was written at ${formatInstant(at)}, and would last for more than 90 days` };
  return { caller: by.caller, at, until, plan, subjects, note, file };
}
