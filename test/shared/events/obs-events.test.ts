import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { reasonToIgnore } from '../../../shared/events/event-names.ts';
import { readObjectEvents } from '../../../shared/events/object-events.ts';
import { readObsEvents } from '../../../shared/events/obs-events.ts';

/** The form of a FunctionGraph trigger (a test resource of OTC's runtime, recorded in July 2025). */
const record = (object: object, more: object = {}) => ({
  eventVersion: '2.0',
  eventSource: 'aws:s3',
  awsRegion: 'eu-de',
  eventTime: '2025-07-28T09:47:50.352Z',
  eventName: 'ObjectCreated:Put',
  s3: {
    s3SchemaVersion: '1.0',
    bucket: { name: 'b', arn: 'arn:aws:s3:::b' },
    object: {
      key: 'a%2Fb.txt',
      eTag: 'd41d8cd98f00b204e9800998ecf8427e',
      size: 3,
      versionId: 'null',
      ...object,
    },
  },
  ...more,
});

const data = (object: object = {}) => ({
  eventVersion: '3.0',
  eventSource: 'OBS',
  eventTime: '2026-09-30T11:24:43.167Z',
  eventName: 'ObjectCreated:Put',
  obs: {
    Version: '1.0',
    bucket: { bucket: 'b', name: 'b', arn: 'arn' },
    object: { key: 'a/b.txt', eTag: 'ab', size: 3, versionId: `${'0'.repeat(31)}1null`, ...object },
  },
});

/** EventGrid's (one public note, cn-east-3, September 2026). */
const cloudEvent = (object: object = {}, more: object = {}) => ({
  specversion: '1.0',
  id: 'i',
  source: 'HC.OBS.DWR',
  type: 'OBS:DWR:ObjectCreated:PUT',
  time: '2026-09-30T03:24:43.167931174Z',
  datacontenttype: 'application/json',
  data: data(object),
  ...more,
});

describe('the three shapes of an event', () => {
  test('of a FunctionGraph trigger', () => {
    expect(readObsEvents({ Records: [record({})] })).toEqual([
      {
        name: 'ObjectCreated:Put',
        bucket: 'b',
        key: 'a/b.txt',
        keys: ['a/b.txt', 'a%2Fb.txt'],
        etag: 'D41D8CD98F00B204E9800998ECF8427E',
        versionId: undefined,
        time: new Date('2025-07-28T09:47:50.352Z'),
        deltaSize: undefined,
      },
    ]);
  });

  test('of EventGrid: the time of the envelope counts, and the word null is no part of the version id', () => {
    expect(readObsEvents(cloudEvent())).toEqual([
      expect.objectContaining({
        key: 'a/b.txt',
        time: new Date('2026-09-30T03:24:43.167Z'),
        versionId: `${'0'.repeat(31)}1`,
      }),
    ]);
  });

  test('of a message, whose time is not believed', () => {
    expect(readObsEvents({ Records: [data({ key: 'a+b%2B.txt' })] })).toEqual([
      expect.objectContaining({ key: 'a b+.txt', time: undefined, bucket: 'b' }),
    ]);
  });

  test('bare data of EventGrid, and several events at once', () => {
    expect(readObsEvents([data(), cloudEvent(), { Records: [record({}), record({})] }])).toHaveLength(4);
    expect(readObsEvents(data())).toEqual([expect.objectContaining({ time: undefined })]);
  });

  test('the type names the event when its data do not', () => {
    const { eventName, ...rest } = data();
    expect(eventName).toBe('ObjectCreated:Put');
    const type = 'OBS:DWR:ObjectCreated:CompleteMultipartUpload';
    expect(readObsEvents(cloudEvent({}, { data: rest, type }))).toEqual([
      expect.objectContaining({ name: 'ObjectCreated:CompleteMultipartUpload' }),
    ]);
  });
});

describe('a version id', () => {
  test.each([
    ['null', undefined],
    ['', undefined],
    [undefined, undefined],
    ['G001018455096CE600005306000000DD', 'G001018455096CE600005306000000DD'],
    ['G001018455096CE600005306000000DDnull', 'G001018455096CE600005306000000DD'],
    ['shortnull', 'shortnull'],
  ])('%j is read as %j', (given, expected) => {
    expect(readObsEvents({ Records: [record({ versionId: given })] })).toEqual([
      expect.objectContaining({ versionId: expected }),
    ]);
  });
});

test('every key that was encoded is read, and an unencoded one is among the readings', () => {
  fc.assert(
    fc.property(
      fc.string({ minLength: 1, unit: 'grapheme' }).filter((key) => key.trim() !== ''),
      (key) => {
        const plus = encodeURIComponent(key).replaceAll('%20', '+');
        for (const written of [plus, encodeURIComponent(key), key]) {
          for (const event of [{ Records: [record({ key: written })] }, cloudEvent({ key: written })]) {
            const [read] = readObsEvents(event);
            expect(read !== undefined && 'keys' in read ? read.keys : []).toContain(key);
          }
        }
        expect(readObsEvents({ Records: [record({ key: plus })] })[0]).toMatchObject({ key });
        expect(readObsEvents(cloudEvent({ key }))[0]).toMatchObject({ key });
      },
    ),
    { numRuns: 100 },
  );
});

test.each(['Put', 'Post', 'Copy', 'CompleteMultipartUpload', 'PUT', 'SomethingNew'])(
  'a creation by %s is never ignored',
  (action) => {
    const [event] = readObsEvents({ Records: [record({}, { eventName: `ObjectCreated:${action}` })] });
    expect(event !== undefined && 'name' in event && reasonToIgnore(event.name)).toBeUndefined();
  },
);

describe('what is no event of OBS', () => {
  test.each([
    ['nothing', null, 'neither'],
    ['an empty list of records', { Records: [] }, 'neither'],
    ['an event of OSS', { events: [{ eventName: 'ObjectCreated:PutObject', oss: {} }] }, 'event of OSS'],
  ])('%s is refused', (_, event, reason) => {
    expect(() => readObsEvents(event)).toThrow(reason);
    expect(() => readObsEvents(event)).toThrow(expect.objectContaining({ code: 'OBS_EVENT_MALFORMED' }));
  });

  test('an entry without key or bucket does not take the others with it', () => {
    expect(readObsEvents({ Records: [record({ key: '' }), { obs: {} }, record({})] })).toEqual([
      { malformed: 's3.object.key: it is empty, not a text', cloud: 'obs' },
      { malformed: 'eventName: it is missing, not a text', cloud: 'obs' },
      expect.objectContaining({ key: 'a/b.txt' }),
    ]);
  });

  test('and an event of OBS is no event of OSS', () => {
    const bytes = Buffer.from(JSON.stringify({ Records: [record({})] }));
    expect(() => readObjectEvents(bytes)).toThrow(expect.objectContaining({ code: 'EVENT_MALFORMED' }));
  });
});
