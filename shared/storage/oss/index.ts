import type { Storage } from '../port.ts';
import { bucketCalls } from './buckets.ts';
import { opener, performer } from './call.ts';
import { objectCalls } from './objects.ts';
import type { OssStorageOptions } from './options.ts';
import { policyCalls } from './policies.ts';
import { createTransport } from './transport.ts';
import { listVersions } from './versions.ts';

export type { OssCredentials, OssStorageOptions } from './options.ts';

/** The storage port over OSS, with connections of its own. */
export interface OssStorage extends Storage {
  /** Closes the idle connections. The storage stays usable: a later call opens new ones. */
  close(): void;
}

/**
 * The storage port over Alibaba Cloud OSS: ali-oss underneath, V4 signatures, HTTPS unless the endpoint says
 * `http://`. Nothing is retried here (see `withRetry`).
 * @throws CONFIG_INVALID for a region, an endpoint or credentials that cannot be used
 */
export function createOssStorage(options: OssStorageOptions): OssStorage {
  const transport = createTransport(options);
  const perform = performer(transport);
  return {
    ...objectCalls(perform, opener(transport)),
    listVersions: listVersions(perform),
    ...bucketCalls(perform),
    ...policyCalls(perform),
    close: () => transport.close(),
  };
}
