import { hasCode } from '../platform/errors.ts';
import { hour } from '../platform/instant.ts';
import type { ObjectPrefix } from '../rules/types.ts';
import type { StorageReads } from '../storage/port.ts';
import { readableText } from '../storage/readable-text.ts';
import type { AuditFile } from './file.ts';
import { hourOf, parseName } from './name.ts';
import { parseFile } from './parse-file.ts';

/** Evidence is looked for in this hour and in so many before it. */
export const hoursBack = 24;

/**
 * Finds the newest file of evidence that a function or command has written within a day, whichever instance it was.
 * Lists hour by hour, the newest first, and reads one file.
 * @param by the function or the command, such as `policy-timer`
 * @returns undefined when there is none, or the newest one cannot be understood
 * @throws what listing and reading throw
 */
export async function latestFile(
  storage: Pick<StorageReads, 'listVersions' | 'readText'>,
  place: ObjectPrefix,
  by: string,
  now: Date,
): Promise<AuditFile | undefined> {
  for (let back = 0; back <= hoursBack; back += 1) {
    const key = await newestKey(storage, place, `${hourOf(new Date(now.getTime() - back * hour))}/${by}-`);
    if (key === undefined) continue;
    const text = await readableText(storage, { bucket: place.bucket, key }, { hasCode });
    const file = text === undefined ? undefined : parseFile(text);
    return file === undefined || 'problem' in file ? undefined : file;
  }
  return undefined;
}

/** Finds the newest key. The later key of one second counts, because a chain goes on in the order of its keys. */
async function newestKey(
  storage: Pick<StorageReads, 'listVersions'>,
  { bucket, prefix }: ObjectPrefix,
  begin: string,
): Promise<string | undefined> {
  let newest: { readonly key: string; readonly lastModified: Date } | undefined;
  for await (const { kind, key, lastModified } of storage.listVersions(bucket, `${prefix}${begin}`)) {
    if (kind !== 'version' || parseName(key.slice(prefix.length)) === undefined) continue;
    if (newest === undefined || lastModified >= newest.lastModified) newest = { key, lastModified };
  }
  return newest?.key;
}
