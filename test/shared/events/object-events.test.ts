import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readObjectEvents } from '../../../shared/events/object-events.ts';
import { HoldfastError } from '../../../shared/platform/errors.ts';
import { cloudEvent, nativeEntry } from '../../support/events.ts';

const read = (value: unknown) => readObjectEvents(Buffer.from(JSON.stringify(value)));
const entry = nativeEntry({ bucket: 'fin-eu', key: '账本/a b+c%20.txt', deltaSize: 0 });
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
    const broken = { ...entry, eventTime: 'yesterday' };
    const noKey = { ...entry, oss: { bucket: { name: 'b' }, object: {} } };
    expect(read({ events: [broken, entry, noKey, null] })).toEqual([
      { malformed: expect.stringContaining('eventTime') },
      event,
      { malformed: expect.stringContaining('oss.object.key') },
      { malformed: expect.any(String) },
    ]);
  });

  it.each([
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
