import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readObjectEvents } from '../../../shared/events/object-events.ts';
import { HoldfastError } from '../../../shared/platform/errors.ts';
import { cloudEvent, nativeEntry } from '../../support/events.ts';

const read = (value: unknown) => readObjectEvents(Buffer.from(JSON.stringify(value)));
const entry = nativeEntry({ bucket: 'fin-eu', key: '账本/a b+c%20.txt', deltaSize: 0 });
const objectOf = ({ oss }: Record<string, unknown>) =>
  typeof oss === 'object' && oss !== null && 'object' in oss && typeof oss.object === 'object'
    ? oss.object
    : {};
const event = {
  name: 'ObjectCreated:PutObject',
  time: new Date('2026-11-21T10:00:00Z'),
  bucket: 'fin-eu',
  key: '账本/a b+c%20.txt',
  etag: 'D41D8CD98F00B204E9800998ECF8427E',
  versionId: undefined,
  deltaSize: 0,
};

describe('reading an OSS event', () => {
  it.each([
    ["Function Compute's own form", { events: [entry] }],
    ['a CloudEvent', cloudEvent(entry)],
    ["a CloudEvent's bare data", entry],
    ['a batch of CloudEvents', [cloudEvent(entry)]],
    [
      'an event name with the prefix of the trigger',
      { events: [{ ...entry, eventName: 'oss:ObjectCreated:PutObject' }] },
    ],
  ])('takes %s, with the key as it is', (_form, payload) => {
    expect(read(payload)).toEqual([event]);
  });

  it('takes the version id when the service sends one, and sizes as text', () => {
    const versioned = nativeEntry({ bucket: 'b', key: 'k', versionId: 'V1', deltaSize: '17' });
    expect(read({ events: [versioned] })).toMatchObject([{ versionId: 'V1', deltaSize: 17 }]);
  });

  it('keeps the readable entries of a batch and names what is wrong with the others', () => {
    const broken = { ...entry, eventName: 7 };
    const noKey = { ...entry, oss: { bucket: { name: 'b' }, object: {} } };
    expect(read({ events: [broken, entry, noKey, null] })).toEqual([
      { malformed: 'eventName: it is of type number, not a text' },
      event,
      { malformed: expect.stringContaining('oss.object.key') },
      { malformed: 'the entry: it is null, not an object' },
    ]);
  });

  const withObject = (fields: Record<string, unknown>) => {
    const oss = { bucket: { name: 'fin-eu' }, object: { ...objectOf(entry), ...fields } };
    return read({ events: [{ ...entry, oss }] });
  };
  it.each([null, '', ' ', 7, {}, [], false])('takes an optional field that is %j as absent', (value) => {
    const fields = { versionId: value, eTag: value, deltaSize: value === 7 ? null : value };
    expect(withObject(fields)).toEqual([{ ...event, etag: undefined, deltaSize: undefined }]);
    expect(read({ events: [{ ...entry, eventTime: value === 7 ? 'soon' : value }] })).toEqual([
      { ...event, time: undefined },
    ]);
  });

  it.each([
    ['2026-11-21t10:00:00z', '2026-11-21T10:00:00.000Z'],
    ['2026-11-21 10:00:00.300Z', '2026-11-21T10:00:00.300Z'],
    ['2026-11-21T10:00:00.300', '2026-11-21T10:00:00.300Z'],
    ['2026-11-21T10:00:00,3Z', '2026-11-21T10:00:00.300Z'],
    ['2026-11-21T10:00:00.123456789Z', '2026-11-21T10:00:00.123Z'],
    ['2026-11-21T18:00:00+08:00', '2026-11-21T10:00:00.000Z'],
    ['2026-11-21T18:00:00+0800', '2026-11-21T10:00:00.000Z'],
    ['2026-11-21T10:00Z', '2026-11-21T10:00:00.000Z'],
    ['20261121T100000Z', '2026-11-21T10:00:00.000Z'],
    ['Sat, 21 Nov 2026 10:00:00 GMT', '2026-11-21T10:00:00.000Z'],
    [1795255200300, '2026-11-21T10:00:00.300Z'],
    [1795255200, '2026-11-21T10:00:00.000Z'],
    ['1795255200300', '2026-11-21T10:00:00.300Z'],
  ])('reads the time %j', (eventTime, expected) => {
    expect(read({ events: [{ ...entry, eventTime }] })).toMatchObject([{ time: new Date(expected) }]);
  });

  it.each([
    '2026-02-30T10:00:00Z',
    '2026-11-21T25:00:00Z',
    '2026-11-21T10:00:00+99:00',
    'yesterday',
    -1,
    1e300,
  ])('takes the time %j as absent, and never shifts it', (eventTime) => {
    expect(read({ events: [{ ...entry, eventTime }] })).toMatchObject([{ time: undefined }]);
  });

  it('takes the time of the CloudEvent where its data has none', () => {
    const { eventTime: _, ...untimed } = entry;
    expect(read(cloudEvent(untimed))).toMatchObject([{ time: new Date('2026-11-21T10:00:00Z') }]);
  });

  it('takes a batch inside a CloudEvent, with the time of the envelope', () => {
    expect(read(cloudEvent({ events: [entry, entry] }))).toEqual([event, event]);
  });

  it('names a key that no object can have', () => {
    expect(withObject({ key: 'a\ud800' })).toEqual([
      { malformed: expect.stringContaining('half a character') },
    ]);
  });

  it.each([
    ['5,000 brackets', '['.repeat(5000) + ']'.repeat(5000), 'nested more than'],
    ['200,000 brackets', '['.repeat(200_000) + ']'.repeat(200_000), 'the event cannot be read'],
    [
      '5,000 envelopes',
      `${'{"specversion":"1","data":'.repeat(5000)}{}${'}'.repeat(5000)}`,
      'nested more than',
    ],
    ['nothing', '', 'it is empty'],
    [
      'a truncated event',
      JSON.stringify({ events: [entry] }).slice(0, 100),
      'it is not JSON (100 characters)',
    ],
    ['an empty batch', '{"events":[]}', 'neither'],
    ['an event of another service', '{"Records":[]}', 'neither'],
    ['a number', '7', 'neither'],
    ['null', 'null', 'neither'],
    ['an empty list', '[]', 'neither'],
  ])('refuses %s as EVENT_MALFORMED', (_what, text, reason) => {
    expect(() => readObjectEvents(Buffer.from(text))).toThrow(
      expect.objectContaining({ code: 'EVENT_MALFORMED', message: expect.stringContaining(reason) }),
    );
  });

  it.each([
    ['bytes that are not UTF-8', Buffer.from([0x7b, 0xff, 0x7d]), 'not UTF-8'],
    ['more than 32 MB', Buffer.alloc(32 * 1024 * 1024 + 1, ' '), 'at most'],
  ])('refuses %s as EVENT_MALFORMED', (_what, bytes, reason) => {
    expect(() => readObjectEvents(bytes)).toThrow(
      expect.objectContaining({ code: 'EVENT_MALFORMED', message: expect.stringContaining(reason) }),
    );
  });

  it('never fails otherwise, whatever comes', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
        try {
          readObjectEvents(Buffer.from(text));
        } catch (error) {
          expect(error).toBeInstanceOf(HoldfastError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
