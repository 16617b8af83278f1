import type { ObjectPrefix } from '../rules/types.ts';
import type { StorageReads } from '../storage/port.ts';
import { type AuditFile, type AuditRecord, parseFile } from './file.ts';
import { formatName, parseName } from './name.ts';
import { entries, inOrder } from './walk.ts';

/** A record, and where it stands. */
export interface FoundRecord {
  readonly record: AuditRecord;
  readonly by: string;
  readonly requestId: string | undefined;
  readonly file: string;
}

/**
 * The records about objects and buckets, by hours, as they stand in the files. It believes what it reads; `verifyAudit`
 * says whether that can be believed, so what is no evidence is left to it.
 * @param bucket and `key` (a beginning of it): only records about those
 */
export async function* searchAudit(
  storage: Pick<StorageReads, 'listVersions' | 'readText'>,
  place: ObjectPrefix,
  about: { readonly bucket?: string; readonly key?: string },
  since: Date | undefined,
  now: Date,
): AsyncIterable<FoundRecord> {
  const files = inOrder(entries(storage, place, since, now), async ({ key, versions }) => {
    // The oldest version is the one that was written first.
    const first = versions.filter(({ kind }) => kind === 'version').at(-1);
    const name = parseName(key.slice(place.prefix.length));
    if (name === undefined || first === undefined) return undefined;
    const found = await storage.readText(first);
    const file = found === 'unchanged' ? undefined : parseFile(found.text);
    return file === undefined || 'problem' in file ? undefined : file;
  });
  for await (const file of files) {
    if (file !== undefined) yield* recordsOf(file, about);
  }
}

function* recordsOf(
  { name, by, requestId, records }: AuditFile,
  about: { readonly bucket?: string; readonly key?: string },
): Iterable<FoundRecord> {
  for (const record of records) {
    const { bucket, key } = record;
    if (record['action'] === 'anchor') continue;
    if (about.bucket !== undefined && bucket !== about.bucket) continue;
    if (about.key !== undefined && !(typeof key === 'string' && key.startsWith(about.key))) continue;
    yield { record, by, requestId, file: formatName(name) };
  }
}
