import * as z from 'zod';
import { needsOfObsDeletion } from '../../iam/actions.ts';
import { receiveXml } from '../../oss/body.ts';
import { OssError } from '../../oss/errors.ts';
import type { Reply } from '../../oss/reply.ts';
import { encode } from '../../oss/signature/request.ts';
import { findBucket, removeObject } from '../../oss/versions.ts';
import { asObsError, refuseObs } from '../errors.ts';
import type { ObsCall, ObsCloud, ObsOperation } from '../operation.ts';
import { element, elements, type XmlElement } from '../xml.ts';
import { documentReply } from './reply.ts';

const deleteDocument = z.strictObject({
  Delete: z.strictObject({
    Quiet: z.enum(['true', 'false']).optional(),
    EncodingType: z.literal('url').optional(),
    Object: z
      .array(z.strictObject({ Key: z.string().min(1), VersionId: z.string().optional() }))
      .min(1)
      .max(1000),
  }),
});

/** Each object by itself: the reply is 200 and names those that were refused. */
export const deleteObjects: ObsOperation = {
  name: 'DeleteObjects',
  method: 'POST',
  on: 'bucket',
  requires: ['delete'],
  async run(call: ObsCall, cloud: ObsCloud): Promise<Reply> {
    const { Delete } = await receiveXml(call, deleteDocument, ['Object']);
    const bucket = findBucket(cloud.store, call.bucket);
    const isUrl = Delete.EncodingType === 'url';
    const results = Delete.Object.flatMap(({ Key, VersionId }): XmlElement[] => {
      const key = isUrl ? decodeURIComponent(Key) : Key;
      const named = { Key: isUrl ? encode(key) : key, VersionId };
      try {
        if (!needsOfObsDeletion(bucket.name, key, VersionId).every(call.may)) throw refuseObs('AccessDenied');
        const removed = removeObject(cloud.store, bucket, key, VersionId, cloud.now(), false);
        if (Delete.Quiet === 'true') return [];
        const marker = removed.deleteMarker
          ? { DeleteMarker: true, DeleteMarkerVersionId: removed.versionId }
          : {};
        return [element('Deleted', elements({ ...named, ...marker }))];
      } catch (error) {
        if (!(error instanceof OssError)) throw error;
        const { code, message } = asObsError(error);
        return [element('Error', elements({ ...named, Code: code, Message: message }))];
      }
    });
    const type = isUrl ? elements({ EncodingType: 'url' }) : [];
    return documentReply(call, 'DeleteResult', [...type, ...results]);
  },
};
