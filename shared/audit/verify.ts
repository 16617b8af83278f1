import { decideObject } from '../objects/decide.ts';
import { day } from '../platform/instant.ts';
import type { ObjectPrefix, Rules } from '../rules/types.ts';
import { type Storage, versionId } from '../storage/port.ts';
import { createChainCheck, type Reference } from './chain.ts';
import type { AuditFile } from './file.ts';
import type { AuditFinding } from './findings.ts';
import { type InspectDeps, inspect } from './inspect.ts';
import { endOf, type FileName, formatName } from './name.ts';
import { entries, inOrder } from './walk.ts';

export interface VerifyOptions {
  readonly storage: Storage;
  readonly place: ObjectPrefix;
  readonly now: Date;
  /** Tell what need not be there any more; without them everything that is named must be there. */
  readonly rules?: Rules | undefined;
  /** From that day on; what is named and older is not looked for. */
  readonly since?: Date | undefined;
  /** Called as soon as something is found. */
  onFinding(finding: AuditFinding): void;
  /** Called with each file of evidence, in order; waited for. */
  onFile?(name: FileName, file: AuditFile | undefined): Promise<void>;
  /** Called after each file. */
  onProgress?(counts: Pick<Verified, 'files' | 'records' | 'findings'>): void;
}

export interface Verified {
  readonly files: number;
  readonly records: number;
  readonly findings: number;
  /** Ends of chains that no file names: if they were removed, nothing would tell. */
  readonly unnamed: number;
  /** The last file that names the ends of chains; noted elsewhere, its hash vouches for all before it. */
  readonly lastAnchor: string | undefined;
}

/**
 * Walks all evidence of a folder once, in order, and compares every file with its name, its neighbours and whatever
 * names it. Memory holds the names of two hours.
 * @throws what reading throws: evidence that cannot be read is not evidence that something is wrong with it
 */
export async function verifyAudit(options: VerifyOptions): Promise<Verified> {
  const { storage, place, now, since } = options;
  const policy = await storage.policies?.getPolicy(place.bucket);
  const lockedDays = policy?.state === 'Locked' ? policy.days : undefined;
  const deps: InspectDeps = { storage, place, now, lockedBucket: lockedDays !== undefined };
  const chain = createChainCheck();
  const reported = new Set<string>();
  const counts = { files: 0, records: 0, findings: 0 };
  let hour: string | undefined;
  let lastAnchor: AuditFile | undefined;

  const report = (finding: AuditFinding) => {
    counts.findings += 1;
    options.onFinding(finding);
  };
  const endHour = async () => {
    for (const reference of chain.endHour().unseen) {
      const to = formatName(reference.to);
      if (reported.has(to) || (await isThere(options, reference.to, lockedDays))) continue;
      reported.add(to);
      report({ fault: 'missing', file: to, reason: whoNames(reference) });
    }
  };

  const listed = entries(storage, place, since, now);
  for await (const { name, file, findings } of inOrder(listed, (entry) => inspect(deps, entry))) {
    counts.files += 1;
    counts.records += file?.records.length ?? 0;
    for (const finding of findings) report(finding);
    options.onProgress?.(counts);
    if (name === undefined) continue;
    if (hour !== undefined && hour !== name.hour) await endHour();
    hour = name.hour;
    for (const finding of chain.add(name, file)) report(finding);
    lastAnchor = laterAnchor(lastAnchor, file);
    await options.onFile?.(name, file);
  }
  await endHour();
  return { ...counts, unnamed: chain.unnamed, lastAnchor: lastAnchor && formatName(lastAnchor.name) };
}

function laterAnchor(one: AuditFile | undefined, file: AuditFile | undefined): AuditFile | undefined {
  if (!file?.records.some(({ action }) => action === 'anchor')) return one;
  return one !== undefined && one.writtenAt > file.writtenAt ? one : file;
}

const whoNames = ({ from, kind }: Reference): string =>
  kind === 'anchor' ? `the anchor ${from} names it` : `${from} names it as the one before it`;

/** Tells whether a file that was not seen in its hour is there all the same, or need not be. */
async function isThere(options: VerifyOptions, name: FileName, lockedDays: number | undefined) {
  const { storage, place } = options;
  if (isOutOfSight(options, name, lockedDays)) return true;
  const head = await storage.headObject({
    bucket: place.bucket,
    key: `${place.prefix}${formatName(name)}`,
  });
  return typeof head !== 'string';
}

/** Tells whether a file is older than what was asked for, or so old that it may have been deleted by right. */
function isOutOfSight(options: VerifyOptions, name: FileName, lockedDays: number | undefined): boolean {
  const { since } = options;
  const writtenBy = endOf(name);
  if (since !== undefined && writtenBy <= since) return true;
  return mayHaveGone(options, formatName(name), writtenBy, lockedDays);
}

/**
 * Tells whether a file of the evidence is so old that it may have been deleted by right. Pure.
 * @param file below the folder of the evidence
 * @param writtenBy from when its retention counts
 * @param lockedDays of the policy of the bucket, where it is locked
 */
export function mayHaveGone(
  { rules, place, now }: Pick<VerifyOptions, 'rules' | 'place' | 'now'>,
  file: string,
  writtenBy: Date,
  lockedDays: number | undefined,
): boolean {
  if (lockedDays !== undefined) return writtenBy.getTime() + lockedDays * day <= now.getTime();
  if (rules === undefined) return false;
  const version = {
    bucket: place.bucket,
    key: `${place.prefix}${file}`,
    versionId: versionId('null'),
    lastModified: writtenBy,
    type: 'Normal',
    tags: new Map(),
    retention: undefined,
  };
  return decideObject(rules, version, now).action === 'elapsed';
}
