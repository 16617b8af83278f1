import { aroundPages } from './listing.ts';
import type { StorageReads, StorageWrites } from './port.ts';

/**
 * What decorators of the storage port are made of. A new call of the port is added here once (the compiler
 * asks for it), and every decorator has it.
 */

/** Stands around one read; a list counts as one read for each of its pages. */
export type AroundRead = <Result>(call: () => Promise<Result>) => Promise<Result>;
/** Stands around one write. */
export type AroundWrite = <Result>(
  operation: keyof StorageWrites,
  call: () => Promise<Result>,
) => Promise<Result>;

/** The reads of `storage`, and nothing else of it, each with `around` around it. */
export function aroundReads(storage: StorageReads, around: AroundRead): StorageReads {
  return {
    headObject: (at) => around(() => storage.headObject(at)),
    getTags: (at) => around(() => storage.getTags(at)),
    getRetention: (at) => around(() => storage.getRetention(at)),
    readText: (at, knownETag) => around(() => storage.readText(at, knownETag)),
    readObject: (at) => around(() => storage.readObject(at)),
    getVersioning: (bucket) => around(() => storage.getVersioning(bucket)),
    getObjectWorm: (bucket) => around(() => storage.getObjectWorm(bucket)),
    getPolicy: (bucket) => around(() => storage.getPolicy(bucket)),
    listVersions: (bucket, prefix, cursor) =>
      aroundPages(storage.listVersions(bucket, prefix, cursor), around),
    listBuckets: () => aroundPages(storage.listBuckets(), around),
  };
}

/** The writes of `storage`, and nothing else of it, each with `around` around it. */
export function aroundWrites(storage: StorageWrites, around: AroundWrite): StorageWrites {
  return {
    putRetention: (at, retention) => around('putRetention', () => storage.putRetention(at, retention)),
    writeText: (at, text) => around('writeText', () => storage.writeText(at, text)),
    putObjectWorm: (bucket, configuration) =>
      around('putObjectWorm', () => storage.putObjectWorm(bucket, configuration)),
    initiatePolicy: (bucket, days) => around('initiatePolicy', () => storage.initiatePolicy(bucket, days)),
    lockPolicy: (bucket, id) => around('lockPolicy', () => storage.lockPolicy(bucket, id)),
    extendPolicy: (bucket, id, days) => around('extendPolicy', () => storage.extendPolicy(bucket, id, days)),
    abortPolicy: (bucket) => around('abortPolicy', () => storage.abortPolicy(bucket)),
  };
}
