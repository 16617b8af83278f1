import type { CloudName } from '../platform/address.ts';
import { failure, type HoldfastError } from '../platform/errors.ts';
import { type ETag, etag, type ObjectAt, type VersionId, versionId } from '../storage/port.ts';
import { parseEventTime } from './event-time.ts';

/** One OSS event about an object, in our words. */
export interface ObjectEvent extends ObjectAt {
  /** The name stands without the `oss:` prefix, e.g. `ObjectCreated:PutObject`. */
  readonly name: string;
  /**
   * This is when it happened, by the clock of one of the service's servers; undefined when the event says nothing
   * readable.
   */
  readonly time: Date | undefined;
  /** Absent in no sample seen; then the version is told by its time alone. */
  readonly etag: ETag | undefined;
  /** In no published sample; taken when the service begins to send it. */
  readonly versionId: VersionId | undefined;
  /** The size after minus the size before; 0 hints at an overwrite with the same content. */
  readonly deltaSize: number | undefined;
  /** The keys that the event may mean, likeliest first, where its form tells; `key` is the first of them. */
  readonly keys?: readonly [string, ...string[]];
}

/** An entry of the event that cannot be read, and why. */
export interface MalformedEvent {
  readonly malformed: string;
  /** The cloud whose event it is; that of OSS unless given. */
  readonly cloud?: CloudName;
}

/** Returns the error of an entry that cannot be read. */
export const malformedEntry = ({ malformed: reason, cloud }: MalformedEvent): HoldfastError =>
  failure(cloud === 'obs' ? 'OBS_EVENT_MALFORMED' : 'EVENT_MALFORMED', { reason });

/** The largest payload of an invocation (Function Compute, limits: synchronous 32 MB, asynchronous 128 KB). */
const maxBytes = 32 * 1024 * 1024;

/** More than any real event has: a batch of CloudEvents, each with a batch as its data. */
const maxDepth = 8;

/**
 * Reads an invocation's payload in any of its three shapes: FC's own `{events: […]}`, an EventBridge
 * CloudEvent, or the CloudEvent's bare data; also an array of these, as EventBridge sends batches.
 * An entry that cannot be read does not take the others with it. Only name, bucket and key are needed: any other field
 * that is missing, empty or of another type counts as absent.
 *
 * @throws EVENT_MALFORMED when there is nothing to read at all (no UTF-8, no JSON, no known shape, nested too deeply)
 */
export function readObjectEvents(payload: Uint8Array): (ObjectEvent | MalformedEvent)[] {
  const events: (ObjectEvent | MalformedEvent)[] = [];
  collect(parsePayload(payload), undefined, 0, events);
  return events;
}

function parsePayload(payload: Uint8Array): unknown {
  if (payload.length > maxBytes)
    throw malformed(`it has ${payload.length} bytes, and at most ${maxBytes} are read`);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(payload);
  } catch (cause) {
    throw malformed(`it is not UTF-8 text (${payload.length} bytes)`, cause);
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw malformed(text.trim() === '' ? 'it is empty' : `it is not JSON (${text.length} characters)`, cause);
  }
}

/** @param envelopeTime the time that a CloudEvent around the value says, for an entry that has none */
function collect(
  value: unknown,
  envelopeTime: unknown,
  depth: number,
  into: (ObjectEvent | MalformedEvent)[],
): void {
  if (depth > maxDepth) throw malformed(`its lists and envelopes are nested more than ${maxDepth} deep`);
  if (Array.isArray(value) && value.length > 0) {
    for (const item of value) collect(item, envelopeTime, depth + 1, into);
    return;
  }
  const fields = fieldsOf(value);
  const batch = fields['events'];
  if (Array.isArray(batch) && batch.length > 0) {
    for (const entry of batch) into.push(readEntry(entry, envelopeTime));
  } else if (typeof fields['specversion'] === 'string') {
    collectData(fields, depth, into);
  } else if (isOfObs(fields)) throw malformed(eventOfObs);
  else if ('eventName' in fields) into.push(readEntry(value, envelopeTime));
  else throw malformed('it has neither `events`, `specversion` nor `eventName`');
}

function collectData(cloudEvent: Fields, depth: number, into: (ObjectEvent | MalformedEvent)[]): void {
  const data = cloudEvent['data'];
  const time = cloudEvent['time'];
  const isEnvelope = Array.isArray(data) || 'events' in fieldsOf(data) || 'specversion' in fieldsOf(data);
  if (isEnvelope) collect(data, time, depth + 1, into);
  else into.push(readEntry(data, time));
}

/** The fields of a JSON object. */
export type Fields = Readonly<Record<string, unknown>>;

/** Returns the fields of a JSON object; none of anything else. */
export function fieldsOf(value: unknown): Fields {
  return isObject(value) ? value : {};
}

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The key is raw UTF-8 in FC's event (fc-docs 140), as all official samples use it; see key-readings.ts for others. */
function readEntry(entry: unknown, envelopeTime: unknown): ObjectEvent | MalformedEvent {
  if (!isObject(entry)) return { malformed: `the entry: it is ${kindOf(entry)}, not an object` };
  if (isOfObs(entry)) return { malformed: eventOfObs };
  const oss = fieldsOf(entry['oss']);
  const object = fieldsOf(oss['object']);
  const name = nonEmptyText(entry['eventName']);
  const bucket = nonEmptyText(fieldsOf(oss['bucket'])['name']);
  const key = nonEmptyText(object['key']);
  if (name === undefined) return missingField('eventName', entry['eventName']);
  if (bucket === undefined) return missingField('oss.bucket.name', fieldsOf(oss['bucket'])['name']);
  if (key === undefined) return missingField('oss.object.key', object['key']);
  if (!key.isWellFormed())
    return { malformed: 'oss.object.key: it has half a character, which no key can have' };
  const tag = nonEmptyText(object['eTag']);
  const id = nonEmptyText(object['versionId']);
  return {
    name: name.replace(/^oss:/, ''),
    time: parseEventTime(entry['eventTime']) ?? parseEventTime(envelopeTime),
    bucket,
    key,
    etag: tag === undefined ? undefined : etag(tag.trim()),
    versionId: id === undefined ? undefined : versionId(id),
    deltaSize: integerOf(object['deltaSize']),
  };
}

/** Tells an event of OBS by its fields: one of its entries, or a list of them. */
function isOfObs(fields: Fields): boolean {
  const records = fields['Records'];
  const entries = Array.isArray(records) && records.length > 0 ? records.map(fieldsOf) : [fields];
  return entries.every((entry) => 'obs' in entry || 's3' in entry);
}

const eventOfObs = 'it is an event of OBS, which the functions for FunctionGraph take';

/** Says that a field which is needed is not there, or is no text. */
export const missingField = (path: string, value: unknown): MalformedEvent => ({
  malformed: `${path}: it is ${kindOf(value)}, not a text`,
});

function kindOf(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  if (value === '') return 'empty';
  return Array.isArray(value) ? 'a list' : `of type ${typeof value}`;
}

/** Returns a text with something in it. */
export const nonEmptyText = (value: unknown): string | undefined =>
  typeof value === 'string' && value.trim() !== '' ? value : undefined;

/** Some samples have sizes as text. */
function integerOf(value: unknown): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) ? number : undefined;
}

const malformed = (reason: string, cause?: unknown) => failure('EVENT_MALFORMED', { reason }, { cause });
