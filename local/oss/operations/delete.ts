import * as z from 'zod';
import { needsOfDeletion } from '../../ram/actions.ts';
import { receiveXml } from '../body.ts';
import { OssError } from '../errors.ts';
import type { Cloud, Operation } from '../operation.ts';
import { type Reply, xmlReply } from '../reply.ts';
import type { Call } from '../request.ts';
import type { Bucket } from '../state.ts';
import { findBucket, type Removed, removeObject } from '../versions.ts';
import type { Xml } from '../xml.ts';
import { bypassesGovernance } from './object-headers.ts';
import { keyEncoding } from './paging.ts';

const deleteDocument = z.strictObject({
  Delete: z.strictObject({
    Quiet: z.enum(['true', 'false']).optional(),
    Object: z
      .array(z.strictObject({ Key: z.string().min(1), VersionId: z.string().optional() }))
      .min(1)
      .max(1000),
  }),
});

export const deleteOperations: readonly Operation[] = [
  {
    name: 'DeleteObject',
    method: 'DELETE',
    on: 'object',
    allows: ['versionId'],
    headers: ['x-oss-bypass-governance-retention'],
    run: deleteObject,
  },
  {
    name: 'DeleteMultipleObjects',
    method: 'POST',
    on: 'bucket',
    requires: ['delete'],
    allows: ['encoding-type'],
    headers: ['x-oss-bypass-governance-retention'],
    run: deleteMultipleObjects,
  },
];

function deleteObject(call: Call, cloud: Cloud): Reply {
  const bucket = findBucket(cloud.store, call.bucket);
  const versionId = call.query.get('versionId');
  const removed = remove(call, cloud, bucket, call.key, versionId, 'ObjectRemoved:DeleteObject');
  return {
    status: 204,
    headers: {
      ...(bucket.versioning !== 'Unversioned' && { 'x-oss-version-id': removed.versionId }),
      ...(removed.deleteMarker && { 'x-oss-delete-marker': 'true' }),
    },
  };
}

/** Every object by itself: one that is refused does not keep the others. Quiet replies name the refused only. */
async function deleteMultipleObjects(call: Call, cloud: Cloud): Promise<Reply> {
  const { Delete } = await receiveXml(call, deleteDocument, ['Object']);
  call.authorize(Delete.Object.flatMap(({ Key, VersionId }) => needsOfDeletion(call, Key, VersionId)));
  const bucket = findBucket(cloud.store, call.bucket);
  const { type, text } = keyEncoding(call);
  const deleted: Xml[] = [];
  const refused: Xml[] = [];
  for (const { Key, VersionId } of Delete.Object) {
    const named = { Key: text(Key), VersionId };
    try {
      const removed = remove(call, cloud, bucket, Key, VersionId, 'ObjectRemoved:DeleteObjects');
      deleted.push({ ...named, ...describe(removed) });
    } catch (error) {
      if (!(error instanceof OssError)) throw error;
      refused.push({ ...named, Code: error.code, Message: error.message });
    }
  }
  const isQuiet = Delete.Quiet === 'true';
  if (isQuiet && refused.length === 0) return { status: 200 };
  return xmlReply({
    DeleteResult: { EncodingType: type, Deleted: isQuiet ? [] : deleted, Error: refused },
  });
}

function describe({ deleteMarker, versionId }: Removed): Xml {
  return deleteMarker ? { DeleteMarker: true, DeleteMarkerVersionId: versionId } : {};
}

/** Only an object that is gone for good raises an event; a delete marker raises none. */
function remove(
  call: Call,
  cloud: Cloud,
  bucket: Bucket,
  key: string,
  versionId: string | undefined,
  event: string,
): Removed {
  const bypass = bypassesGovernance(call);
  const removed = removeObject(cloud.store, bucket, key, versionId, cloud.now(), bypass);
  const { gone } = removed;
  if (gone) {
    const { size } = gone.content;
    cloud.announce(call, {
      name: event,
      key,
      size,
      deltaSize: -size,
      etag: gone.etag,
      metadata: gone.metadata,
      versionId: gone.versionId,
    });
  }
  return removed;
}
