import { formatAddress } from '../../platform/address.ts';
import { failure, HoldfastError, hasCode } from '../../platform/errors.ts';
import { mostOfText } from '../../platform/text.ts';
import { parseServiceDate, wholeSeconds } from '../dates.ts';
import { type Open, type Perform, receipt } from '../oss/call.ts';
import { noData, noTags, readTags, requiredHeader, wholeText } from '../oss/objects.ts';
import type { Reply } from '../oss/transport.ts';
import { parseCount, readDate, readMode } from '../oss/values.ts';
import { BadReply } from '../oss/xml.ts';
import {
  etag,
  type MaybeVersionAt,
  type MissingObject,
  type ObjectHead,
  type ObjectStoreCalls,
  type Retention,
  type VersionAt,
  versionId,
} from '../port.ts';

type ObsObjectCalls = Pick<
  ObjectStoreCalls,
  'headObject' | 'getTags' | 'getRetention' | 'readText' | 'readObject' | 'putRetention' | 'writeText'
>;

/**
 * Returns the calls about one object. OBS reads a retention by HEAD alone, and refuses a date that is not later than
 * the stored one.
 */
export function obsObjectCalls(
  perform: Perform,
  open: Open,
  getObjectWorm: ObjectStoreCalls['getObjectWorm'],
): ObsObjectCalls {
  const headObject: ObjectStoreCalls['headObject'] = (at) =>
    perform<ObjectHead | MissingObject>('headObject', {
      ...at,
      method: 'HEAD',
      success: [200],
      read: readObsHead,
      answer: ({ code, isDeleteMarker }) => {
        if (!noData.has(code)) return undefined;
        return { is: isDeleteMarker || code === 'MethodNotAllowed' ? 'delete-marker' : 'absent' };
      },
    });

  const readRetention = (at: Parameters<ObjectStoreCalls['getRetention']>[0]) =>
    perform('getRetention', { ...at, method: 'HEAD', success: [200], read: retentionOf });

  const isWormOff = async (bucket: string): Promise<boolean> => (await getObjectWorm(bucket)) === undefined;

  const wormOff = (at: MaybeVersionAt, cause?: unknown) =>
    failure('OBJECT_WORM_OFF', { bucket: at.bucket, target: formatAddress('obs', at) }, { cause });

  /** One code says "not later than stored", "not later than now" and "no WORM": what is stored tells which it is. */
  const explainRefusal = async (at: VersionAt, wanted: Retention, refused: HoldfastError) => {
    const stored = await readRetention(at);
    if (stored !== undefined && stored.until.getTime() === wanted.until.getTime()) {
      return { sent: true, requestId: refused.reply.requestId };
    }
    if (stored !== undefined && stored.until > wanted.until) {
      const { operation, target } = {
        operation: 'PutObjectRetention',
        target: formatAddress('obs', at),
      };
      const params = { operation, target, action: 'obs:object:PutObjectRetention' };
      throw failure('ACCESS_DENIED', params, { cause: refused, reply: refused.reply });
    }
    if (stored === undefined && (await isWormOff(at.bucket))) throw wormOff(at, refused);
    throw refused;
  };

  return {
    headObject,

    getTags: (at) =>
      perform('getTags', {
        ...at,
        method: 'GET',
        query: { tagging: '' },
        success: [200],
        read: (reply) => ({ versionId: obsVersionOf(reply), tags: readTags(reply) }),
        answer: ({ code }, reply) => {
          if (noTags.has(code))
            return { is: { versionId: obsVersionOf(reply) ?? at.versionId, tags: new Map() } };
          return code === 'NoSuchKey' || code === 'NoSuchVersion' ? { is: undefined } : undefined;
        },
      }),

    async getRetention(at) {
      const retention = await readRetention(at);
      if (retention === undefined && (await isWormOff(at.bucket))) throw wormOff(at);
      return retention;
    },

    async putRetention(at, retention, lastLook) {
      const { mode, until } = retention;
      await lastLook?.();
      try {
        return await perform('putRetention', {
          ...at,
          method: 'PUT',
          query: { retention: '' },
          xml: `<Retention><Mode>${mode}</Mode><RetainUntilDate>${until.getTime()}</RetainUntilDate></Retention>`,
          success: [200],
          read: receipt,
        });
      } catch (error) {
        // Either the version is a delete marker, or nothing here takes a retention: the bucket tells.
        if (hasCode(error, 'IS_DELETE_MARKER') && (await isWormOff(at.bucket))) throw wormOff(at, error);
        if (!(error instanceof HoldfastError) || error.reply.code !== 'InvalidRequest') throw error;
        return await explainRefusal(at, retention, error);
      }
    },

    readText: (at, knownETag) =>
      perform('readText', {
        ...at,
        method: 'GET',
        ...(knownETag !== undefined && { headers: { 'if-none-match': `"${knownETag.toLowerCase()}"` } }),
        success: [200, 304],
        most: mostOfText,
        read: (reply) =>
          reply.status === 304
            ? 'unchanged'
            : { text: wholeText(reply, formatAddress('obs', at)), etag: etag(requiredHeader(reply, 'etag')) },
      }),

    readObject: (at) => open('readObject', { ...at, method: 'GET' }),

    writeText: (at, text) =>
      perform('writeText', {
        ...at,
        method: 'PUT',
        text,
        success: [200],
        read: (reply) => {
          const date = reply.header('date');
          return {
            ...receipt(reply),
            versionId: obsVersionOf(reply),
            writtenAt: date === undefined ? undefined : parseServiceDate(date),
          };
        },
      }),
  };
}

function obsVersionOf({ header }: Reply) {
  const id = header('x-obs-version-id');
  return id === undefined ? undefined : versionId(id);
}

function readObsHead(reply: Reply): ObjectHead {
  const tagCount = reply.header('x-obs-tagging-count');
  return {
    versionId: obsVersionOf(reply),
    etag: etag(requiredHeader(reply, 'etag')),
    lastModified: wholeSeconds(readDate(requiredHeader(reply, 'last-modified'))),
    size: parseCount(requiredHeader(reply, 'content-length')),
    type: reply.header('x-obs-object-type') ?? 'Normal',
    // No count can mean that the caller may not read tags ("Querying Object Metadata").
    tagCount: tagCount === undefined ? undefined : parseCount(tagCount),
    retention: retentionOf(reply),
  };
}

/** Both headers are absent where no date is set, and where the caller has no GetObjectRetention. */
function retentionOf({ header }: Reply): Retention | undefined {
  const mode = header('x-obs-object-lock-mode');
  const until = header('x-obs-object-lock-retain-until-date');
  if (mode === undefined && until === undefined) return undefined;
  if (mode === undefined || until === undefined)
    throw new BadReply('a retention has only one of mode and date');
  const isEpoch = /^\d{12,14}$/.test(until);
  return { mode: readMode(mode), until: isEpoch ? new Date(Number(until)) : readDate(until) };
}
