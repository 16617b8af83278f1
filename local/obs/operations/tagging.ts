import { findStored } from '../../oss/operations/stored.ts';
import { refuseObs } from '../errors.ts';
import type { ObsCall, ObsCloud, ObsOperation } from '../operation.ts';
import { fromOss } from './core.ts';

/** Not every region offers tags. */
function offered(_call: ObsCall, cloud: ObsCloud): void {
  if (cloud.quirks().noTags) throw refuseObs('MethodNotAllowed');
}

/** Tags of object versions. A write has to say what its body is: Content-MD5, or the SHA-256 of version 4. */
export const taggingOperations: readonly ObsOperation[] = [
  fromOss('PutObjectTagging', {
    before(call, cloud) {
      offered(call, cloud);
      const { headers } = call;
      const isHashed = /^[0-9a-f]{64}$/i.test(headers['x-oss-content-sha256'] ?? '');
      if (headers['content-md5'] === undefined && !isHashed) {
        throw refuseObs('InvalidRequest', {
          message: 'Missing required header for this request: Content-MD5',
        });
      }
    },
  }),
  fromOss('GetObjectTagging', {
    before(call, cloud) {
      offered(call, cloud);
      const { version } = findStored(call, cloud);
      if (Object.keys(version.tags).length === 0)
        throw refuseObs('NoSuchTagSet', { details: { Key: call.key } });
    },
  }),
  fromOss('DeleteObjectTagging', { before: offered }),
];
