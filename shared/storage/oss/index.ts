import type { BucketPolicies, LegalHolds, ObjectStore } from '../port.ts';
import { bucketCalls } from './buckets.ts';
import { opener, performer } from './call.ts';
import { holdCalls } from './holds.ts';
import { objectCalls } from './objects.ts';
import type { OssCredentials, OssStorageOptions } from './options.ts';
import { policyCalls } from './policies.ts';
import { createTransport, type Deadline, type Transport } from './transport.ts';
import { listVersions } from './versions.ts';

export type { OssCredentials, OssStorageOptions } from './options.ts';
export type { Deadline } from './transport.ts';

/** The storage port over OSS: its buckets can have WORM policies, and its versions legal holds. */
export interface OssStore extends ObjectStore {
  readonly policies: BucketPolicies;
  readonly holds: LegalHolds;
}

/** The storage port over OSS, with connections of its own. */
export interface OssStorage extends OssStore {
  /** Closes the idle connections. The storage stays usable: a later call opens new ones. */
  close(): void;
}

/** Connections and credentials, over which storages for single pieces of work are made. */
export interface OssConnection {
  /**
   * Makes the storage for a piece of work. It costs next to nothing, so every invocation has its own.
   * @param deadline by the clock of the options; none of its requests, and no wait for a part of a body, lasts longer
   * than the time that is left then, and none begins afterwards (NO_TIME_LEFT). A function is asked before every
   * request.
   * @param credentials sign the requests instead of those of the options
   * @throws CONFIG_INVALID for credentials that cannot be used
   */
  storage(deadline?: Deadline, credentials?: OssCredentials): OssStore;
  /** Closes the idle connections. Storages made before stay usable: a later call opens new ones. */
  close(): void;
}

/**
 * Returns the storage port over Alibaba Cloud OSS: V4 signatures, HTTPS unless the endpoint says `http://`. Nothing
 * is retried here (see `withRetry`), and no redirect is followed.
 * @throws CONFIG_INVALID for a region, an endpoint or credentials that cannot be used
 */
export function createOssStorage(options: OssStorageOptions): OssStorage {
  return storageOver(createTransport(options));
}

/**
 * Makes the connections that the storages of many pieces of work share; otherwise like {@link createOssStorage}.
 * @throws CONFIG_INVALID for a region, an endpoint or credentials that cannot be used
 */
export function connectOss(options: OssStorageOptions): OssConnection {
  const transport = createTransport(options);
  return {
    storage: (deadline, credentials) =>
      calls(credentials === undefined ? transport : transport.as(credentials), deadline),
    close: () => transport.close(),
  };
}

/** Returns the storage port over any transport to OSS. */
export function storageOver(transport: Transport): OssStorage {
  return { ...calls(transport), close: () => transport.close() };
}

function calls(transport: Transport, deadline?: Deadline): OssStore {
  const perform = performer(transport, deadline);
  return {
    cloud: 'oss',
    ...objectCalls(perform, opener(transport, deadline)),
    listVersions: listVersions(perform),
    ...bucketCalls(perform),
    policies: policyCalls(perform),
    holds: holdCalls(perform),
  };
}
