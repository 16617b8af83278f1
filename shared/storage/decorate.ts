import { aroundPages } from './listing.ts';
import type {
  BucketPolicies,
  LastLook,
  LegalHolds,
  ObjectStore,
  StorageReads,
  StorageWrites,
} from './port.ts';

/**
 * This is what decorators of the storage port are made of. A new call of the port is added here once (the compiler
 * asks for it), and every decorator has it.
 */

/** The name of a call that changes something. */
export type WriteName =
  | keyof StorageWrites
  | Exclude<keyof BucketPolicies, 'getPolicy'>
  | Exclude<keyof LegalHolds, 'getHold'>;

/** Stands around one read; a list counts as one read for each of its pages. */
export type AroundRead = <Result>(call: () => Promise<Result>) => Promise<Result>;
/**
 * Stands around one write, with its last look where it has one. The call asks that look unless it is given another one.
 */
export type AroundWrite = <Result>(
  operation: WriteName,
  call: (lastLook?: LastLook) => Promise<Result>,
  lastLook?: LastLook,
) => Promise<Result>;

/** Decorates a store of any cloud. */
export type AroundStore = (storage: ObjectStore) => ObjectStore;

/** Makes the decorator that puts `read` around every read and `write` around every write. Bucket policies and legal holds stay where there are some. */
export const aroundStore =
  (read: AroundRead, write: AroundWrite): AroundStore =>
  (storage) => {
    const { policies, holds } = storage;
    return {
      ...aroundReads(storage, read),
      ...aroundWrites(storage, write),
      ...(policies !== undefined && { policies: aroundPolicies(policies, read, write) }),
      ...(holds !== undefined && { holds: aroundHolds(holds, read, write) }),
    };
  };

/** Returns the reads of `storage`, and nothing else of it, each with `around` around it. */
export function aroundReads(storage: StorageReads, around: AroundRead): StorageReads {
  return {
    cloud: storage.cloud,
    headObject: (at) => around(() => storage.headObject(at)),
    getTags: (at) => around(() => storage.getTags(at)),
    getRetention: (at) => around(() => storage.getRetention(at)),
    readText: (at, knownETag) => around(() => storage.readText(at, knownETag)),
    readObject: (at) => around(() => storage.readObject(at)),
    getVersioning: (bucket) => around(() => storage.getVersioning(bucket)),
    getObjectWorm: (bucket) => around(() => storage.getObjectWorm(bucket)),
    listVersions: (bucket, prefix, cursor) =>
      aroundPages(storage.listVersions(bucket, prefix, cursor), around),
    listBuckets: () => aroundPages(storage.listBuckets(), around),
  };
}

function aroundWrites(storage: StorageWrites, around: AroundWrite): StorageWrites {
  return {
    putRetention: (at, retention, lastLook) =>
      around('putRetention', (look = lastLook) => storage.putRetention(at, retention, look), lastLook),
    writeText: (at, text) => around('writeText', () => storage.writeText(at, text)),
    putObjectWorm: (bucket, configuration) =>
      around('putObjectWorm', () => storage.putObjectWorm(bucket, configuration)),
  };
}

function aroundPolicies(policies: BucketPolicies, read: AroundRead, write: AroundWrite): BucketPolicies {
  return {
    getPolicy: (bucket) => read(() => policies.getPolicy(bucket)),
    initiatePolicy: (bucket, days) => write('initiatePolicy', () => policies.initiatePolicy(bucket, days)),
    lockPolicy: (bucket, id) => write('lockPolicy', () => policies.lockPolicy(bucket, id)),
    extendPolicy: (bucket, id, days) => write('extendPolicy', () => policies.extendPolicy(bucket, id, days)),
    abortPolicy: (bucket) => write('abortPolicy', () => policies.abortPolicy(bucket)),
  };
}

function aroundHolds(holds: LegalHolds, read: AroundRead, write: AroundWrite): LegalHolds {
  return {
    getHold: (at) => read(() => holds.getHold(at)),
    putHold: (at, status, lastLook) =>
      write('putHold', (look = lastLook) => holds.putHold(at, status, look), lastLook),
  };
}
