import * as z from 'zod';
import { failure } from '../platform/errors.ts';
import { type ETag, etag, type ObjectAt, type VersionId, versionId } from '../storage/port.ts';

/** One OSS event about an object, in our words. */
export interface ObjectEvent extends ObjectAt {
  /** Without the `oss:` prefix, e.g. `ObjectCreated:PutObject`. */
  readonly name: string;
  /** When it happened, by the service's clock. */
  readonly time: Date;
  /** Absent in no sample seen; then the version is told by its time alone. */
  readonly etag: ETag | undefined;
  /** In no published sample; taken when the service begins to send it. */
  readonly versionId: VersionId | undefined;
  /** The size after minus the size before; 0 hints at an overwrite with the same content. */
  readonly deltaSize: number | undefined;
}

/** An entry of the event that cannot be read, and why. */
export interface MalformedEvent {
  readonly malformed: string;
}

/** After these an object version exists that did not exist before, and can carry retention. */
export const creations: ReadonlySet<string> = new Set([
  'ObjectCreated:PutObject',
  'ObjectCreated:PostObject',
  'ObjectCreated:CopyObject',
  'ObjectCreated:CompleteMultipartUpload',
]);

const size = z.coerce.number().int().optional().catch(undefined); // some samples have sizes as text

/** FC's OSS event (fc-docs 140). The key is raw UTF-8 there, not URL-encoded, as all official samples use it. */
const nativeEvent = z.object({
  eventName: z.string().min(1),
  eventTime: z.iso.datetime({ offset: true }).transform((text) => new Date(text)),
  oss: z.object({
    bucket: z.object({ name: z.string().min(1) }),
    object: z.object({
      key: z.string().min(1),
      eTag: z.string().min(1).optional(),
      versionId: z.string().min(1).optional(),
      deltaSize: size,
    }),
  }),
});

const nativeBatch = z.object({ events: z.array(z.unknown()).min(1) });
const cloudEvent = z.object({ specversion: z.string(), data: z.unknown() });

/**
 * Reads an invocation's payload in any of its three shapes: FC's own `{events: […]}`, an EventBridge
 * CloudEvent, or the CloudEvent's bare data; also an array of these, as EventBridge sends batches.
 * An entry that cannot be read does not take the others with it.
 *
 * @throws EVENT_MALFORMED when there is nothing to read at all (not JSON, no known shape)
 */
export function readObjectEvents(payload: Uint8Array): (ObjectEvent | MalformedEvent)[] {
  return entries(parseJson(payload)).map(readEntry);
}

function parseJson(payload: Uint8Array): unknown {
  const text = new TextDecoder().decode(payload);
  try {
    return JSON.parse(text);
  } catch (cause) {
    const reason = text.trim() === '' ? 'it is empty' : `it is not JSON (${text.length} characters)`;
    throw failure('EVENT_MALFORMED', { reason }, { cause });
  }
}

function entries(value: unknown): unknown[] {
  if (Array.isArray(value) && value.length > 0) return value.flatMap(entries);
  const batch = nativeBatch.safeParse(value);
  if (batch.success) return batch.data.events;
  const cloud = cloudEvent.safeParse(value);
  if (cloud.success) return [cloud.data.data];
  if (value !== null && typeof value === 'object' && 'eventName' in value) return [value];
  throw failure('EVENT_MALFORMED', { reason: 'it has neither `events`, `specversion` nor `eventName`' });
}

function readEntry(entry: unknown): ObjectEvent | MalformedEvent {
  const read = nativeEvent.safeParse(entry);
  if (!read.success) {
    const [issue] = read.error.issues;
    return { malformed: `${issue?.path.join('.') || 'the entry'}: ${issue?.message ?? 'unreadable'}` };
  }
  const { eventName, eventTime, oss } = read.data;
  const { object } = oss;
  return {
    name: eventName.replace(/^oss:/, ''),
    time: eventTime,
    bucket: oss.bucket.name,
    key: object.key,
    etag: object.eTag === undefined ? undefined : etag(object.eTag),
    versionId: object.versionId === undefined ? undefined : versionId(object.versionId),
    deltaSize: object.deltaSize,
  };
}
