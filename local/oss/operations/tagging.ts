import { z } from 'zod';
import { receiveXml } from '../body.ts';
import type { Cloud, Operation } from '../operation.ts';
import { type Reply, versionHeader, xmlReply } from '../reply.ts';
import type { Call } from '../request.ts';
import type { Bucket, ObjectVersion } from '../state.ts';
import { checkTags, type Tags } from '../tags.ts';
import { findBucket, findVersion, noSuchKey, updateObject } from '../versions.ts';

const tagging = z.strictObject({
  Tagging: z.strictObject({
    TagSet: z.union([
      z.literal(''),
      z.strictObject({ Tag: z.array(z.strictObject({ Key: z.string(), Value: z.string() })) }),
    ]),
  }),
});

const sub = { on: 'object', requires: ['tagging'], allows: ['versionId'] } as const;

/** Tags of a version. Writing them moves neither its date nor its protection. */
export const taggingOperations: readonly Operation[] = [
  { name: 'PutObjectTagging', method: 'PUT', ...sub, run: put },
  { name: 'GetObjectTagging', method: 'GET', ...sub, run: get },
  {
    name: 'DeleteObjectTagging',
    method: 'DELETE',
    ...sub,
    run: (call, cloud) => replace(call, cloud, {}, 204),
  },
];

async function put(call: Call, cloud: Cloud): Promise<Reply> {
  const { Tagging } = await receiveXml(call, tagging, ['Tag']);
  const list = Tagging.TagSet === '' ? [] : Tagging.TagSet.Tag;
  return replace(call, cloud, checkTags(list.map(({ Key, Value }) => [Key, Value] as const)), 200);
}

function get(call: Call, cloud: Cloud): Reply {
  const { bucket, version } = findTaggable(call, cloud);
  const list = Object.entries(version.tags).map(([Key, Value]) => ({ Key, Value }));
  return xmlReply(
    { Tagging: { TagSet: list.length > 0 ? { Tag: list } : '' } },
    versionHeader(bucket, version.versionId),
  );
}

function replace(call: Call, cloud: Cloud, tags: Tags, status: number): Reply {
  const { bucket, version } = findTaggable(call, cloud);
  updateObject(cloud.store, bucket.name, call.key, version, { tags });
  return { status, headers: versionHeader(bucket, version.versionId) };
}

/** Unlike other calls, these answer 404 to a delete marker by its id (documented with GetObjectTagging). */
function findTaggable(call: Call, cloud: Cloud): { bucket: Bucket; version: ObjectVersion } {
  const bucket = findBucket(cloud.store, call.bucket);
  const version = findVersion(cloud.store, bucket.name, call.key, call.query.get('versionId'));
  if (version?.kind !== 'object') throw noSuchKey(call.key, version);
  return { bucket, version };
}
