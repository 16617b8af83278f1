import type { Cloud, Operation } from '../operation.ts';
import { type Reply, versionHeader, xmlReply } from '../reply.ts';
import type { Call } from '../request.ts';
import { checkBucketTags, checkTags, type Tags } from '../tags.ts';
import { findBucket, updateObject } from '../versions.ts';
import { findStored } from './stored.ts';
import { receiveTags, writeTags } from './tag-set.ts';

const ofObject = { on: 'object', requires: ['tagging'], allows: ['versionId'] } as const;
const ofBucket = { on: 'bucket', requires: ['tagging'] } as const;

/** Tags of versions and of buckets. Writing an object's moves neither its date nor its protection. */
export const taggingOperations: readonly Operation[] = [
  {
    name: 'PutObjectTagging',
    method: 'PUT',
    ...ofObject,
    run: async (call, cloud) => replace(call, cloud, await receiveTags(call, checkTags), 200),
  },
  { name: 'GetObjectTagging', method: 'GET', ...ofObject, run: get },
  {
    name: 'DeleteObjectTagging',
    method: 'DELETE',
    ...ofObject,
    run: (call, cloud) => replace(call, cloud, {}, 204),
  },
  { name: 'PutBucketTags', method: 'PUT', ...ofBucket, run: putOfBucket },
  {
    name: 'GetBucketTags',
    method: 'GET',
    ...ofBucket,
    run: (call, cloud) => xmlReply(writeTags(findBucket(cloud.store, call.bucket).tags ?? {})),
  },
  { name: 'DeleteBucketTags', method: 'DELETE', ...ofBucket, run: deleteOfBucket },
];

function get(call: Call, cloud: Cloud): Reply {
  const { bucket, version } = findStored(call, cloud);
  return xmlReply(writeTags(version.tags), versionHeader(bucket, version.versionId));
}

function replace(call: Call, cloud: Cloud, tags: Tags, status: number): Reply {
  const { bucket, version } = findStored(call, cloud);
  updateObject(cloud.store, bucket.name, call.key, version, { tags });
  return { status, headers: versionHeader(bucket, version.versionId) };
}

async function putOfBucket(call: Call, cloud: Cloud): Promise<Reply> {
  const tags = await receiveTags(call, checkBucketTags);
  cloud.store.saveBucket({ ...findBucket(cloud.store, call.bucket), tags });
  return { status: 200 };
}

/** `?tagging` removes all tags, `?tagging=a,b` those two. */
function deleteOfBucket(call: Call, cloud: Cloud): Reply {
  const bucket = findBucket(cloud.store, call.bucket);
  const named = call.query.get('tagging') ?? '';
  const gone = (key: string) => named === '' || named.split(',').includes(key);
  const kept = Object.entries(bucket.tags ?? {}).filter(([key]) => !gone(key));
  cloud.store.saveBucket({ ...bucket, tags: Object.fromEntries(kept) });
  return { status: 204 };
}
