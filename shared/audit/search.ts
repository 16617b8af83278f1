import { hasCode } from '../platform/errors.ts';
import type { ObjectPrefix } from '../rules/types.ts';
import type { StorageReads } from '../storage/port.ts';
import { readableText } from '../storage/readable-text.ts';
import type { AuditFile, AuditRecord } from './file.ts';
import { matchesFilter, type RecordFilter } from './filter.ts';
import { formatName, parseName } from './name.ts';
import { parseFile } from './parse-file.ts';
import { entries, inOrder } from './walk.ts';

/** A record, and where it stands. */
export interface FoundRecord {
  readonly record: AuditRecord;
  readonly by: string;
  readonly requestId: string | undefined;
  /** This is when its file was written. */
  readonly writtenAt: Date;
  readonly file: string;
}

/**
 * Finds the records of decisions, file by file, by hours; `inTimeOrder` sorts them. It believes what it reads;
 * `verifyAudit` says whether that can be believed, so what is no evidence is left to it.
 */
export async function* searchAudit(
  storage: Pick<StorageReads, 'listVersions' | 'readText'>,
  place: ObjectPrefix,
  filter: RecordFilter,
  since: Date | undefined,
  now: Date,
): AsyncIterable<FoundRecord> {
  const files = inOrder(entries(storage, place, since, now), async ({ key, versions }) => {
    // The oldest version is the one that was written first.
    const first = versions.filter(({ kind }) => kind === 'version').at(-1);
    const name = parseName(key.slice(place.prefix.length));
    if (name === undefined || first === undefined) return undefined;
    const text = await readableText(storage, first, { hasCode });
    const file = text === undefined ? undefined : parseFile(text);
    return file === undefined || 'problem' in file ? undefined : file;
  });
  for await (const file of files) {
    if (file !== undefined) yield* recordsOf(file, filter);
  }
}

function* recordsOf(
  { name, by, requestId, writtenAt, records }: AuditFile,
  filter: RecordFilter,
): Iterable<FoundRecord> {
  for (const record of records) {
    if (record['action'] === 'anchor' || !matchesFilter(record, filter)) continue;
    yield { record, by, requestId, writtenAt, file: formatName(name) };
  }
}
