import * as z from 'zod';
import { receiveXml } from '../body.ts';
import { refuse } from '../errors.ts';
import type { Cloud, Operation } from '../operation.ts';
import { type Reply, xmlReply } from '../reply.ts';
import type { Call } from '../request.ts';
import { findBucket } from '../versions.ts';

const versioningConfiguration = z.strictObject({
  VersioningConfiguration: z.strictObject({ Status: z.enum(['Enabled', 'Suspended']) }),
});

export const versioningOperations: readonly Operation[] = [
  {
    name: 'GetBucketVersioning',
    method: 'GET',
    on: 'bucket',
    requires: ['versioning'],
    run(call, cloud) {
      const { versioning } = findBucket(cloud.store, call.bucket);
      const status = versioning === 'Unversioned' ? undefined : versioning;
      return xmlReply({ VersioningConfiguration: status ? { Status: status } : '' });
    },
  },
  {
    name: 'PutBucketVersioning',
    method: 'PUT',
    on: 'bucket',
    requires: ['versioning'],
    run: putBucketVersioning,
  },
];

/** Neither kind of WORM lets versioning be suspended (reference/oss-retention.md, 1.3 and 2.1). */
async function putBucketVersioning(call: Call, cloud: Cloud): Promise<Reply> {
  const { VersioningConfiguration } = await receiveXml(call, versioningConfiguration);
  const bucket = findBucket(cloud.store, call.bucket);
  const versioning = VersioningConfiguration.Status;
  if (versioning === 'Suspended' && (bucket.objectWorm || bucket.policy)) {
    throw refuse('InvalidBucketState', { details: { BucketName: bucket.name } });
  }
  cloud.store.saveBucket({ ...bucket, versioning });
  return { status: 200 };
}
