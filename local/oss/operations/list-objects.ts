import { refuse } from '../errors.ts';
import type { Cloud, Operation } from '../operation.ts';
import { type Reply, xmlReply } from '../reply.ts';
import type { Call } from '../request.ts';
import { restoreInfo } from '../restored.ts';
import { findBucket, findObject } from '../versions.ts';
import { type Xml, xmlDate } from '../xml.ts';
import { boundedText, keyEncoding, pageSize } from './paging.ts';
import { type Entry, takePage, walk } from './walk.ts';

const USUAL_PAGE = 100;

export const listObjectsOperations: readonly Operation[] = [
  {
    name: 'ListObjectsV2',
    method: 'GET',
    on: 'bucket',
    requires: ['list-type'],
    allows: [
      'prefix',
      'delimiter',
      'max-keys',
      'encoding-type',
      'start-after',
      'continuation-token',
      'fetch-owner',
    ],
    run: listObjectsV2,
  },
  {
    name: 'ListObjects',
    method: 'GET',
    on: 'bucket',
    allows: ['prefix', 'delimiter', 'max-keys', 'encoding-type', 'marker'],
    run: listObjects,
  },
];

function listObjects(call: Call, cloud: Cloud): Reply {
  const marker = boundedText(call, 'marker');
  const { text, list, last, ...common } = listing(call, cloud, marker, true);
  return xmlReply({
    ListBucketResult: {
      ...common.head,
      Marker: text(marker),
      ...common.limits,
      NextMarker: last === undefined ? undefined : text(last),
      ...list,
    },
  });
}

function listObjectsV2(call: Call, cloud: Cloud): Reply {
  if (call.query.get('list-type') !== '2') throw refuse('InvalidArgument');
  const token = call.query.get('continuation-token') ?? '';
  const startAfter = boundedText(call, 'start-after');
  const after = token === '' ? startAfter : readToken(token);
  const withOwner = call.query.get('fetch-owner') === 'true';
  const { text, list, last, count, ...common } = listing(call, cloud, after, withOwner);
  return xmlReply({
    ListBucketResult: {
      ...common.head,
      StartAfter: startAfter === '' ? undefined : text(startAfter),
      ContinuationToken: token === '' ? undefined : token,
      ...common.limits,
      NextContinuationToken: last === undefined ? undefined : Buffer.from(last).toString('base64'),
      ...list,
      KeyCount: count,
    },
  });
}

/** The key that a token of ours stands for: its UTF-8 in base64. @throws InvalidArgument for any other text */
function readToken(token: string): string {
  const key = Buffer.from(token, 'base64').toString('utf8');
  if (Buffer.from(key).toString('base64') === token) return key;
  throw refuse('InvalidArgument', {
    message: 'The continuation token provided is incorrect.',
    details: { ArgumentName: 'continuation-token', ArgumentValue: token },
  });
}

/** Tells what both versions of the call share. `last` is where the next page begins, if there is one. */
function listing(call: Call, cloud: Cloud, after: string, withOwner: boolean) {
  const { name } = findBucket(cloud.store, call.bucket);
  const { type, text } = keyEncoding(call);
  const prefix = boundedText(call, 'prefix', '0015-00000403');
  const delimiter = boundedText(call, 'delimiter');
  const limit = pageSize(call, USUAL_PAGE);
  const has = (key: string) => cloud.store.versions(name, key)[0]?.kind === 'object';
  const { page, isTruncated } = takePage(walk(cloud.store, name, { prefix, delimiter, after, has }), limit);
  const owner = withOwner ? { Owner: { ID: cloud.accountId, DisplayName: cloud.accountId } } : {};
  const contents = page.flatMap((entry) =>
    entry.kind === 'key' ? [{ Key: text(entry.key), ...describe(cloud, name, entry.key), ...owner }] : [],
  );
  return {
    text,
    count: page.length,
    last: isTruncated ? position(page.at(-1)) : undefined,
    head: { Name: name, Prefix: text(prefix) },
    limits: { MaxKeys: limit, Delimiter: text(delimiter), EncodingType: type, IsTruncated: isTruncated },
    list: { Contents: contents, CommonPrefixes: commonPrefixes(page, text) },
  };
}

function commonPrefixes(page: readonly Entry[], text: (key: string) => string): Xml[] {
  return page.flatMap((entry) => (entry.kind === 'prefix' ? [{ Prefix: text(entry.prefix) }] : []));
}

function position(entry: Entry | undefined): string | undefined {
  return entry?.kind === 'prefix' ? entry.prefix : entry?.key;
}

function describe(cloud: Cloud, bucket: string, key: string): Xml {
  const version = findObject(cloud.store, bucket, key);
  return {
    LastModified: xmlDate(version.lastModified),
    ETag: `"${version.etag}"`,
    Type: version.type,
    Size: version.content.size,
    StorageClass: version.storageClass,
    RestoreInfo: restoreInfo(version, cloud.now()),
  };
}
