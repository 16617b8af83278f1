import { keyEncoding } from '../../oss/operations/paging.ts';
import { type Entry, takePage, walk } from '../../oss/operations/walk.ts';
import type { Reply } from '../../oss/reply.ts';
import { findBucket, findObject } from '../../oss/versions.ts';
import { refuseObs } from '../errors.ts';
import type { ObsCall, ObsCloud, ObsOperation } from '../operation.ts';
import { obsStorageClass } from '../translate.ts';
import { element, elements, type XmlElement } from '../xml.ts';
import { listedDate } from './list-versions.ts';
import { obsPageSize } from './page-size.ts';
import { documentReply } from './reply.ts';

const common = ['prefix', 'delimiter', 'max-keys', 'encoding-type'] as const;

/** The current objects of a bucket; the second form is what clients of S3 ask for. */
export const listOperations: readonly ObsOperation[] = [
  {
    name: 'ListBucket',
    method: 'GET',
    on: 'bucket',
    requires: ['list-type'],
    allows: [...common, 'start-after', 'continuation-token', 'fetch-owner'],
    run(call, cloud) {
      if (call.query.get('list-type') !== '2') throw refuseObs('InvalidArgument');
      const token = call.query.get('continuation-token') ?? '';
      const after =
        token === '' ? (call.query.get('start-after') ?? '') : Buffer.from(token, 'base64').toString('utf8');
      return list(call, cloud, after, (last, count) => ({
        KeyCount: count,
        ContinuationToken: token === '' ? undefined : token,
        NextContinuationToken: last === undefined ? undefined : Buffer.from(last).toString('base64'),
      }));
    },
  },
  {
    name: 'ListBucket',
    method: 'GET',
    on: 'bucket',
    allows: [...common, 'marker'],
    run(call, cloud) {
      const marker = call.query.get('marker') ?? '';
      const { text } = keyEncoding(call);
      return list(call, cloud, marker, (last) => ({
        Marker: text(marker),
        NextMarker: last === undefined ? undefined : text(last),
      }));
    },
  },
];

type Markers = (
  last: string | undefined,
  count: number,
) => Readonly<Record<string, string | number | undefined>>;

function list(call: ObsCall, cloud: ObsCloud, after: string, markers: Markers): Reply {
  const { name } = findBucket(cloud.store, call.bucket);
  const { type, text } = keyEncoding(call);
  const prefix = call.query.get('prefix') ?? '';
  const delimiter = call.query.get('delimiter') ?? '';
  const limit = obsPageSize(call);
  const has = (key: string) => cloud.store.versions(name, key)[0]?.kind === 'object';
  const { page, isTruncated } = takePage(walk(cloud.store, name, { prefix, delimiter, after, has }), limit);
  const last = page.at(-1);
  const position = last?.kind === 'prefix' ? last.prefix : last?.key;
  return documentReply(call, 'ListBucketResult', [
    ...elements({
      Name: name,
      EncodingType: type,
      Prefix: text(prefix),
      ...markers(isTruncated ? position : undefined, page.length),
      MaxKeys: limit,
      Delimiter: delimiter === '' ? undefined : text(delimiter),
      IsTruncated: isTruncated,
    }),
    ...page.map((entry) => entryElement(call, cloud, entry, text)),
  ]);
}

function entryElement(
  call: ObsCall,
  cloud: ObsCloud,
  entry: Entry,
  text: (key: string) => string,
): XmlElement {
  if (entry.kind === 'prefix') return element('CommonPrefixes', elements({ Prefix: text(entry.prefix) }));
  const version = findObject(cloud.store, call.bucket, entry.key);
  return element('Contents', [
    ...elements({
      Key: text(entry.key),
      LastModified: listedDate(version),
      ETag: `"${version.etag.toLowerCase()}"`,
      Size: version.content.size,
    }),
    element('Owner', elements({ ID: cloud.accountId })),
    ...elements({ StorageClass: obsStorageClass(version.storageClass, call.dialect) }),
  ]);
}
