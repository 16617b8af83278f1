import { keyEncoding } from '../../oss/operations/paging.ts';
import { takePage } from '../../oss/operations/walk.ts';
import { type ListedItem, walkVersions } from '../../oss/operations/walk-versions.ts';
import type { Reply } from '../../oss/reply.ts';
import type { Version } from '../../oss/state.ts';
import { findBucket } from '../../oss/versions.ts';
import type { ObsCall, ObsCloud, ObsOperation } from '../operation.ts';
import { obsStorageClass } from '../translate.ts';
import { element, elements, type XmlElement } from '../xml.ts';
import { obsPageSize } from './page-size.ts';
import { documentReply } from './reply.ts';

/** All versions of a bucket: by key, and of one key the newest first, versions and delete markers in turn. */
export const listVersions: ObsOperation = {
  name: 'ListBucketVersions',
  method: 'GET',
  on: 'bucket',
  requires: ['versions'],
  allows: ['prefix', 'delimiter', 'max-keys', 'key-marker', 'version-id-marker', 'encoding-type'],
  run: list,
};

function list(call: ObsCall, cloud: ObsCloud): Reply {
  const { name } = findBucket(cloud.store, call.bucket);
  const { type, text } = keyEncoding(call);
  const asked = (parameter: string) => call.query.get(parameter) ?? '';
  const limit = obsPageSize(call);
  const range = {
    prefix: asked('prefix'),
    delimiter: asked('delimiter'),
    keyMarker: asked('key-marker'),
    versionIdMarker: asked('version-id-marker'),
  };
  const { page, isTruncated } = takePage(walkVersions(cloud.store, name, range), limit);
  const last = isTruncated ? page.at(-1) : undefined;
  const next =
    last === undefined
      ? {}
      : {
          NextKeyMarker: text(last.kind === 'prefix' ? last.prefix : last.key),
          NextVersionIdMarker: last.kind === 'prefix' ? undefined : last.version.versionId,
        };
  return documentReply(call, 'ListVersionsResult', [
    ...elements({
      Name: name,
      EncodingType: type,
      Prefix: text(range.prefix),
      KeyMarker: text(range.keyMarker),
      VersionIdMarker: range.versionIdMarker,
      ...next,
      MaxKeys: limit,
      Delimiter: range.delimiter === '' ? undefined : text(range.delimiter),
      IsTruncated: isTruncated,
    }),
    ...page.map((item) =>
      item.kind === 'prefix'
        ? element('CommonPrefixes', elements({ Prefix: text(item.prefix) }))
        : versionElement(call, cloud, item, text),
    ),
  ]);
}

function versionElement(
  call: ObsCall,
  { accountId }: ObsCloud,
  { key, version, isLatest }: ListedItem & { kind: 'version' },
  text: (key: string) => string,
): XmlElement {
  const owner = element('Owner', elements({ ID: accountId }));
  const head = elements({
    Key: text(key),
    VersionId: version.versionId,
    IsLatest: isLatest,
    LastModified: listedDate(version),
  });
  if (version.kind === 'delete marker') return element('DeleteMarker', [...head, owner]);
  return element('Version', [
    ...head,
    ...elements({ ETag: `"${version.etag.toLowerCase()}"`, Size: version.content.size }),
    owner,
    ...elements({
      StorageClass: obsStorageClass(version.storageClass, call.dialect),
      Type: version.type === 'Appendable' ? 'APPENDABLE' : undefined,
    }),
  ]);
}

/**
 * Lists versions. A list has milliseconds, HEAD has whole seconds. The store keeps seconds, so the milliseconds are made of
 * the version id: always the same, and rarely 0.
 */
export function listedDate({ versionId, lastModified }: Pick<Version, 'versionId' | 'lastModified'>): string {
  const sum = [...versionId].reduce((total, letter) => total * 31 + letter.charCodeAt(0), 7);
  return new Date(lastModified.getTime() + (sum % 1000)).toISOString();
}
