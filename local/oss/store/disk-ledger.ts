import type { Database, RootDatabase } from 'lmdb';
import type { Body } from '../content.ts';
import type { Ledger } from './bodies.ts';
import type { BodyFiles } from './body-files.ts';
import { diskKey } from './disk-keys.ts';
import { SMALL_BYTES } from './intake.ts';

/** Counts bodies in the database, and keeps the bytes of small ones there. */
export function diskLedger(
  root: RootDatabase,
  files: BodyFiles,
): Ledger & { find(id: string, size: number): Body } {
  const counts: Database<number, Buffer> = root.openDB({ name: 'counts', keyEncoding: 'binary' });
  const bytesOf: Database<Buffer, Buffer> = root.openDB({
    name: 'bodies',
    keyEncoding: 'binary',
    encoding: 'binary',
  });
  /** Bodies that nobody names, or nobody yet. */
  const loose: Database<boolean, Buffer> = root.openDB({ name: 'loose', keyEncoding: 'binary' });
  /** The bytes of small bodies that nobody names yet. */
  const arriving = new Map<string, Buffer>();

  const readSmall = (id: string): Buffer => {
    const bytes = arriving.get(id) ?? bytesOf.get(diskKey(id));
    if (!bytes) throw new Error(`body ${id} is missing`);
    return bytes;
  };
  const smallBody = (id: string, size: number): Body => ({
    id,
    size,
    read: (start, end) => [readSmall(id).subarray(start, end)],
  });
  const forget = (id: string) => {
    arriving.delete(id);
    bytesOf.removeSync(diskKey(id));
    loose.removeSync(diskKey(id));
  };

  root.transactionSync(() => {
    for (const key of [...loose.getKeys()]) {
      files.remove(key.toString());
      forget(key.toString());
    }
  });

  return {
    count: (id) => counts.get(diskKey(id)) ?? 0,
    setCount({ id }, count) {
      const key = diskKey(id);
      if (count === 0) {
        counts.removeSync(key);
        loose.putSync(key, true);
        return;
      }
      const bytes = arriving.get(id);
      if (bytes) bytesOf.putSync(key, bytes);
      else loose.removeSync(key);
      arriving.delete(id);
      counts.putSync(key, count);
    },
    small(id, bytes) {
      arriving.set(id, bytes);
      return smallBody(id, bytes.length);
    },
    expectFile: (id) => void loose.putSync(diskKey(id), true),
    free(bodies) {
      for (const { id } of bodies) if (loose.doesExist(diskKey(id))) files.remove(id);
      root.transactionSync(() => {
        for (const { id } of bodies) forget(id);
      });
    },
    find: (id, size) =>
      size <= SMALL_BYTES
        ? smallBody(id, size)
        : { id, size, read: (start, end) => files.read(id, start, end) },
  };
}
