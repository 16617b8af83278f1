import type { Cloud, Operation } from '../operation.ts';
import { type Reply, xmlReply } from '../reply.ts';
import type { Call } from '../request.ts';
import { restoreInfo } from '../restored.ts';
import { findBucket } from '../versions.ts';
import { type Xml, xmlDate } from '../xml.ts';
import { boundedText, keyEncoding, pageSize } from './paging.ts';
import { takePage } from './walk.ts';
import { type ListedItem, walkVersions } from './walk-versions.ts';

const USUAL_PAGE = 100;

export const listVersionsOperations: readonly Operation[] = [
  {
    name: 'ListObjectVersions',
    method: 'GET',
    on: 'bucket',
    requires: ['versions'],
    allows: ['prefix', 'delimiter', 'max-keys', 'encoding-type', 'key-marker', 'version-id-marker'],
    run: listObjectVersions,
  },
];

function listObjectVersions(call: Call, cloud: Cloud): Reply {
  const { name } = findBucket(cloud.store, call.bucket);
  const { type, text } = keyEncoding(call);
  const keyMarker = boundedText(call, 'key-marker');
  const versionIdMarker = boundedText(call, 'version-id-marker');
  const [prefix, delimiter] = [boundedText(call, 'prefix'), boundedText(call, 'delimiter')];
  const limit = pageSize(call, USUAL_PAGE);
  const { page, isTruncated } = takePage(
    walkVersions(cloud.store, name, { prefix, delimiter, keyMarker, versionIdMarker }),
    limit,
  );
  const owner = { Owner: { ID: cloud.accountId, DisplayName: cloud.accountId } };
  const versions = page.filter((item) => item.kind === 'version');
  return xmlReply({
    ListVersionsResult: {
      Name: name,
      Prefix: text(prefix),
      KeyMarker: text(keyMarker),
      VersionIdMarker: versionIdMarker,
      MaxKeys: limit,
      Delimiter: text(delimiter),
      EncodingType: type,
      IsTruncated: isTruncated,
      ...(isTruncated && nextMarkers(page.at(-1), text)),
      Version: versions.flatMap((item) =>
        item.version.kind === 'object' ? [{ ...describe(item, text, cloud.now()), ...owner }] : [],
      ),
      DeleteMarker: versions.flatMap((item) =>
        item.version.kind === 'delete marker' ? [{ ...describe(item, text, cloud.now()), ...owner }] : [],
      ),
      CommonPrefixes: page.flatMap((item) => (item.kind === 'prefix' ? [{ Prefix: text(item.prefix) }] : [])),
    },
  });
}

function nextMarkers(last: ListedItem | undefined, text: (key: string) => string): Xml {
  if (!last) return {};
  if (last.kind === 'prefix') return { NextKeyMarker: text(last.prefix), NextVersionIdMarker: '' };
  return { NextKeyMarker: text(last.key), NextVersionIdMarker: last.version.versionId };
}

function describe(item: ListedItem & { kind: 'version' }, text: (key: string) => string, now: Date): Xml {
  const { version } = item;
  const common = {
    Key: text(item.key),
    VersionId: version.versionId,
    IsLatest: item.isLatest,
    LastModified: xmlDate(version.lastModified),
  };
  if (version.kind === 'delete marker') return common;
  return {
    ...common,
    ETag: `"${version.etag}"`,
    Type: version.type,
    Size: version.content.size,
    StorageClass: version.storageClass,
    RestoreInfo: restoreInfo(version, now),
  };
}
