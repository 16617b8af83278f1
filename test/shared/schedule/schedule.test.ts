import { describe, expect, it } from 'vitest';
import { loadRulesOf, readRulesDocument } from '../../../shared/rules/load.ts';
import { scheduleHtml, scheduleMarkdown } from '../../../shared/schedule/formats.ts';
import { type RetentionSchedule, scheduleOf } from '../../../shared/schedule/schedule.ts';

function schedule(rules: string): RetentionSchedule {
  const loaded = loadRulesOf(
    readRulesDocument(`version: 1\nlimits: { maxRetention: 40y }\n${rules}`, 'rules.yaml'),
  );
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return scheduleOf(loaded.written);
}

const objectRow = (retain: string) => {
  const [row] = schedule(`objects: [{ name: a, match: { bucket: b* }, retain: ${retain} }]`).rows;
  return [row?.period, row?.start];
};

describe('a row of the schedule', () => {
  it.each([
    ['7y', ['7y', 'Last-Modified']],
    [
      '{ forTag: t, atLeast: 30d, atMost: 10y, otherwise: 1y }',
      [
        'as tag t says, at least 30d, at most 10y, without a readable tag 1y from Last-Modified',
        'Last-Modified',
      ],
    ],
    ['{ untilTag: t, atMost: 10y }', ['until the date in tag t, at most 10y', '']],
    ['{ for: 6y, fromTag: t }', ['6y', 'the date in tag t']],
    [
      '{ for: 6y, fromTag: t, from: { endOf: year } }',
      ['6y', 'the end of the year of the date in tag t (last day 12-31, UTC)'],
    ],
    [
      '{ for: 10y, from: { endOf: year, lastDay: 06-30, zone: "+08:00" } }',
      ['10y', 'the end of the year of Last-Modified (last day 06-30, UTC+08:00)'],
    ],
    [
      '{ for: 10y, from: { endOf: year, zone: "-03:30" } }',
      ['10y', 'the end of the year of Last-Modified (last day 12-31, UTC-03:30)'],
    ],
  ])('says when %s ends', (retain, expected) => {
    expect(objectRow(retain)).toEqual(expected);
  });

  it('says which records, why, whose, and when to look again', () => {
    const { rows, cap } = schedule(`objects:
  - name: ledgers
    because: Accounting Law, article 23
    owner: finance@example.com
    review: 2027-06-30
    match: { bucket: [oss://fin-*, "!oss://fin-test", obs://books], key: "ledger/**", tags: { class: [a, b] } }
    retain: 10y
    extend: { within: 30d, by: 90d, upTo: 12y }
`);
    expect(cap).toBe('40y');
    expect(rows).toEqual([
      {
        rule: 'ledgers',
        kind: 'objects',
        records: 'buckets oss://fin-*, !oss://fin-test, obs://books; keys ledger/**; tags class=a or b',
        period:
          '10y; while the version is current, extended by 90 days when less than 30 days are left, up to 12y',
        start: 'Last-Modified',
        because: 'Accounting Law, article 23',
        owner: 'finance@example.com',
        review: '2027-06-30',
      },
    ]);
  });

  it.each([
    ['{ days: 180 }', '180 days; locked once it is 20h old'],
    ['{ days: { atLeast: 30, atMost: 60 }, lock: false }', '30 to 60 days; not locked by Holdfast'],
    [
      '{ days: 35, extend: { within: 30d, by: 35d, upTo: 730d } }',
      '35 days; locked once it is 20h old; extended by 35 days when less than 30 days are left, up to 730 days',
    ],
    [
      '{ days: 35, extend: { keepUntil: 2036-12-31, upTo: 9000d } }',
      '35 days; locked once it is 20h old; extended so that every object is kept until 2036-12-31, up to 9000 days',
    ],
  ])('says what policy %s is', (policy, period) => {
    const [row] = schedule(`buckets: [{ name: a, match: { bucket: b }, policy: ${policy} }]`).rows;
    expect(row).toMatchObject({ kind: 'bucket', records: 'all objects of buckets b', period });
  });
});

describe('the forms of a schedule', () => {
  const hostile = schedule(
    'objects: [{ name: a, because: "<script>|*x*\\u202e", match: { bucket: b }, retain: 1y }]',
  );

  it('lets no text of the rules be markup', () => {
    expect(scheduleHtml(hostile, 'T <b>')).toContain('<title>T &lt;b&gt;</title>');
    expect(scheduleHtml(hostile, 'T')).toContain('&lt;script&gt;|*x*');
    expect(scheduleHtml(hostile, 'T')).not.toMatch(/<script|\u202e/);
    expect(scheduleMarkdown(hostile, 'T')).toContain('\\<script\\>\\|\\*x\\*');
    expect(scheduleMarkdown(hostile, 'T')).not.toContain('\u202e');
  });
});
