import { type ApprovalName, longestApprovalMs, parseApprovalName } from '../approvals/name.ts';
import { parseApproval, type WrittenApproval } from '../approvals/record.ts';
import type { Rules } from '../rules/types.ts';
import type { AuditFinding } from './findings.ts';
import { type EvidenceEntry, type InspectDeps, inspect } from './inspect.ts';
import { mayHaveGone } from './verify.ts';
import { entries } from './walk.ts';

/** An approval as it lies in the evidence. */
export interface ApprovalFile {
  /** Undefined for what is no name of an approval. */
  readonly name: ApprovalName | undefined;
  /** The text that has the hash in the name; undefined when there is none. */
  readonly text: string | undefined;
  /** The time of the service when it was written first. */
  readonly writtenAt: Date | undefined;
  /** Undefined for a text that approves nothing. */
  readonly approval: WrittenApproval | undefined;
  /** This is what is wrong with it by itself, as whoever verifies all evidence finds it too. */
  readonly inspected: readonly AuditFinding[];
  /** This is what only somebody finds who was told of it, or who reads it. */
  readonly findings: readonly AuditFinding[];
}

/** This is what looking at an approval takes. */
export interface ApprovalFileDeps extends Omit<InspectDeps, 'lockedBucket'> {
  readonly storage: InspectDeps['storage'] & Parameters<typeof entries>[0];
  readonly rules: Rules;
  /** The days of the policy of the bucket, where it is locked. */
  readonly lockedDays: number | undefined;
}

/**
 * Reads an approval that a record names, and compares it with its name. One that is not there any more is a fault only as long as
 * the rules or the policy of the bucket have kept it.
 * @param file below the folder of the evidence
 * @throws what listing and reading throw
 */
export async function approvalFile(deps: ApprovalFileDeps, file: string): Promise<ApprovalFile> {
  const { storage, place, now, lockedDays } = deps;
  const name = parseApprovalName(file);
  const nothing = { name, text: undefined, writtenAt: undefined, approval: undefined, inspected: [] };
  const withFinding = (fault: AuditFinding['fault'], reason: string) => ({
    ...nothing,
    findings: [{ fault, file, reason }],
  });
  if (name === undefined)
    return withFinding('missing', 'a record names it as an approval, which it cannot be');
  const key = `${place.prefix}${file}`;
  let entry: EvidenceEntry | undefined;
  // What is named as the list itself would be taken for a folder.
  const beginning = { bucket: place.bucket, prefix: key.slice(0, -'.json'.length) };
  for await (const each of entries(storage, beginning, undefined, now)) if (each.key === key) entry = each;
  if (entry === undefined) {
    const earliest = new Date(name.until.getTime() - longestApprovalMs);
    if (mayHaveGone(deps, file, earliest, lockedDays)) return { ...nothing, findings: [] };
    return withFinding('missing', 'a record names it as an approval');
  }
  const looked = await inspect({ ...deps, lockedBucket: lockedDays !== undefined }, entry);
  const { findings: inspected, text } = looked;
  if (text === undefined) return { ...nothing, inspected, findings: [] };
  const writtenAt = entry.versions.filter(({ kind }) => kind === 'version').at(-1)?.lastModified;
  const read = parseApproval(text);
  const problem = problemOf(read, name);
  if (problem !== undefined || 'problem' in read)
    return { ...withFinding('foreign', `it approves nothing: ${problem}`), text, writtenAt, inspected };
  return { name, text, writtenAt, approval: read, inspected, findings: [] };
}

/** Says why a text whose hash fits approves nothing. */
function problemOf(read: ReturnType<typeof parseApproval>, name: ApprovalName): string | undefined {
  if ('problem' in read) return read.problem;
  if (read.by.caller !== name.caller) return `it says that it is of ${read.by.caller}`;
  return read.until.getTime() === name.until.getTime() ? undefined : 'its name has another end';
}
