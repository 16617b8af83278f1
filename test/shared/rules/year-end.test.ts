import fc from 'fast-check';
import { DateTime } from 'luxon';
import { describe, expect, it } from 'vitest';
import { decideObject } from '../../../shared/objects/decide.ts';
import { dateOf } from '../../../shared/objects/retain.ts';
import type { ObservedVersion } from '../../../shared/objects/types.ts';
import { latestAllowed } from '../../../shared/rules/cap.ts';
import { loadRules } from '../../../shared/rules/load.ts';
import { rulesFrom } from '../../../shared/rules/read.ts';
import {
  addFromYearEnd,
  parseLastDay,
  parseZone,
  periodFromYearEnd,
} from '../../../shared/rules/year-end.ts';
import { versionId } from '../../../shared/storage/port.ts';
import { duration, yearEnds } from '../../support/arbitrary-rules.ts';

const until = (retain: string, modified: string, tags: Record<string, string> = {}): string => {
  const { objects } = rulesFrom(
    `version: 1\nlimits: { maxRetention: 40y }\nobjects: [{ name: a, match: { bucket: b }, retain: ${retain} }]`,
    'rules.yaml',
  );
  const [rule] = objects;
  if (rule === undefined) throw new Error('no rule');
  const date = dateOf(rule, { lastModified: new Date(modified), tags: new Map(Object.entries(tags)) });
  return 'problem' in date ? date.problem.code : date.until.toISOString();
};

const calendar = '{ for: 10y, from: { endOf: year } }';
const china = '{ for: 10y, from: { endOf: year, zone: "+08:00" } }';
const june = '{ for: 10y, from: { endOf: year, lastDay: 06-30 } }';
const february = '{ for: 1y, from: { endOf: year, lastDay: 02-28 } }';
const tagged = '{ for: 6y, fromTag: closed-on, from: { endOf: year, zone: "+08:00" } }';

describe('a period from the end of a year', () => {
  it.each([
    ['a day of the year', calendar, '2026-03-05T10:00:00Z', '2037-01-01T00:00:00.000Z'],
    ['its first instant', calendar, '2026-01-01T00:00:00Z', '2037-01-01T00:00:00.000Z'],
    ['its last second', calendar, '2026-12-31T23:59:59Z', '2037-01-01T00:00:00.000Z'],
    ['the next second', calendar, '2027-01-01T00:00:00Z', '2038-01-01T00:00:00.000Z'],
    ['the last second of the year in China', china, '2026-12-31T15:59:59Z', '2036-12-31T16:00:00.000Z'],
    ['the next second there', china, '2026-12-31T16:00:00Z', '2037-12-31T16:00:00.000Z'],
    ['the last day of a fiscal year', june, '2026-06-30T23:59:59Z', '2036-07-01T00:00:00.000Z'],
    ['the day after it', june, '2026-07-01T00:00:00Z', '2037-07-01T00:00:00.000Z'],
    ['28 February of a leap year', february, '2028-02-28T12:00:00Z', '2029-03-01T00:00:00.000Z'],
    ['29 February, which is of the next year', february, '2028-02-29T12:00:00Z', '2030-03-01T00:00:00.000Z'],
  ])('of an object of %s', (_, retain, modified, expected) => {
    expect(until(retain, modified)).toBe(expected);
  });

  it.each([
    ['a day', '2024-12-31', '2030-12-31T16:00:00.000Z'],
    ['an instant that is on the next day there', '2024-12-31T16:00:00Z', '2031-12-31T16:00:00.000Z'],
    ['an instant with the zone', '2024-12-31T23:59:59+08:00', '2030-12-31T16:00:00.000Z'],
  ])('that %s in a tag names', (_, value, expected) => {
    expect(until(tagged, '2020-01-01T00:00:00Z', { 'closed-on': value })).toBe(expected);
  });

  it('fails without the tag, as without a year', () => {
    expect(until(tagged, '2020-01-01T00:00:00Z')).toBe('TAG_UNREADABLE');
  });

  it('is the period after the last day of the year in which the object was written, by the calendar of another library', () => {
    fc.assert(
      fc.property(
        yearEnds,
        fc.date({ min: new Date('1999-01-01'), max: new Date('2100-01-01'), noInvalidDate: true }),
        fc.constantFrom('1y', '18mo', '10y', '90d'),
        (yearEnd, modified, text) => {
          const { month, date, offsetMs } = yearEnd;
          const zone = offsetMs / 60_000;
          const local = DateTime.fromJSDate(modified).setZone(
            `UTC${zone < 0 ? '-' : '+'}${Math.floor(Math.abs(zone) / 60)}:${String(Math.abs(zone) % 60).padStart(2, '0')}`,
          );
          let last = local.startOf('day').set({ month: 1, day: 1 }).set({ month, day: date });
          if (local.startOf('day') > last) last = last.plus({ years: 1 });
          const { months, ms } = duration(text);
          const end = last.plus({ months }).plus({ milliseconds: ms }).plus({ days: 1 });
          const found = addFromYearEnd({ at: modified, wholeDay: false }, yearEnd, { months, ms });
          expect(found.toISOString()).toBe(end.toJSDate().toISOString());
          expect(found.getTime()).toBeGreaterThan(modified.getTime());
        },
      ),
    );
  });

  it('lets the cap count from the end of the year only when it is past', () => {
    const start = periodFromYearEnd({ at: new Date('2026-03-05T00:00:00Z'), wholeDay: false }, utc);
    const lastModified = new Date('2026-03-05T00:00:00Z');
    const allowed = (now: string, maxRetention: string) =>
      latestAllowed(duration(maxRetention), { now: new Date(now), lastModified, start }).toISOString();
    expect(start.at).toEqual(new Date('2027-01-01T00:00:00Z'));
    expect(allowed('2026-12-31T23:59:59Z', '10y')).toBe('2036-12-31T23:59:59.000Z');
    expect(allowed('2027-01-01T00:00:00Z', '10y')).toBe('2037-01-01T00:00:00.000Z');
  });

  it.each([
    ['before the year has ended', '2028-02-28T23:59:59Z', 'refuse'],
    ['on 29 February, the day after it', '2028-02-29T00:00:00Z', 'protect'],
    ['at the end of that day', '2028-02-29T23:59:59Z', 'protect'],
    ['in March', '2028-03-01T00:00:00Z', 'protect'],
  ])('may be as long as the cap, %s', (_, now, action) => {
    const rules = rulesFrom(
      `version: 1
limits: { maxRetention: 6y }
objects:
  - name: a
    match: { bucket: b }
    retain: { for: 6y, fromTag: closed-on, from: { endOf: year, lastDay: 02-28 } }`,
      'rules.yaml',
    );
    const version: ObservedVersion = {
      ...{ bucket: 'b', key: 'k', versionId: versionId('v'), type: 'Normal', retention: undefined },
      ...{ lastModified: new Date('2027-05-01T00:00:00Z'), tags: new Map([['closed-on', '2027-05-01']]) },
    };
    const decision = decideObject(rules, version, new Date(now));
    expect(decision.action).toBe(action);
    if ('until' in decision) expect(decision.until).toEqual(new Date('2034-03-01T00:00:00Z'));
  });
});

const utc = { month: 12, date: 31, offsetMs: 0 };

describe('what the rules say of it', () => {
  const problems = (retain: string, limit = '40y') => {
    const loaded = loadRules(
      `version: 1\nlimits: { maxRetention: ${limit} }\nobjects: [{ name: a, match: { bucket: b }, retain: ${retain} }]`,
      'rules.yaml',
    );
    return loaded.ok ? [] : loaded.problems.map(({ message }) => message);
  };

  it.each([
    ['{ for: 10y, from: { endOf: year, lastDay: 02-29 } }', 'most years have no 29 February: write 02-28'],
    ['{ for: 10y, from: { endOf: year, lastDay: 04-31 } }', 'there is no day such as "04-31"'],
    ['{ for: 10y, from: { endOf: year, lastDay: 31.12 } }', 'expected a day such as 06-30'],
    ['{ for: 10y, from: { endOf: year, lastDay: 6-30 } }', 'as MM-DD'],
    [
      '{ for: 10y, from: { endOf: year, zone: Asia/Shanghai } }',
      'expected an offset from UTC such as +08:00',
    ],
    ['{ for: 10y, from: { endOf: year, zone: "+15:00" } }', 'expected an offset from UTC such as +08:00'],
    ['{ for: 10y, from: { endOf: month } }', 'expected year'],
    ['{ for: 10y, from: { endof: year } }', 'endOf'],
    ['{ for: 10y, from: { endOf: year }, atMost: 12y }', 'atMost is about what a tag says: it needs fromTag'],
  ])('%s is a mistake', (retain, message) => {
    expect(problems(retain).join('\n')).toContain(message);
  });

  it('refuses a period that passes the cap with the rest of the year', () => {
    expect(problems(calendar, '10y')).toEqual([
      '10y from the end of a year, up to 11y in all is longer than limits.maxRetention (10y)',
    ]);
    expect(problems(calendar, '11y')).toEqual([]);
    expect(problems(tagged, '6y')).toEqual([]);
  });

  it('reads last days and zones, and nothing else', () => {
    expect(parseLastDay('06-30')).toEqual({ month: 6, date: 30 });
    expect(
      ['00-10', '13-01', '02-30', '01-00', '', '0630', ' 06-30', '06-30 ', '06-301', '106-30'].filter(
        (text) => !('problem' in parseLastDay(text)),
      ),
    ).toEqual([]);
    expect(parseLastDay('03-29')).toEqual({ month: 3, date: 29 });
    const zones = ['Z', 'UTC', '+08:00', '-03:30', '+05:59', '-12:00', '+14:00', '+13:00'];
    expect(zones.map((text) => Number(parseZone(text)) / 60_000)).toEqual([
      0, 0, 480, -210, 359, -720, 840, 780,
    ]);
    const none = ['8', '+8:00', '+08:60', '-12:15', '+14:15', '', ' +08:00', '+08:00 ', '+08:001', 'x+08:00'];
    expect(none.filter((text) => typeof parseZone(text) === 'number')).toEqual([]);
  });
});
