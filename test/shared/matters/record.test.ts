import { describe, expect, it, test } from 'vitest';
import { isMatterId, mattersIn, parseRecordName, recordKey } from '../../../shared/matters/name.ts';
import {
  matterRecordText,
  parseMatterRecord,
  readScope,
  scopeToText,
} from '../../../shared/matters/record.ts';
import type { MatterRecord } from '../../../shared/matters/types.ts';
import { author, minutes, validScope } from '../../support/matters.ts';

const file = `opened-${'0'.repeat(64)}.json`;
const about = { id: 'case', at: minutes(1), by: author } as const;
const pass = { ...about, complete: true, counts: { held: 3 }, follows: [file, file] } as const;
const buckets = { withHolds: ['a', 'b'], withoutHolds: ['c', 'd'], partlyHeld: ['e', 'f'] };
const scope = {
  match: ['oss://fin-*/**', '!oss://fin-2/**'],
  tags: { class: 'x*', client: 'acme' },
  ...{ from: '2026-01-01T00:00:00Z', until: '2026-02-01T00:00:00Z' },
};

const written = (record: MatterRecord) => JSON.parse(matterRecordText(record));
/** Reads what was written, with a change. */
const changed = (record: MatterRecord, change: object) =>
  parseMatterRecord(JSON.stringify({ ...written(record), ...change }), 'oss');

describe('the text of a record', () => {
  it.each<MatterRecord>([
    { ...about, kind: 'released', reason: 'it is over', follows: [file, file] },
    { ...pass, kind: 'held' },
    { ...pass, kind: 'held', ...buckets },
    { ...pass, kind: 'lifted', ...buckets, reason: 'it is over' },
  ])('is read as it was written, for the kind $kind', (record) => {
    expect(parseMatterRecord(matterRecordText(record), 'oss')).toEqual(record);
  });

  it('has the scope of an opening as it was written', () => {
    const record: MatterRecord = { ...about, kind: 'opened', reason: 'a lawsuit', scope: validScope(scope) };
    expect(written(record)).toEqual({
      ...{ matter: 1, id: 'case', kind: 'opened', at: '2026-11-20T10:01:00Z', by: author },
      ...{ reason: 'a lawsuit', scope },
    });
    const read = parseMatterRecord(matterRecordText(record), 'oss');
    expect('kind' in read && read.kind === 'opened' && scopeToText(read.scope)).toEqual(scope);
  });

  it('has the parts of a pass in one order, without those that are not there', () => {
    expect(Object.keys(written({ ...pass, kind: 'lifted', reason: 'r', ...buckets }))).toEqual([
      ...['matter', 'id', 'kind', 'at', 'by', 'follows', 'complete', 'counts'],
      ...['withHolds', 'withoutHolds', 'partlyHeld', 'reason'],
    ]);
    expect(Object.keys(written({ ...pass, kind: 'held' }))).toHaveLength(8);
    const released: MatterRecord = { ...about, kind: 'released', reason: 'r', follows: [file] };
    expect(Object.keys(written(released)).slice(5)).toEqual(['reason', 'follows']);
  });

  const held: MatterRecord = { ...pass, kind: 'held' };
  it.each<[change: object, problem: RegExp]>([
    [{ follows: [] }, /^follows: /],
    [{ follows: [`x${file}`] }, /^follows\.0: /],
    [{ follows: [`${file}x`] }, /^follows\.0: /],
    [{ follows: [file.replace('opened', 'held')] }, /^follows\.0: /],
    [{ withHolds: [] }, /^withHolds: /],
    [{ withHolds: [''] }, /^withHolds\.0: /],
    [{ counts: { held: -1 } }, /^counts\.held: /],
    [{ kind: 'lifted', reason: '' }, /^reason: expected a reason$/],
    [{ by: { ...author, more: 1 } }, /^by: /],
  ])('is none with %j', (change, problem) => {
    expect(changed(held, change)).toEqual({ problem: expect.stringMatching(problem) });
  });

  it.each([
    ['{', 'it is not JSON'],
    ['[]', 'the record: Invalid input: expected object, received array'],
  ])('is none when it is %s', (text, problem) => {
    expect(parseMatterRecord(text, 'oss')).toEqual({ problem });
  });
});

describe('a scope', () => {
  const places = { match: ['oss://a/**'] };
  const tags = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`t${index}`, '*']));

  it('is written without what it does not have', () => {
    expect(scopeToText(validScope(places))).toStrictEqual(places);
  });

  it('is written the same in whatever order its tags were given', () => {
    for (const names of ['abc', 'cba', 'bac']) {
      const given = Object.fromEntries([...names].map((name) => [name, '*']));
      expect(Object.keys(scopeToText(validScope({ ...places, tags: given })).tags ?? {})).toEqual([
        'a',
        'b',
        'c',
      ]);
    }
  });

  it.each<[what: string, part: object]>([
    ['ten tags', { tags: tags(10) }],
    ['a beginning alone', { from: scope.from }],
    ['an end alone', { until: scope.until }],
  ])('may have %s', (_what, part) => {
    const read = readScope({ ...places, ...part }, 'oss');
    expect('problem' in read ? read.problem : scopeToText(read)).toEqual({ ...places, ...part });
    expect(
      changed(
        { ...about, kind: 'opened', reason: 'r', scope: validScope(places) },
        { scope: { ...places, ...part } },
      ),
    ).not.toHaveProperty('problem');
  });

  it('may not end when it begins', () => {
    const moment = { from: scope.from, until: scope.from };
    expect(readScope({ ...places, ...moment }, 'oss')).toEqual({
      problem: `no version is of a time from ${scope.from} until ${scope.from}: the end comes first`,
    });
  });

  it('has globs for the values of tags in which a slash is like any other character', () => {
    const { tags: patterns } = validScope({ ...places, tags: { path: 'a*' } });
    expect(patterns.get('path')?.matches('a/b')).toBe(true);
  });
});

const zeros = '0'.repeat(64);

test.each(['opened', 'held', 'released', 'lifted'] as const)(
  'the name of a record says its kind: %s',
  (kind) => {
    const name = { id: 'case', kind, sha256: zeros };
    const key = `matters/case/${kind}-${zeros}.json`;
    expect(recordKey({ bucket: 'evidence', prefix: 'audit/' }, name)).toBe(`audit/${key}`);
    expect(parseRecordName(key)).toEqual(name);
    for (const other of [`x${key}`, `${key}x`, key.replace(kind, 'closed'), key.replace('case', '.'), ''])
      expect(parseRecordName(other)).toBeUndefined();
  },
);

test('the folder of the matters is below that of the evidence', () => {
  expect(mattersIn({ bucket: 'evidence', prefix: 'audit/' })).toEqual({
    ...{ bucket: 'evidence', prefix: 'audit/matters/' },
  });
});

test.each<[id: string, can: boolean]>([
  ['case-2026_17.b', true],
  ['a'.repeat(64), true],
  ['a'.repeat(65), false],
  ['.a', false],
  ['a/b', false],
  ['a b', false],
  ['', false],
])('%j names a matter: %s', (id, can) => {
  expect(isMatterId(id)).toBe(can);
});
