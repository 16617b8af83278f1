import pLimit from 'p-limit';
import { type CloudName, formatAddress } from '../platform/address.ts';
import { failure, hasCode } from '../platform/errors.ts';
import type { ObjectPrefix } from '../rules/types.ts';
import { readHashedText } from '../storage/hashed-text.ts';
import type { DataVersion, StorageReads } from '../storage/port.ts';
import { type MatterRecordName, mattersFolder, parseRecordName } from './name.ts';
import type { Malformed } from './record.ts';
import { type FoundMatterRecord, isPassKind, type Matters, mattersOf } from './state.ts';
import type { MatterRecord } from './types.ts';

/** Reads the text of a record; its code is loaded when there is a record to be read. */
export type LoadMatterParser = () => Promise<(text: string, cloud: CloudName) => MatterRecord | Malformed>;

/** Records that were read before, by their keys: a name has the hash of its content, so none is read twice. */
export type KnownRecords = Map<string, FoundMatterRecord>;

export interface MattersSource {
  readonly storage: Pick<StorageReads, 'cloud' | 'listVersions' | 'readText'>;
  /** The folder of the evidence. */
  readonly folder: ObjectPrefix;
  readonly load: LoadMatterParser;
  readonly known?: KnownRecords | undefined;
  /** Leaves out the records of passes. They say what was done, and nothing about what is held; each costs a request. */
  readonly withoutPasses?: true | undefined;
}

/** The most bytes of a record: none that is longer is written or read. */
export const mostMatterRecordBytes = 256 * 1024;
/** Records that are read at once. */
const concurrency = 16;

/**
 * Reads all matters: one list, and one request for each record that is not known yet. A delete marker hides no record, and a
 * version that somebody put over a record does not take its place.
 * @throws what listing and reading throw; a record that is malformed is told in the result
 */
export async function readMatters(source: MattersSource): Promise<Matters> {
  const { storage, folder, known = new Map(), withoutPasses } = source;
  const versions = new Map<string, { name: MatterRecordName; data: DataVersion[] }>();
  for await (const entry of storage.listVersions(folder.bucket, `${folder.prefix}${mattersFolder}`)) {
    const name = parseRecordName(entry.key.slice(folder.prefix.length));
    if (name === undefined || entry.kind !== 'version') continue;
    if (withoutPasses && isPassKind(name.kind)) continue;
    const { data } = versions.get(entry.key) ?? { data: [] };
    versions.set(entry.key, { name, data: [...data, entry] });
  }
  const found = await pLimit(concurrency).map([...versions], async ([key, { name, data }]) => {
    const before = known.get(key);
    if (before !== undefined) return before;
    const read = await readRecord(source, name, data);
    if ('record' in read) known.set(key, read);
    return read;
  });
  return mattersOf(found);
}

async function readRecord(
  { storage, load }: MattersSource,
  name: MatterRecordName,
  versions: readonly DataVersion[],
): Promise<FoundMatterRecord> {
  const object = { versions, sha256: name.sha256, mostBytes: mostMatterRecordBytes };
  const read = await readHashedText(storage, object, { hasCode }, async (text) => {
    const parse = await load();
    const record = parse(text, storage.cloud);
    if ('problem' in record) return record;
    const isNamed = record.id === name.id && record.kind === name.kind;
    return isNamed ? { name, record } : { problem: `it says that it is ${record.kind} of ${record.id}` };
  });
  if (!('problem' in read)) return read;
  // There is at least one version, or the record would not be here.
  const { bucket = '', key, versionId } = read.version ?? {};
  const target = formatAddress(storage.cloud, { bucket, key, versionId });
  return { name, error: failure('MATTER_MALFORMED', { target, reason: read.problem }) };
}
