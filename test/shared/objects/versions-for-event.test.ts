import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ObjectEvent } from '../../../shared/events/object-events.ts';
import { isListedEnough, versionsForEvent } from '../../../shared/objects/versions-for-event.ts';
import { etag, type ListedVersion, versionId } from '../../../shared/storage/port.ts';

const event = (part: Partial<ObjectEvent> = {}): ObjectEvent => ({
  name: 'ObjectCreated:PutObject',
  bucket: 'b',
  key: 'k',
  time: new Date('2026-11-21T10:00:05.300Z'),
  etag: etag('AA'),
  versionId: undefined,
  deltaSize: 3,
  ...part,
});

const version = (id: string, second: string, tag = 'AA', key = 'k'): ListedVersion =>
  versionAt(id, new Date(`2026-11-21T10:00:${second}.000Z`), tag, key);

const versionAt = (id: string, lastModified: Date, tag = 'AA', key = 'k'): ListedVersion => ({
  kind: 'version',
  bucket: 'b',
  key,
  versionId: versionId(id),
  isLatest: false,
  lastModified,
  etag: etag(tag),
  size: 3,
  type: 'Normal',
});
const marker: ListedVersion = {
  kind: 'delete-marker',
  bucket: 'b',
  key: 'k',
  versionId: versionId('M'),
  isLatest: true,
  lastModified: new Date('2026-11-21T10:00:06Z'),
};

const hoursBefore = (id: string, hours: number, tag = 'AA') =>
  versionAt(id, new Date(Date.parse('2026-11-21T10:00:05Z') - hours * 3_600_000), tag);

describe('the versions that an event may mean', () => {
  const table: [string, Partial<ObjectEvent>, ListedVersion[], string[]][] = [
    [
      'the one with its ETag, beneath a newer one',
      {},
      [version('v2', '06', 'BB'), version('v1', '05')],
      ['v1'],
    ],
    ['beneath a delete marker', {}, [marker, version('v1', '05')], ['v1']],
    [
      'all of its content that were modified about when it was stamped, since clocks differ',
      {},
      [version('v3', '09'), version('v2', '05'), version('v1', '01')],
      ['v3', 'v2', 'v1'],
    ],
    [
      'the newest not after it, and none of the same content from long before',
      {},
      [version('v3', '09', 'BB'), hoursBefore('v2', 1), hoursBefore('v1', 2)],
      ['v2'],
    ],
    [
      'a version of a minute later, when the event was stamped a moment before it',
      { time: new Date('2026-11-21T10:00:59.999Z') },
      [versionAt('v2', new Date('2026-11-21T10:01:00Z')), hoursBefore('v1', 0)],
      ['v2', 'v1'],
    ],
    [
      'never a delete marker, should an event carry no ETag',
      { etag: undefined, time: new Date('2026-11-21T10:00:07Z') },
      [marker, version('v1', '05')],
      ['v1'],
    ],
    [
      'all that were uploaded within the same second with the same content',
      {},
      [version('v2', '05'), version('v1', '05')],
      ['v2', 'v1'],
    ],
    [
      'the oldest after it, should it be stamped hours too early',
      { time: new Date('2026-11-21T05:00:00Z') },
      [version('v2', '09'), version('v1', '07')],
      ['v1'],
    ],
    ['no version of another key', {}, [version('v1', '05', 'AA', 'k2')], []],
    ['none, when no version has its content', {}, [version('v1', '05', 'BB')], []],
    ['none of nothing', {}, [], []],
    [
      'all of its content, when it has no time',
      { time: undefined },
      [version('v3', '09'), version('v2', '06', 'BB'), hoursBefore('v1', 900)],
      ['v3', 'v1'],
    ],
  ];
  it.each(table)('are %s', (_name, part, versions, expected) => {
    expect(versionsForEvent(event(part), versions).map((found) => found.versionId)).toEqual(expected);
  });
});

const start = Date.parse('2026-11-21T10:00:00Z');
const uploads = fc
  .array(fc.record({ gap: fc.integer({ min: 0, max: 100_000 }), tag: fc.constantFrom('AA', 'AA', 'BB') }), {
    minLength: 1,
    maxLength: 12,
  })
  .map((steps) => {
    let time = start;
    return steps.map(({ gap, tag }, index) => {
      time += gap;
      return {
        id: `v${index}`,
        tag,
        time,
        version: versionAt(`v${index}`, new Date(time - (time % 1000)), tag),
      };
    });
  });
const skew = fc.integer({ min: -60_000, max: 15 * 60_000 - 1000 }); // the event is so much too early

describe('an event whose clock is off', () => {
  it('always finds its own version, whatever else was uploaded before and after', () => {
    fc.assert(
      fc.property(uploads, fc.nat(), skew, (all, drawn, early) => {
        const own = all[drawn % all.length];
        if (own === undefined) return;
        const stamped = event({ etag: etag(own.tag), time: new Date(own.time - Math.max(early, -59_000)) });
        const listed = all.map(({ version: each }) => each).reverse();
        expect(versionsForEvent(stamped, listed).map(({ versionId: id }) => id)).toContain(own.id);
      }),
      { numRuns: 1000 },
    );
  });

  it('finds the same page by page as in the whole list, and needs no page after the first that is enough', () => {
    fc.assert(
      fc.property(uploads, fc.nat(), skew, fc.integer({ min: 1, max: 4 }), (all, drawn, early, size) => {
        const own = all[drawn % all.length];
        if (own === undefined) return;
        const time = new Date(own.time - early);
        const stamped = event({ etag: etag(own.tag), time });
        const listed = all.map(({ version: each }) => each).reverse();
        let picked: ReturnType<typeof versionsForEvent> = [];
        for (let at = 0; at < listed.length; at += size) {
          const page = listed.slice(at, at + size);
          picked = versionsForEvent(stamped, [...picked, ...page]);
          const oldest = page.at(-1)?.lastModified ?? new Date(0);
          if (isListedEnough(stamped, picked, oldest)) break;
        }
        const whole = versionsForEvent(stamped, listed).map(({ versionId: id }) => id);
        const found = picked.map(({ versionId: id }) => id);
        // Of the minute before the event, only what the pages show is taken; all else is found.
        const optional = (id: string) => {
          const { lastModified } = listed.find(({ versionId: each }) => each === id) ?? {
            lastModified: new Date(0),
          };
          return lastModified < time && lastModified.getTime() >= time.getTime() - 60_000;
        };
        expect(whole.filter((id) => !found.includes(id) && !optional(id))).toEqual([]);
        expect(found.filter((id) => !whole.includes(id))).toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('a list has been read far enough', () => {
  const time = new Date('2026-11-21T10:00:05.300Z');
  const data = (second: string) => versionsForEvent(event({ time: undefined }), [version('v', second)]);

  it.each<[what: string, picked: string[], oldest: string, enough: boolean]>([
    ['behind the newest version that is not after the event', ['04', '05'], '2026-11-21T10:00:04Z', true],
    ['whatever the order of those that were picked', ['05', '04'], '2026-11-21T10:00:04Z', true],
    ['not within its second', ['05'], '2026-11-21T10:00:05Z', false],
    ['not by a version that is after the event', ['06'], '2026-11-21T10:00:05Z', false],
    ['a day before the event, when none was picked', [], '2026-11-20T10:00:05.299Z', true],
    ['and not before', [], '2026-11-20T10:00:05.300Z', false],
  ])('%s', (_what, picked, oldest, enough) => {
    expect(isListedEnough({ etag: undefined, time }, picked.flatMap(data), new Date(oldest))).toBe(enough);
  });

  it('never, for an event without a time', () => {
    expect(isListedEnough({ etag: undefined, time: undefined }, data('05'), new Date(0))).toBe(false);
  });
});

it('versions of a minute before the event and a quarter of an hour after it are near to it, and no others', () => {
  const at = (id: string, ms: number) => versionAt(id, new Date(Date.parse('2026-11-21T10:00:05Z') + ms));
  const versions = [at('v5', 900_001), at('v4', 900_000), at('v3', 0), at('v2', -60_000), at('v1', -60_001)];
  const picked = versionsForEvent(event({ time: new Date('2026-11-21T10:00:05Z') }), versions);
  expect(picked.map(({ versionId: id }) => id)).toEqual(['v4', 'v3', 'v2']);
});
