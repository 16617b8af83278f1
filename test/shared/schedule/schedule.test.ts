import { describe, expect, it } from 'vitest';
import { loadRulesOf, readRulesDocument } from '../../../shared/rules/load.ts';
import { scheduleHtml, scheduleMarkdown } from '../../../shared/schedule/formats.ts';
import { type RetentionSchedule, scheduleOf } from '../../../shared/schedule/schedule.ts';
import { validRules } from '../../support/rules-file.ts';

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
      '{ for: 6y, fromTag: t, atMost: 8y, whileOpen: hold }',
      ['6y, at most 8y, until then held, renewed every 90 days', 'the date in tag t'],
    ],
    [
      '{ for: 10y, from: { endOf: year, lastDay: 01-05, zone: "+12:45" } }',
      ['10y', 'the end of the year of Last-Modified (last day 01-05, UTC+12:45)'],
    ],
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
        records: 'buckets oss://fin-*, !oss://fin-test, obs://books; keys ledger/**; tag class=a or b',
        period:
          '10y; while the version is current, extended by 90 days when less than 30 days are left, up to 12y',
        start: 'Last-Modified',
        because: 'Accounting Law, article 23',
        owner: 'finance@example.com',
        review: '2027-06-30',
      },
    ]);
  });

  it('leaves empty what the rule does not say', () => {
    expect(schedule('objects: [{ name: a, match: { bucket: [b, c*] }, retain: 1y }]').rows).toEqual([
      {
        ...{ rule: 'a', kind: 'objects', records: 'buckets b, c*', period: '1y', start: 'Last-Modified' },
        ...{ because: '', owner: '', review: '' },
      },
    ]);
  });

  it('names each key and each tag that records must have', () => {
    const match = '{ bucket: b, key: ["x/**", "!x/tmp/**"], tags: { class: a, client: [b, c] } }';
    const [row] = schedule(`objects: [{ name: a, match: ${match}, retain: 1y }]`).rows;
    expect(row?.records).toBe('bucket b; keys x/**, !x/tmp/**; tags class=a, client=b or c');
  });

  it('of rules that were narrowed to one cloud has the globs of that cloud', () => {
    const rules = validRules(`version: 1
limits: { maxRetention: 40y }
objects: [{ name: a, match: { bucket: [oss://fin-*, obs://books, hr] }, retain: 1y }]
`);
    expect(scheduleOf(rules).rows[0]?.records).toBe('buckets fin-*, hr');
  });

  it('of a default retention is for each upload', () => {
    const [row] = schedule('defaults: [{ name: base, match: { bucket: b* }, retain: 30d }]').rows;
    expect(row).toMatchObject({
      ...{ rule: 'base', kind: 'default', records: 'each upload to buckets b*, by itself' },
      ...{ period: '30d', start: 'Last-Modified' },
    });
  });

  it.each([
    ['{ days: 35, lock: { after: 90min } }', '35 days; locked once it is 1h30min old'],
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
    const start = 'Last-Modified';
    expect(row).toMatchObject({ kind: 'bucket', records: 'all objects of bucket b', period, start });
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

  const plain = schedule(
    'objects: [{ name: a, because: "Law \\"23\\" & more", match: { bucket: b }, retain: 1y }]\n' +
      'defaults: [{ name: base, match: { bucket: c }, retain: 30d }]',
  );

  it('is a Markdown table with what bounds all rows', () => {
    expect(scheduleMarkdown(plain, 'Retention *2026*')).toBe(`# Retention \\*2026\\*

| Rule | Records | Period | Counted from | Because of | Owner | Review by |
| --- | --- | --- | --- | --- | --- | --- |
| a | bucket b | 1y | Last-Modified | Law "23" \\& more | - | - |
| base | each upload to bucket c, by itself | 30d | Last-Modified | - | - | - |

Nothing is retained longer than 40y (limits.maxRetention).

The reasons are those of the rules file. Whether they apply, and whether the periods satisfy them, is for its owners to say.
`);
  });

  it('is an HTML page whose rows have a head and cells with their titles', () => {
    const html = scheduleHtml(plain, 'T');
    expect(html).toContain(
      '<thead><tr><th scope="col">Rule</th><th scope="col">Records</th><th scope="col">Period</th>',
    );
    expect(html).toContain(`<tbody>
<tr><th scope="row">a</th><td data-label="Records">bucket b</td><td data-label="Period">1y</td>`);
    expect(html).toContain(
      '<td data-label="Because of">Law &quot;23&quot; &amp; more</td><td data-label="Owner">-</td>',
    );
    expect(html).toContain('</td></tr>\n<tr><th scope="row">base</th>');
    expect(html).toContain(`<p>Nothing is retained longer than 40y (limits.maxRetention).</p>
<p>The reasons are those of the rules file.`);
    expect(html).toContain('<style>\n:root { color-scheme: light dark;');
  });
});
