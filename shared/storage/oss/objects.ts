import { formatAddress } from '../../platform/address.ts';
import { decodeText, mostOfText } from '../../platform/text.ts';
import { parseServiceDate } from '../dates.ts';
import {
  etag,
  type MissingObject,
  type ObjectHead,
  type ObjectTags,
  type StorageReads,
  type StorageWrites,
  type Tags,
  versionId,
  type WrittenObject,
} from '../port.ts';
import { checkEnd, type Open, type Perform, receipt } from './call.ts';
import type { ServiceRefusal } from './errors.ts';
import type { Reply } from './transport.ts';
import { parseCount, readDate, readRetention } from './values.ts';
import { BadReply, childOf, childrenOf, optionalText, parseXml, requiredText } from './xml.ts';

type ObjectReads = Pick<StorageReads, 'headObject' | 'getTags' | 'getRetention' | 'readText' | 'readObject'>;
type ObjectWrites = Pick<StorageWrites, 'putRetention' | 'writeText'>;

/** There is no data under this key or version; a delete marker named by version is "not allowed". */
export const noData: ReadonlySet<string> = new Set(['NoSuchKey', 'NoSuchVersion', 'MethodNotAllowed']);
export const noTags: ReadonlySet<string> = new Set(['NoSuchTagSet', 'NoSuchTagSetError', 'NoSuchTagging']);
/** multicloudj's recordings; ossutil's page. The API page has a 200 with empty elements instead. */
const noRetention: ReadonlySet<string> = new Set([
  'NoSuchObjectRetentionConfiguration',
  'NoSuchObjectRetention',
]);

const retentionQuery = { retention: '' };
const ok = [200];

/** Returns the calls about one object. */
export function objectCalls(perform: Perform, open: Open): ObjectReads & ObjectWrites {
  return {
    headObject: ({ bucket, key, versionId }) =>
      perform<ObjectHead | MissingObject>('headObject', {
        bucket,
        key,
        versionId,
        method: 'HEAD',
        success: ok,
        read: readHead,
        answer: missingOf,
      }),

    getTags: (at) =>
      perform<ObjectTags | undefined>('getTags', {
        ...at,
        method: 'GET',
        query: { tagging: '' },
        success: [200],
        read: (reply) => ({ versionId: versionOf(reply), tags: readTags(reply) }),
        answer: ({ code }, reply) => {
          if (noTags.has(code)) return { is: { versionId: versionOf(reply), tags: new Map() } };
          return noData.has(code) ? { is: undefined } : undefined;
        },
      }),

    getRetention: (at) =>
      perform('getRetention', {
        ...at,
        method: 'GET',
        query: { retention: '' },
        success: [200],
        read: ({ body }) => {
          if (body.length === 0) return undefined;
          const retention = parseXml(body.toString(), 'Retention');
          return readRetention(optionalText(retention, 'Mode'), optionalText(retention, 'RetainUntilDate'));
        },
        answer: ({ code }) => (noRetention.has(code) ? { is: undefined } : undefined),
      }),

    async putRetention(at, { mode, until }, lastLook) {
      await lastLook?.();
      return await perform('putRetention', {
        bucket: at.bucket,
        key: at.key,
        versionId: at.versionId,
        method: 'PUT',
        query: retentionQuery,
        xml: `<Retention><Mode>${mode}</Mode><RetainUntilDate>${until.toISOString()}</RetainUntilDate></Retention>`,
        success: ok,
        read: receipt,
      });
    },

    readText: (at, knownETag) =>
      perform('readText', {
        ...at,
        method: 'GET',
        ...(knownETag !== undefined && { headers: { 'if-none-match': `"${knownETag}"` } }),
        success: [200, 304],
        most: mostOfText,
        read: (reply) =>
          reply.status === 304
            ? 'unchanged'
            : { text: wholeText(reply, formatAddress('oss', at)), etag: etag(requiredHeader(reply, 'etag')) },
      }),

    readObject: (at) => open('readObject', { ...at, method: 'GET' }),

    writeText: (at, text) =>
      perform('writeText', { ...at, method: 'PUT', text, success: [200], read: readWritten }),
  };
}

function readWritten(reply: Reply): WrittenObject {
  const date = reply.header('date');
  return {
    ...receipt(reply),
    versionId: versionOf(reply),
    writtenAt: date === undefined ? undefined : parseServiceDate(date),
  };
}

/** Returns which version there is none of, where a refusal says that. */
function missingOf({ code, isDeleteMarker }: ServiceRefusal): { readonly is: MissingObject } | undefined {
  if (!noData.has(code)) return undefined;
  return { is: isDeleteMarker || code === 'MethodNotAllowed' ? 'delete-marker' : 'absent' };
}

function readHead(reply: Reply): ObjectHead {
  return {
    versionId: versionOf(reply),
    etag: etag(requiredHeader(reply, 'etag')),
    lastModified: readDate(requiredHeader(reply, 'last-modified')),
    size: parseCount(requiredHeader(reply, 'content-length')),
    type: requiredHeader(reply, 'x-oss-object-type'),
    tagCount: parseCount(reply.header('x-oss-tagging-count') ?? '0'),
    retention: readRetention(
      reply.header('x-oss-object-worm-mode'),
      reply.header('x-oss-object-worm-retain-until-date'),
    ),
    ...(reply.header('x-oss-object-worm-legal-hold') === 'ON' && { legalHold: true }),
  };
}

/** Returns the tags of a reply. @throws BadReply */
export function readTags({ body }: Reply): Tags {
  const tagSet = childOf(parseXml(body.toString(), 'Tagging'), 'TagSet');
  if (tagSet === undefined) throw new BadReply('Tagging has no TagSet');
  const tags = childrenOf(tagSet, 'Tag');
  return new Map(tags.map((tag) => [requiredText(tag, 'Key'), optionalText(tag, 'Value') ?? '']));
}

/**
 * Returns the text of an object.
 * @throws TEXT_ENCODING for what is no UTF-8, and BadReply for what may be cut short
 */
export function wholeText({ body, header }: Reply, address: string): string {
  checkEnd(header);
  return decodeText(body, address);
}

function versionOf({ header }: Reply) {
  const id = header('x-oss-version-id');
  return id === undefined ? undefined : versionId(id);
}

/** Returns the value of a header that the API promises. @throws BadReply */
export function requiredHeader({ header }: Reply, name: string): string {
  const value = header(name);
  if (value === undefined) throw new BadReply(`the reply has no header ${name}`);
  return value;
}
