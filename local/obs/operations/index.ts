import { refuseObs } from '../errors.ts';
import type { ObsCall, ObsCloud, ObsOperation } from '../operation.ts';
import { aclOperations } from './acl.ts';
import { bucketOperations } from './buckets.ts';
import { fromOss } from './core.ts';
import { deleteObjects } from './delete-objects.ts';
import { obsInventoryOperations } from './inventory.ts';
import { listOperations } from './list.ts';
import { listVersions } from './list-versions.ts';
import { objectLockOperations } from './object-lock.ts';
import { putRetention } from './retention.ts';
import { taggingOperations } from './tagging.ts';

/** The headers that say how long a version is retained; only HEAD answers them, to whom may read them. */
const lockHeaders = ['x-oss-object-worm-mode', 'x-oss-object-worm-retain-until-date'];

const without = (names: readonly string[], headers: Readonly<Record<string, string>> = {}) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !names.includes(name)));

/** Tags in a header are tags too. */
const offersTags = ({ headers }: ObsCall, cloud: ObsCloud): void => {
  if (headers['x-oss-tagging'] !== undefined && cloud.quirks().noTags) throw refuseObs('MethodNotAllowed');
};

/** Everything that the embedded OBS can do; whatever is not here is NotImplemented. The first that fits a request wins. */
export const obsOperations: readonly ObsOperation[] = [
  ...bucketOperations,
  fromOss('GetBucketVersioning'),
  fromOss('PutBucketVersioning'),
  ...objectLockOperations,
  putRetention,
  ...aclOperations,
  ...obsInventoryOperations,
  ...taggingOperations,
  fromOss('AppendObject'),
  fromOss('CopyObject', { before: offersTags }),
  fromOss('InitiateMultipartUpload', { before: offersTags }),
  fromOss('UploadPartCopy'),
  fromOss('UploadPart'),
  fromOss('CompleteMultipartUpload'),
  fromOss('AbortMultipartUpload'),
  fromOss('ListParts'),
  fromOss('ListMultipartUploads'),
  fromOss('PutObject', { before: offersTags }),
  fromOss('GetObject', {
    after: (reply) => ({ ...reply, headers: without(lockHeaders, reply.headers) }),
  }),
  fromOss('HeadObject', {
    after: (reply, { bucket, key, may }, cloud) =>
      cloud.quirks().retentionHidden || !may({ action: 'obs:object:GetObjectRetention', bucket, key })
        ? { ...reply, headers: without(lockHeaders, reply.headers) }
        : reply,
  }),
  fromOss('DeleteObject'),
  deleteObjects,
  listVersions,
  ...listOperations,
];
