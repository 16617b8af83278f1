import { chmodSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Database, open } from 'lmdb';
import { failure } from '../../../shared/platform/errors.ts';
import type { Content } from '../content.ts';
import type { Bucket, Part, Upload, Version } from '../state.ts';
import { createBodies } from './bodies.ts';
import { bodyFiles } from './body-files.ts';
import { diskKey, diskRange, partKey } from './disk-keys.ts';
import { diskLedger } from './disk-ledger.ts';
import { lockFolder } from './folder-lock.ts';
import { objectContents } from './memory.ts';
import {
  type PartRecord,
  readPart,
  readVersion,
  type UploadRecord,
  type VersionRecord,
  writePart,
  writeVersion,
} from './records.ts';
import type { Store } from './store.ts';

/** Goes up when folders of an earlier version can no longer be read. */
const FORMAT = 1;

/**
 * Returns everything in a folder: an LMDB database, and large bodies as files. What a call has changed is there after
 * a kill at any moment, since it was handed to the operating system before the call returned. It is not forced on to
 * the disk: a machine that loses power may lose it.
 * @throws HoldfastError DATA_IN_USE, DATA_UNUSABLE
 */
export async function openDiskStore(folder: string): Promise<Store> {
  const lock = await lockFolder(folder);
  try {
    const store = openStore(folder);
    return {
      ...store,
      async close() {
        await store.close();
        await lock.release();
      },
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

function openStore(folder: string): Store {
  // noSync: see above. Without it a commit takes some fifteen times as long.
  const root = open<number, string>({ path: join(folder, 'index'), maxDbs: 8, noSync: true });
  const table = <T>(name: string): Database<T, Buffer> =>
    root.openDB<T, Buffer>({ name, keyEncoding: 'binary' });
  const settings = root.openDB<number, string>({ name: 'settings' });
  const buckets = table<Bucket>('buckets');
  const versions = table<readonly VersionRecord[]>('versions');
  const uploads = table<UploadRecord>('uploads');
  const parts = table<PartRecord>('parts');
  checkFormat(folder, settings);
  closeToOthers(join(folder, 'index'));

  const files = bodyFiles(() => join(folder, 'bodies'));
  const ledger = diskLedger(root, files);
  const bodies = createBodies(files, ledger);
  const atomically: Store['atomically'] = (work) => root.transactionSync(work);

  /** The buckets, by name: each request asks for its own several times, and a read decodes it. */
  const known = new Map([...buckets.getRange()].map(({ value }) => [value.name, value]));
  const readVersions = (bucket: string, key: string): readonly Version[] =>
    (versions.get(diskKey(bucket, key)) ?? []).map((record) => readVersion(record, ledger.find));
  const readParts = (bucket: string, id: string): Map<number, Part> => {
    const found = new Map<number, Part>();
    for (const { value } of parts.getRange(diskRange(bucket, id)))
      found.set(value.number, readPart(value, ledger.find));
    return found;
  };
  const readUpload = (record: UploadRecord): Upload => ({
    ...record,
    get parts() {
      return readParts(record.bucket, record.id);
    },
  });
  const putPart = (bucket: string, id: string, part: Part) => {
    const key = diskKey(bucket, id, partKey(part.number));
    const replaced = parts.get(key);
    bodies.recount(replaced ? [readPart(replaced, ledger.find).content] : [], [part.content]);
    parts.putSync(key, writePart(part));
  };

  return {
    bucket: (name) => known.get(name),
    buckets: () => [...buckets.getRange().map(({ value }) => value)],
    saveBucket(bucket) {
      buckets.putSync(diskKey(bucket.name), bucket);
      known.set(bucket.name, bucket);
    },
    removeBucket(name) {
      buckets.removeSync(diskKey(name));
      known.delete(name);
    },
    versions: readVersions,
    addVersion(bucket, key, version) {
      if (!known.has(bucket)) return undefined;
      return atomically(() => {
        const before = versions.get(diskKey(bucket, key)) ?? [];
        bodies.recount([], objectContents([version]));
        versions.putSync(diskKey(bucket, key), [writeVersion(version), ...before]);
        return before[0] && readVersion(before[0], ledger.find);
      });
    },
    replaceVersion(bucket, key, version) {
      atomically(() => {
        const before = versions.get(diskKey(bucket, key)) ?? [];
        const replaced = before.find(({ versionId }) => versionId === version.versionId);
        if (!replaced) return;
        bodies.recount(objectContents([readVersion(replaced, ledger.find)]), objectContents([version]));
        const next = writeVersion(version);
        versions.putSync(
          diskKey(bucket, key),
          before.map((each) => (each === replaced ? next : each)),
        );
      });
    },
    saveVersions(bucket, key, next) {
      if (!known.has(bucket)) return;
      atomically(() => {
        bodies.recount(objectContents(readVersions(bucket, key)), objectContents(next));
        if (next.length === 0) versions.removeSync(diskKey(bucket, key));
        else versions.putSync(diskKey(bucket, key), next.map(writeVersion));
      });
    },
    nextKey(bucket, from, inclusive) {
      const start = diskKey(bucket, from);
      const { end } = diskRange(bucket);
      for (const key of versions.getKeys({ start, end, limit: 2 })) {
        if (inclusive || !key.equals(start)) return key.toString('utf8', bucket.length + 1);
      }
      return undefined;
    },
    upload(bucket, id) {
      const record = uploads.get(diskKey(bucket, id));
      return record && readUpload(record);
    },
    uploads: (bucket) => [...uploads.getRange(diskRange(bucket)).map(({ value }) => readUpload(value))],
    saveUpload({ parts: named, ...record }) {
      atomically(() => {
        uploads.putSync(diskKey(record.bucket, record.id), record);
        for (const part of named.values()) putPart(record.bucket, record.id, part);
      });
    },
    savePart: (bucket, uploadId, part) => atomically(() => putPart(bucket, uploadId, part)),
    removeUpload(bucket, id) {
      atomically(() => {
        const gone = readParts(bucket, id);
        bodies.recount(contentsOf(gone), []);
        for (const number of gone.keys()) parts.removeSync(diskKey(bucket, id, partKey(number)));
        uploads.removeSync(diskKey(bucket, id));
      });
    },
    atomically,
    lease: bodies.lease,
    clockOffset: () => settings.get('clockOffset'),
    saveClockOffset: (offsetMs) => void settings.putSync('clockOffset', offsetMs),
    async close() {
      await bodies.settle();
      await root.close();
    },
  };
}

/** The database's files are readable by all as LMDB makes them. */
function closeToOthers(index: string): void {
  for (const name of readdirSync(index)) chmodSync(join(index, name), 0o600);
  chmodSync(index, 0o700);
}

function contentsOf(parts: ReadonlyMap<number, Part>): Content[] {
  return [...parts.values()].map((part) => part.content);
}

function checkFormat(folder: string, settings: Database<number, string>): void {
  const format = settings.get('format') ?? FORMAT;
  if (format !== FORMAT) {
    throw failure('DATA_UNUSABLE', { folder, reason: `it is of format ${format}, not ${FORMAT}` });
  }
  settings.putSync('format', FORMAT);
}
