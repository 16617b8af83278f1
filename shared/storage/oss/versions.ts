import { failure } from '../../platform/errors.ts';
import { jsonIn } from '../../platform/read-json.ts';
import { wholeSeconds } from '../dates.ts';
import { listing } from '../listing.ts';
import { etag, type ListedVersion, type Page, type StorageReads, versionId } from '../port.ts';
import type { Perform } from './call.ts';
import { parseCount, readBoolean, readDate } from './values.ts';
import { BadReply, childrenOf, type Element, optionalText, parseXml, requiredText } from './xml.ts';

/** This is where a page begins. */
interface Markers {
  readonly 'key-marker'?: string | undefined;
  readonly 'version-id-marker'?: string | undefined;
}

/**
 * ListObjectVersions. Keys travel URL-encoded, so that those survive which XML cannot carry; versions and delete
 * markers keep the order of the reply, which is by key and newest first within a key.
 * @param typeOf gives the type of a version by what the list says of it
 */
export function listVersions(
  perform: Perform,
  typeOf: (type: string | undefined, entry: Element) => string = requiredType,
): StorageReads['listVersions'] {
  return (bucket, prefix, cursor) => {
    const fetch = (from: Markers): Promise<Page<ListedVersion>> =>
      perform('listVersions', {
        method: 'GET',
        bucket,
        query: {
          versions: '',
          'encoding-type': 'url',
          'max-keys': '1000',
          prefix: prefix === '' ? undefined : prefix,
          ...from,
        },
        success: [200],
        read: ({ body }) => {
          const result = parseXml(body.toString(), 'ListVersionsResult');
          const decode = decoderOf(result);
          const next = nextMarkers(result, from, decode);
          return {
            items: childrenOf(result, 'Version', 'DeleteMarker').map((entry) =>
              readEntry(bucket, entry, decode, typeOf),
            ),
            next: next && (() => fetch(next)),
            cursor: next && JSON.stringify(next),
          };
        },
      });
    return listing(async () => await fetch(cursor === undefined ? {} : readCursor(cursor)));
  };
}

/** @throws CURSOR_INVALID for a text that is no cursor of this list */
function readCursor(cursor: string): Markers {
  const { 'key-marker': key, 'version-id-marker': version }: Partial<Record<keyof Markers, unknown>> = Object(
    jsonIn(cursor),
  );
  if (typeof key === 'string') {
    if (version === undefined) return { 'key-marker': key };
    if (typeof version === 'string') return { 'key-marker': key, 'version-id-marker': version };
  }
  throw failure('CURSOR_INVALID', { cursor: JSON.stringify(cursor.slice(0, 100)) });
}

type Decode = (text: string) => string;

function decoderOf(result: Element): Decode {
  if (optionalText(result, 'EncodingType') !== 'url') return (text) => text;
  return (text) => {
    try {
      return decodeURIComponent(text);
    } catch {
      throw new BadReply(`${JSON.stringify(text)} is not URL-encoded`);
    }
  };
}

/** A truncated list that does not move on would be read for ever, or end too early. */
function nextMarkers(result: Element, from: Markers, decode: Decode): Markers | undefined {
  if (!readBoolean(requiredText(result, 'IsTruncated'))) return undefined;
  const next = {
    'key-marker': decode(requiredText(result, 'NextKeyMarker')),
    'version-id-marker': optionalText(result, 'NextVersionIdMarker'),
  };
  const same = next['key-marker'] === from['key-marker'];
  if (same && next['version-id-marker'] === from['version-id-marker']) {
    throw new BadReply('the list does not move on');
  }
  return next;
}

const requiredType = (_: string | undefined, entry: Element): string => requiredText(entry, 'Type');

function readEntry(
  bucket: string,
  entry: Element,
  decode: Decode,
  typeOf: (type: string | undefined, entry: Element) => string,
): ListedVersion {
  const common = {
    bucket,
    key: decode(requiredText(entry, 'Key')),
    versionId: versionId(requiredText(entry, 'VersionId')),
    isLatest: readBoolean(requiredText(entry, 'IsLatest')),
    lastModified: wholeSeconds(readDate(requiredText(entry, 'LastModified'))),
  };
  if (entry.name === 'DeleteMarker') return { ...common, kind: 'delete-marker' };
  return {
    ...common,
    kind: 'version',
    etag: etag(requiredText(entry, 'ETag')),
    size: parseCount(requiredText(entry, 'Size')),
    type: typeOf(optionalText(entry, 'Type'), entry),
    storageClass: optionalText(entry, 'StorageClass'),
  };
}
