import { failure } from '../platform/errors.ts';
import { etag, versionId } from '../storage/port.ts';
import { parseEventTime } from './event-time.ts';
import {
  type Fields,
  fieldsOf,
  type MalformedEvent,
  missingField,
  nonEmptyText,
  type ObjectEvent,
} from './object-events.ts';

/** An event of OBS about an object. */
export interface ObsObjectEvent extends ObjectEvent {
  /** The keys that the event may mean, likeliest first; `key` is the first of them. */
  readonly keys: readonly [string, ...string[]];
}

/**
 * Reads an event of OBS in any of its three shapes, which are told apart by their fields: the records of a FunctionGraph trigger
 * (in the form of S3), a CloudEvent of EventGrid (also several, or its bare data), and the `obs` records of a message. An entry
 * that cannot be read does not take the others with it.
 * @param event the parsed event, as FunctionGraph hands it over
 * @throws OBS_EVENT_MALFORMED when there is nothing to read at all, and for an event of OSS
 */
export function readObsEvents(event: unknown): (ObsObjectEvent | MalformedEvent)[] {
  const entries =
    Array.isArray(event) && event.length > 0
      ? event.flatMap((each: unknown) => readOne(each))
      : readOne(event);
  return entries.map((entry) => ('malformed' in entry ? { ...entry, cloud: 'obs' } : entry));
}

function readOne(event: unknown): (ObsObjectEvent | MalformedEvent)[] {
  const fields = fieldsOf(event);
  const records = fields['Records'];
  if (Array.isArray(records) && records.length > 0)
    return records.map((each: unknown) => readRecord(fieldsOf(each)));
  if (typeof fields['specversion'] === 'string') return [readCloudEvent(fields)];
  if ('obs' in fields) return [readObs(fields, undefined)];
  throw failure('OBS_EVENT_MALFORMED', { reason: whyUnknown(fields) });
}

function whyUnknown(fields: Fields): string {
  if ('events' in fields || 'oss' in fields) return eventOfOss;
  return 'it has neither `Records`, `specversion` nor `obs`';
}

const eventOfOss = 'it is an event of OSS, which the functions for Function Compute take';

/** The form of S3: the key is URL-encoded. Times were recorded in UTC. */
function readRecord(record: Fields): ObsObjectEvent | MalformedEvent {
  // The time of the other form was seen to be local, with a false Z. Without a time, the ETag tells the version.
  if (!('s3' in record)) return readObs(record, undefined, encodedKeys);
  const s3 = fieldsOf(record['s3']);
  return eventOf({
    at: 's3',
    name: nonEmptyText(record['eventName']),
    bucket: nonEmptyText(fieldsOf(s3['bucket'])['name']),
    object: fieldsOf(s3['object']),
    time: parseEventTime(record['eventTime']),
    keysOf: encodedKeys,
  });
}

/** The envelope's time is UTC; that of its data was seen to be local time with a Z that is not true. */
function readCloudEvent(envelope: Fields): ObsObjectEvent | MalformedEvent {
  const data = fieldsOf(envelope['data']);
  if ('oss' in data || 'events' in data) return { malformed: eventOfOss };
  const named = nonEmptyText(data['eventName']) ?? nameOfType(nonEmptyText(envelope['type']));
  return readObs({ ...data, eventName: named }, parseEventTime(envelope['time']));
}

/** `OBS:DWR:ObjectCreated:PUT` ends with the name. */
const nameOfType = (type: string | undefined): string | undefined => type?.split(':').slice(-2).join(':');

function readObs(
  fields: Fields,
  time: Date | undefined,
  keysOf: KeysOf = plainKeys,
): ObsObjectEvent | MalformedEvent {
  const obs = fieldsOf(fields['obs']);
  const bucket = fieldsOf(obs['bucket']);
  return eventOf({
    at: 'obs',
    name: nonEmptyText(fields['eventName']),
    bucket: nonEmptyText(bucket['name']) ?? nonEmptyText(bucket['bucket']),
    object: fieldsOf(obs['object']),
    time,
    keysOf,
  });
}

type KeysOf = (key: string) => readonly [string, ...string[]];

interface Parts {
  /** The field that the others are in. */
  readonly at: 's3' | 'obs';
  readonly name: string | undefined;
  readonly bucket: string | undefined;
  readonly object: Fields;
  readonly time: Date | undefined;
  readonly keysOf: KeysOf;
}

function eventOf({ at, name, bucket, object, time, keysOf }: Parts): ObsObjectEvent | MalformedEvent {
  const key = nonEmptyText(object['key']);
  if (name === undefined) return missingField('eventName', name);
  if (bucket === undefined) return missingField(`${at}.bucket.name`, bucket);
  if (key === undefined) return missingField(`${at}.object.key`, object['key']);
  if (!key.isWellFormed())
    return { malformed: `${at}.object.key: it has half a character, which no key can have` };
  const keys = keysOf(key);
  const tag = nonEmptyText(object['eTag']);
  return {
    name: name.replace(/^(?:s3|obs):/, ''),
    time,
    bucket,
    key: keys[0],
    keys,
    etag: tag === undefined ? undefined : etag(tag.trim()),
    versionId: readVersionId(nonEmptyText(object['versionId'])),
    deltaSize: undefined,
  };
}

/**
 * The version id of an event. `null` alone comes from buckets without versions and names nothing. EventGrid was seen to glue the
 * word to an id of 32 characters.
 */
function readVersionId(text: string | undefined) {
  if (text === undefined || text === 'null') return undefined;
  return versionId(/^(.{32})null$/.exec(text)?.[1] ?? text);
}

/** A key that is encoded by the documentation: with `+` for a space, or without, or after all not. */
const encodedKeys: KeysOf = (key) => distinct([decoded(key.replaceAll('+', ' ')), decoded(key), key], key);

/** A key that is plain by the documentation, unless the subscription encodes keys. */
const plainKeys: KeysOf = (key) => distinct([key, decoded(key.replaceAll('+', ' ')), decoded(key)], key);

function distinct(readings: readonly (string | undefined)[], key: string): readonly [string, ...string[]] {
  const found = readings.filter((each): each is string => each !== undefined && each !== '');
  const [first = key, ...rest] = new Set(found);
  return [first, ...rest];
}

/** Undefined when the text cannot have been encoded. */
function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
