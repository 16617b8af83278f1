import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { mattersHolding, openScopes, scopeReadsTags } from '../../../shared/matters/matching.ts';
import {
  matterRecordText,
  parseMatterRecord,
  readScope,
  type ScopeText,
} from '../../../shared/matters/record.ts';
import {
  findMatter,
  isCarriedOut,
  isMatterOpen,
  keptBy,
  mattersOf,
  unknownOf,
} from '../../../shared/matters/state.ts';
import type { MatterPass, MatterRecord } from '../../../shared/matters/types.ts';
import { failure } from '../../../shared/platform/errors.ts';
import {
  arbitraryScope,
  author,
  foundRecord,
  minutes,
  opened,
  released,
  smallWorld,
  validScope,
} from '../../support/matters.ts';

const everything = { match: ['oss://*/**'] };

/** The places of the small world, each as a plain condition. */
const placeHas: Readonly<Record<string, (bucket: string, key: string) => boolean>> = {
  'oss://fin-*/**': (bucket) => bucket.startsWith('fin-'),
  'oss://fin-1/ledger/**': (bucket, key) => bucket === 'fin-1' && key.startsWith('ledger/'),
  'oss://hr': (bucket) => bucket === 'hr',
  'oss://*/a': (_, key) => key === 'a',
  '!oss://fin-2/**': (bucket) => bucket === 'fin-2',
  '!oss://*/tmp/*': (_, key) => key === 'tmp/a',
};
const tagMatches: Readonly<Record<string, (value: string) => boolean>> = {
  acme: (value) => value === 'acme',
  '*': () => true,
  'o*': (value) => value.startsWith('o'),
};

/** Says in another way than the product does whether a scope has a version. */
function expectedToHold(
  { match, tags = {}, from, until }: ScopeText,
  at: { bucket: string; key: string; lastModified: Date },
  given: Readonly<Record<string, string>>,
): boolean {
  const has = (place: string) => placeHas[place]?.(at.bucket, at.key) === true;
  const time = at.lastModified.toISOString();
  return (
    (from === undefined || time >= from) &&
    (until === undefined || time < until) &&
    match.some((place) => !place.startsWith('!') && has(place)) &&
    !match.some((place) => place.startsWith('!') && has(place)) &&
    Object.entries(tags).every(([tag, glob]) => {
      const value = given[tag];
      return value !== undefined && tagMatches[glob]?.(value) === true;
    })
  );
}

describe('matters', () => {
  const history = fc.array(
    fc.record({ id: fc.constantFrom('a', 'b', 'c'), scope: arbitraryScope, isReleased: fc.boolean() }),
    { maxLength: 6 },
  );

  it('hold a version exactly as long as one that is not released has it in its scope', () => {
    const { bucket, key, tags, time } = smallWorld;
    fc.assert(
      fc.property(history, fc.record({ bucket, key, tags, time }), (steps, version) => {
        const at = { bucket: version.bucket, key: version.key, lastModified: minutes(version.time) };
        const records = steps.flatMap(({ id, scope, isReleased }, index) => {
          const opening = opened(id, index, scope, `step ${index}`);
          return isReleased ? [opening, released(id, 50 + index, [opening.file])] : [opening];
        });
        const expected = steps
          .filter(({ isReleased, scope }) => !isReleased && expectedToHold(scope, at, version.tags))
          .map(({ id }) => id);
        const scopes = openScopes(mattersOf(records));
        expect(mattersHolding(scopes, at, new Map(Object.entries(version.tags)))).toEqual(
          [...new Set(expected)].sort(),
        );
      }),
    );
  });

  it('hold from the first instant of their time until the last, which is not in it', () => {
    const scope = { ...everything, from: minutes(1).toISOString(), until: minutes(3).toISOString() };
    const scopes = openScopes(mattersOf([opened('a', 0, scope)]));
    const at = [0, 1, 2, 3].map((time) => ({ bucket: 'hr', key: 'x', lastModified: minutes(time) }));
    expect(at.map((each) => mattersHolding(scopes, each, new Map()).length)).toEqual([0, 1, 1, 0]);
  });

  it('are the same in whatever order their records are found', () => {
    fc.assert(
      fc.property(
        history.chain((steps) => {
          const records = steps.flatMap(({ id, scope, isReleased }, index) => {
            const opening = opened(id, index % 3, scope, `step ${index}`);
            return isReleased ? [opening, released(id, 50 + index, [opening.file])] : [opening];
          });
          return fc.tuple(fc.constant(records), fc.shuffledSubarray(records, { minLength: records.length }));
        }),
        ([records, shuffled]) => {
          expect(mattersOf(shuffled)).toEqual(mattersOf(records));
        },
      ),
    );
  });

  it('that two people open under one name in the same moment both hold, and one release may leave one open', () => {
    const one = opened('a', 1, { match: ['oss://fin-1/**'] });
    const other = opened('a', 1, { match: ['oss://hr/**'] });
    const half = mattersOf([one, other, released('a', 2, [one.file])]);
    const matter = findMatter(half, 'a');
    expect(matter && isMatterOpen(matter)).toBe(true);
    const held = { bucket: 'hr', key: 'x', lastModified: minutes(0) };
    expect(mattersHolding(openScopes(half), held, new Map())).toEqual(['a']);
    const whole = mattersOf([one, other, released('a', 3, [one.file, other.file])]);
    expect(openScopes(whole)).toEqual([]);
    expect(whole.all.map(isMatterOpen)).toEqual([false]);
  });

  it('stay open when what releases them cannot be read, or is of another matter', () => {
    const opening = opened('a', 1, everything);
    const { name } = released('a', 2, [opening.file]);
    const error = failure('MATTER_MALFORMED', { target: 'x', reason: 'y' });
    const matters = mattersOf([opening, { name, error }, released('b', 2, [opening.file])]);
    expect(openScopes(matters)).toHaveLength(1);
    expect(matters.unreadable).toEqual([{ name, error, mayHold: false }]);
  });

  const pass = (id: string, at: number, part: Partial<MatterPass> = {}) =>
    foundRecord({
      kind: 'held',
      id,
      at: minutes(at),
      by: author,
      follows: [],
      complete: true,
      counts: {},
      ...part,
    });

  it('have their own passes alone, of both kinds, in the order of time', () => {
    const lifted = pass('a', 6, { kind: 'lifted' });
    const records = [opened('a', 1, everything), lifted, pass('a', 9), pass('b', 3), pass('a', 4)];
    const { all } = mattersOf([...records, opened('b', 1, everything)]);
    expect(all.map(({ id, passes }) => [id, passes.map(({ at }) => at)])).toEqual([
      ['a', [minutes(4), minutes(6), minutes(9)]],
      ['b', [minutes(3)]],
    ]);
    expect(findMatter(mattersOf(records), 'b')).toBeUndefined();
  });

  it('are released by the first of several records, whatever their order', () => {
    const opening = opened('a', 1, everything);
    const releases = [7, 3, 5].map((at) => released('a', at, [opening.file]));
    expect(mattersOf([...releases, opening]).all[0]?.openings[0].released?.at).toEqual(minutes(3));
  });

  it.each<[what: string, expected: boolean, part: (file: string, other: string) => Partial<MatterPass>[]]>([
    ['a whole pass that followed both', true, (file, other) => [{ follows: [file, other] }]],
    ['a pass for each', true, (file, other) => [{ follows: [file] }, { follows: [other] }]],
    ['a pass that followed one', false, (file) => [{ follows: [file] }]],
    ['a pass that is not whole', false, (file, other) => [{ follows: [file, other], complete: false }]],
    ['a pass of the other kind', false, (file, other) => [{ follows: [file, other], kind: 'lifted' }]],
    [
      'a pass that left holds for other matters',
      false,
      (file, other) => [{ follows: [file, other], counts: { 'left-for-matters': 1 } }],
    ],
    [
      'a pass that left none',
      true,
      (file, other) => [{ follows: [file, other], counts: { 'left-for-matters': 0 } }],
    ],
    ['no pass', false, () => []],
  ])('are carried out by %s: %s', (_what, expected, parts) => {
    const [one, other] = [opened('a', 1, everything), opened('a', 1, everything, 'another lawsuit')];
    const passes = parts(one.file, other.file).map((part, index) => pass('a', 2 + index, part));
    const matter = findMatter(mattersOf([one, other, ...passes]), 'a');
    expect(matter && isCarriedOut(matter, matter.openings, 'held')).toBe(expected);
  });

  const without = { withoutHolds: ['hr', 'fin-1'] };
  const lifted = { kind: 'lifted', ...without } as const;
  it.each<[what: string, expected: ReturnType<typeof keptBy>, parts: Partial<MatterPass>[]]>([
    ['as long as no pass was made', 'unrecorded', []],
    ['when no pass put a hold on', 'unrecorded', [{ counts: { held: 0 } }, lifted]],
    ['when every pass put holds on elsewhere', 'unrecorded', [{ withHolds: ['fin-1'], counts: { held: 1 } }]],
    ['when a pass put holds on there', 'holds', [{ withHolds: ['fin-1', 'hr'] }, { counts: { held: 0 } }]],
    ['when a pass put holds on, wherever', 'holds', [{ counts: { held: 1 } }]],
    ['when one found none, and others put holds on elsewhere', 'retention', [without, { withHolds: ['x'] }]],
    ['when one found none, and another put holds on there', 'both', [without, { withHolds: ['hr'] }]],
    ['when every pass put holds on', 'holds', [{}, {}]],
    ['when another bucket takes none', 'holds', [{ withoutHolds: ['fin-1'], partlyHeld: ['fin-1'] }]],
    ['when only a pass that took holds off found none', 'holds', [{}, lifted]],
    ['when no pass could put a hold on', 'retention', [without, without, { kind: 'lifted' }]],
    ['when one pass could and another could not', 'both', [{}, without]],
    ['when it stopped to take holds during a pass', 'both', [{ partlyHeld: ['fin-1', 'hr'] }]],
    ['when it stopped to take holds during one pass of two', 'both', [{ partlyHeld: ['hr'] }, without, {}]],
  ])('%s, tell that a bucket is kept by %s', (_what, expected, parts) => {
    const passes = parts.map((part, index) => pass('a', 2 + index, part));
    const matter = findMatter(mattersOf([opened('a', 1, everything), ...passes]), 'a');
    expect(matter && keptBy(matter, 'hr')).toBe(expected);
  });

  it('read tags where their scope has some', () => {
    const scopes = [everything, { ...everything, tags: { client: 'acme' } }].map(validScope);
    expect(scopes.map(scopeReadsTags)).toEqual([false, true]);
  });

  it('that hold one version are named in order', () => {
    const found = ['c', 'a', 'b'].map((id) => opened(id, 1, everything)).toReversed();
    const scopes = openScopes(mattersOf(found)).toReversed();
    const version = { bucket: 'hr', key: 'x', lastModified: minutes(0) };
    expect(mattersHolding(scopes, version, new Map())).toEqual(['a', 'b', 'c']);
  });

  it('say of a record of opened that cannot be read that it may hold, until somebody releases it', () => {
    const opening = opened('a', 1, everything);
    const broken = {
      name: opening.name,
      error: failure('MATTER_MALFORMED', { target: 'x', reason: 'y' }),
    };
    expect(mattersOf([broken]).unreadable).toMatchObject([{ mayHold: true }]);
    const after = mattersOf([broken, released('a', 2, [opening.file])]);
    expect(after.unreadable).toMatchObject([{ mayHold: false }]);
    expect(unknownOf(mattersOf([broken]))).toEqual([broken.error]);
    expect(unknownOf(after)).toEqual([]);
  });
});

describe('a record', () => {
  const records: fc.Arbitrary<MatterRecord> = fc
    .record({ scope: arbitraryScope, reason: fc.string({ minLength: 1 }), at: fc.nat(1000) })
    .filter(({ reason }) => reason.trim() === reason && reason !== '')
    .map(({ scope, reason, at }) => {
      const { record } = opened('case-1', at, scope, reason) as { record: MatterRecord };
      return record;
    });

  it('is read as it was written', () => {
    fc.assert(
      fc.property(records, (record) => {
        const text = matterRecordText(record);
        const read = parseMatterRecord(text, 'oss');
        if ('problem' in read) throw new Error(read.problem);
        expect(matterRecordText(read)).toBe(text);
      }),
    );
    const { record } = opened('a', 1, everything) as { record: MatterRecord };
    const turned = Object.fromEntries(Object.entries(record).reverse()) as unknown as MatterRecord;
    expect(matterRecordText(turned)).toBe(matterRecordText(record));
    const pass = { id: 'a', at: minutes(1), by: author, follows: [opened('a', 0, everything).file] };
    const held = { ...pass, kind: 'held', complete: true, counts: { held: 3, failed: 0 } } as const;
    expect(parseMatterRecord(matterRecordText(held), 'oss')).toEqual(held);
    // A later version may say more of a pass. An earlier one reads what it knows, and goes on.
    const more = JSON.stringify({ ...JSON.parse(matterRecordText(held)), ranFor: 'P1D' });
    expect(parseMatterRecord(more, 'oss')).toEqual(held);
    expect(foundRecord(held).file).toMatch(/^held-[0-9a-f]{64}\.json$/);
  });

  const good = JSON.parse(matterRecordText((opened('a', 1, everything) as { record: MatterRecord }).record));
  it.each<[what: string, change: Readonly<Record<string, unknown>>, problem: RegExp]>([
    ['another version of the form', { matter: 2 }, /^matter: /],
    ['a key that it does not know', { until: '2026' }, /until/],
    ['no reason', { reason: ' ' }, /^reason: expected a reason/],
    ['a reason that is too long', { reason: 'x'.repeat(1001) }, /^reason: /],
    ['a kind that is none', { kind: 'closed' }, /^kind: /],
    ['a name that is a path', { id: '../a' }, /^id: expected up to 64/],
    ['no place', { scope: { match: [] } }, /^scope\.match: /],
    ['a place of another cloud', { scope: { match: ['obs://a/b'] } }, /^match: expected a place of oss/],
    ['a broken glob for a tag', { scope: { ...everything, tags: { a: '[' } } }, /^tag a: /],
    ['a day for a time', { at: '2026-11-29' }, /^at: expected an instant/],
    [
      'a time that ends before it begins',
      { scope: { ...everything, from: '2026-02-01T00:00:00Z', until: '2026-01-01T00:00:00Z' } },
      /the end comes first/,
    ],
  ])('with %s is none', (_what, change, problem) => {
    expect(parseMatterRecord(JSON.stringify({ ...good, ...change }), 'oss')).toEqual({
      problem: expect.stringMatching(problem),
    });
  });

  test.each(['', '[]', '{', 'null', '12'])('none is %j', (text) => {
    expect(parseMatterRecord(text, 'oss')).toHaveProperty('problem');
  });

  it('has at most ten tags, as an object has', () => {
    const tags = Object.fromEntries(Array.from({ length: 11 }, (_, index) => [`t${index}`, '*']));
    const text = JSON.stringify({ ...good, scope: { ...everything, tags } });
    expect(parseMatterRecord(text, 'oss')).toEqual({ problem: expect.stringMatching(/at most 10 tags/) });
    expect(readScope(everything, 'oss')).not.toHaveProperty('problem');
  });
});
