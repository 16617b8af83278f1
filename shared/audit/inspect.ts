import { parseApprovalName } from '../approvals/name.ts';
import { mattersFolder, parseRecordName } from '../matters/name.ts';
import { hasCode } from '../platform/errors.ts';
import { formatInstant, minute } from '../platform/instant.ts';
import type { ObjectPrefix } from '../rules/types.ts';
import type { ListedVersion, StorageReads } from '../storage/port.ts';
import type { AuditFile } from './file.ts';
import type { AuditFinding } from './findings.ts';
import { type FileName, formatName, parseName, sha256 } from './name.ts';
import { parseFile } from './parse-file.ts';
import { maxBytes } from './trail.ts';

type DataVersion = Extract<ListedVersion, { kind: 'version' }>;

/** Everything that the bucket has under one key. */
export interface EvidenceEntry {
  readonly key: string;
  readonly versions: readonly ListedVersion[];
}

/** A key that was looked at by itself; how it stands to the others is chain.ts' business. */
export interface Inspected {
  readonly name: FileName | undefined;
  /** The content as it was written; absent when no version has it any more. */
  readonly file: AuditFile | undefined;
  /** The text of an approval or of a record of a matter that has the hash in its name. */
  readonly text?: string | undefined;
  readonly findings: readonly AuditFinding[];
}

export interface InspectDeps {
  readonly storage: Pick<StorageReads, 'readText' | 'headObject'>;
  readonly place: ObjectPrefix;
  readonly now: Date;
  /** The bucket's own policy keeps every object in it. */
  readonly lockedBucket: boolean;
}

/** A writer puts its file under retention right after it has written it. */
const graceMs = 5 * minute;

/** No file of ours is longer; a record that is as long by itself is still within. */
const longest = 4 * maxBytes;

/** Reads all versions of one key, and says what is wrong with it by itself. */
export async function inspect(deps: InspectDeps, { key, versions }: EvidenceEntry): Promise<Inspected> {
  const path = key.slice(deps.place.prefix.length);
  const name = parseName(path);
  const record = path.startsWith(mattersFolder) ? parseRecordName(path) : parseApprovalName(path);
  const found = (fault: AuditFinding['fault'], reason: string): AuditFinding => ({
    fault,
    file: path,
    reason,
  });
  if (name === undefined && record === undefined) {
    return { name, file: undefined, findings: [found('foreign', 'its name is none of evidence')] };
  }
  const data = versions.filter((version) => version.kind === 'version');
  if (data.length === 0) {
    return { name, file: undefined, findings: [found('missing', 'only a delete marker is left of it')] };
  }
  const markers = versions.filter(({ kind }) => kind === 'delete-marker');
  const looks = await Promise.all(
    data.map((version) =>
      name === undefined ? lookAtRecord(deps, record?.sha256, version) : look(deps, name, version),
    ),
  );
  // A write that was repeated leaves the same content twice, and retains the later one.
  const isKept = looks.some(({ wrong }) => wrong === undefined);
  const wrongs = looks.flatMap(({ wrong }) => (wrong === undefined ? [] : [wrong]));
  return {
    name,
    file: looks.find(({ file }) => file !== undefined)?.file,
    text: looks.find(({ text }) => text !== undefined)?.text,
    findings: [
      ...markers.map(({ lastModified }) =>
        found('hidden', `a delete marker of ${formatInstant(lastModified)} lies over it`),
      ),
      ...wrongs.filter(([fault]) => fault !== 'unretained' || !isKept).map((wrong) => found(...wrong)),
    ],
  };
}

interface Look {
  readonly file?: AuditFile;
  /** The text of a record of a matter, or of an approval. */
  readonly text?: string;
  readonly wrong?: readonly [AuditFinding['fault'], string];
}

async function look(deps: InspectDeps, name: FileName, version: DataVersion): Promise<Look> {
  const { versionId } = version;
  const read = await readVersion(deps, version);
  if ('problem' in read) return { wrong: ['changed', `version ${versionId}: ${read.problem}`] };
  if (read.name.sha256 !== name.sha256) {
    const reason = `version ${versionId}: its content has the hash ${read.name.sha256}`;
    return { wrong: ['changed', reason] };
  }
  if (formatName(read.name) !== formatName(name)) {
    return { wrong: ['misplaced', `version ${versionId} was written as ${formatName(read.name)}`] };
  }
  const wrong = await whyUnretained(deps, version);
  return wrong === undefined ? { file: read } : { file: read, wrong: ['unretained', wrong] };
}

/** A record of a matter and an approval are evidence too: each is compared with the hash in its name, and must be retained. */
async function lookAtRecord(
  deps: InspectDeps,
  expected: string | undefined,
  version: DataVersion,
): Promise<Look> {
  const { versionId } = version;
  const read = await readVersionText(deps, version);
  if ('problem' in read) return { wrong: ['changed', `version ${versionId}: ${read.problem}`] };
  const actual = sha256(read.text);
  if (actual !== expected) {
    return { wrong: ['changed', `version ${versionId}: its content has the hash ${actual}`] };
  }
  const wrong = await whyUnretained(deps, version);
  const { text } = read;
  return wrong === undefined ? { text } : { text, wrong: ['unretained', wrong] };
}

async function readVersion(
  deps: InspectDeps,
  version: DataVersion,
): Promise<AuditFile | { readonly problem: string }> {
  const read = await readVersionText(deps, version);
  return 'problem' in read ? read : parseFile(read.text);
}

async function readVersionText(
  { storage }: InspectDeps,
  { bucket, key, versionId, size }: DataVersion,
): Promise<{ readonly text: string } | { readonly problem: string }> {
  if (size > longest) return { problem: `it has ${size} bytes` };
  try {
    const found = await storage.readText({ bucket, key, versionId });
    return found === 'unchanged' ? { problem: 'it has no text' } : { text: found.text };
  } catch (error) {
    if (!hasCode(error, 'UNEXPECTED_REPLY', 'TEXT_ENCODING', 'NO_SUCH_OBJECT')) throw error;
    return { problem: error.message };
  }
}

async function whyUnretained(deps: InspectDeps, version: DataVersion): Promise<string | undefined> {
  const { storage, now, lockedBucket } = deps;
  const { bucket, key, versionId, lastModified } = version;
  if (lockedBucket || now.getTime() - lastModified.getTime() < graceMs) return undefined;
  const head = await storage.headObject({ bucket, key, versionId });
  if (typeof head === 'string') return 'it was deleted while it was looked at';
  if (head.retention === undefined) return `version ${versionId} can be deleted`;
  return head.retention.mode === 'COMPLIANCE' ? undefined : `version ${versionId} is under GOVERNANCE only`;
}
