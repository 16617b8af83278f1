import { decideObject } from '../objects/decide.ts';
import { day } from '../platform/instant.ts';
import type { ObjectPrefix, Rules } from '../rules/types.ts';
import { type Storage, versionId } from '../storage/port.ts';
import { type ChainState, createChainCheck, type Reference } from './chain.ts';
import type { AuditFile } from './file.ts';
import type { AuditFinding } from './findings.ts';
import { type EvidenceEntry, type InspectDeps, inspect } from './inspect.ts';
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
  /** This is what an earlier run has kept of itself, to go on there. */
  readonly from?: VerifyState | undefined;
  /** Called when all files of an hour were handed out, with what has to be kept to go on behind them; waited for. */
  onHour?(state: VerifyState): Promise<void>;
  /** Called after each file. */
  onProgress?(counts: Pick<Verified, 'files' | 'records' | 'findings'>): void;
}

/** This is how far a verification has come, between two hours. */
export interface VerifyState {
  /** The name of the first file that was not looked at: everything before it was. */
  readonly next: string;
  readonly files: number;
  readonly records: number;
  readonly findings: number;
  readonly chain: ChainState;
  /** Files that were reported as missing. */
  readonly reported: readonly string[];
  readonly lastAnchor?: LastAnchor | undefined;
}

interface LastAnchor {
  readonly name: string;
  readonly writtenAt: Date;
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
  const { from } = options;
  const chain = createChainCheck(from?.chain);
  const reported = new Set(from?.reported);
  const { files = 0, records = 0, findings: found = 0 } = from ?? {};
  const counts = { files, records, findings: found };
  let hour: string | undefined;
  let lastAnchor = from?.lastAnchor;

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
  const keep = async (next: string) =>
    await options.onHour?.({ ...counts, next, chain: chain.state(), reported: [...reported], lastAnchor });

  const listed = behind(entries(storage, place, since, now), place, from?.next);
  for await (const { name, file, findings } of inOrder(listed, (entry) => inspect(deps, entry))) {
    if (name !== undefined && hour !== undefined && hour !== name.hour) {
      await endHour();
      await keep(formatName(name));
    }
    hour = name?.hour ?? hour;
    counts.files += 1;
    counts.records += file?.records.length ?? 0;
    for (const finding of findings) report(finding);
    options.onProgress?.(counts);
    if (name === undefined) continue;
    for (const finding of chain.add(name, file)) report(finding);
    lastAnchor = laterAnchor(lastAnchor, file);
    await options.onFile?.(name, file);
  }
  await endHour();
  return { ...counts, unnamed: chain.unnamed, lastAnchor: lastAnchor?.name };
}

/** Leaves out of the evidence what was looked at before. Names of evidence are ASCII, where this is the order of the list. */
async function* behind(
  listed: AsyncIterable<EvidenceEntry>,
  { prefix }: ObjectPrefix,
  next: string | undefined,
): AsyncIterable<EvidenceEntry> {
  for await (const entry of listed) {
    if (next === undefined || entry.key.slice(prefix.length) >= next) yield entry;
  }
}

function laterAnchor(one: LastAnchor | undefined, file: AuditFile | undefined): LastAnchor | undefined {
  if (!file?.records.some(({ action }) => action === 'anchor')) return one;
  if (one !== undefined && one.writtenAt > file.writtenAt) return one;
  return { name: formatName(file.name), writtenAt: file.writtenAt };
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
