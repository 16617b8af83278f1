import { hour } from '../platform/instant.ts';
import type { ObjectPrefix } from '../rules/types.ts';
import type { StorageReads } from '../storage/port.ts';
import type { AuditRecord } from './file.ts';
import { type FileName, formatName, hourOf, parseName } from './name.ts';

/**
 * Nothing comes after the last file of a chain, so nothing in the chain would tell that it was removed. Therefore the
 * timer names the last files of all chains in its own: an anchor. It looks at this hour and the one before, so that
 * with a run every quarter of an hour each file is named while it is the last, and once more after its hour is over.
 */
export async function anchorRecord(
  storage: Pick<StorageReads, 'listVersions'>,
  place: ObjectPrefix,
  now: Date,
): Promise<AuditRecord> {
  const heads = new Map<string, string>();
  for (const start of [new Date(now.getTime() - hour), now]) {
    const folder = `${place.prefix}${hourOf(start)}/`;
    for await (const { kind, key } of storage.listVersions(place.bucket, folder)) {
      const name = kind === 'version' ? parseName(key.slice(place.prefix.length)) : undefined;
      // Keys come in order: within an hour the last one of a writer has the highest number.
      if (name !== undefined) heads.set(`${name.hour}/${name.writer}`, formatName(name));
    }
  }
  return { action: 'anchor', heads: [...heads.values()] };
}

/** Returns the files that an anchor names; none for any other record. */
export function anchored(record: AuditRecord): FileName[] {
  const heads = record['action'] === 'anchor' ? record['heads'] : undefined;
  if (!Array.isArray(heads)) return [];
  return heads.flatMap((head: unknown) => {
    const name = typeof head === 'string' ? parseName(head) : undefined;
    return name === undefined ? [] : [name];
  });
}
