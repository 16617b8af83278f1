import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { day } from '../../../shared/platform/instant.ts';
import { standingAs, sum } from '../../../shared/report/counts.ts';
import { standings } from '../../../shared/report/standings.ts';
import { addVersions, horizons, monthOf, noTotals, totals } from '../../../shared/report/totals.ts';
import type { VersionPosture } from '../../../shared/report/types.ts';
import { moreUrgent, mostUrgent } from '../../../shared/report/urgent.ts';
import { instants } from '../../support/arbitrary-rules.ts';

const at = new Date('2026-11-20T10:00:00Z');
const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined });

const version: fc.Arbitrary<VersionPosture> = fc.record({
  standing: fc.constantFrom(...standings),
  bucket: fc.constantFrom('a', 'b', 'constructor'),
  key: fc.string({ maxLength: 6 }),
  versionId: maybe(fc.string({ maxLength: 4 })),
  rule: maybe(fc.constantFrom('finance', 'logs', '__proto__')),
  until: maybe(
    fc.oneof(
      instants,
      fc.constantFrom(...horizons).map((days) => new Date(at.getTime() + days * day)),
    ),
  ),
  size: maybe(fc.nat()),
  code: maybe(fc.constantFrom('NO_RETENTION', 'TAG_UNREADABLE')),
});
const versions = fc.array(version, { maxLength: 60 });

const sizes = (rows: readonly VersionPosture[]) => ({
  versions: rows.length,
  bytes: rows.reduce((total, { size }) => total + (size ?? 0), 0),
  unsized: rows.filter(({ size }) => size === undefined).length,
});

describe('the totals of a report', () => {
  it('are the same however the versions are cut into shards, and after a checkpoint', () => {
    fc.assert(
      fc.property(versions, fc.nat(60), (all, cut) => {
        const kept = totals.parse(JSON.parse(JSON.stringify(addVersions(noTotals, all.slice(0, cut), at))));
        expect(addVersions(kept, all.slice(cut), at)).toEqual(addVersions(noTotals, all, at));
      }),
    );
  });

  it('count every version once, with its bytes and its standing', () => {
    fc.assert(
      fc.property(versions, (all) => {
        const folded = addVersions(noTotals, all, at);
        expect(sum(folded.cells)).toEqual(sizes(all));
        for (const standing of standings) {
          expect(standingAs(folded, standing)).toEqual(sizes(all.filter((one) => one.standing === standing)));
        }
      }),
    );
  });

  it('count what has an end in its month, and within the days before it', () => {
    fc.assert(
      fc.property(versions, (all) => {
        const { months, endings } = addVersions(noTotals, all, at);
        const ending = all.flatMap(({ until, ...rest }) => (until === undefined ? [] : [{ ...rest, until }]));
        expect(sum(months)).toEqual(sizes(ending));
        for (const { month, ...counts } of months) {
          expect(counts).toEqual(sizes(ending.filter(({ until }) => monthOf(until) === month)));
        }
        expect(endings.map(({ days }) => days)).toEqual([...horizons]);
        for (const { days, ...counts } of endings) {
          const soon = ending.filter(({ until }) => until.getTime() <= at.getTime() + days * day);
          expect(counts).toEqual(sizes(soon));
        }
      }),
    );
  });

  it('name the first version of every reason', () => {
    fc.assert(
      fc.property(versions, (all) => {
        for (const { code, standing, example, versions: count } of addVersions(noTotals, all, at).reasons) {
          const alike = all.filter((one) => one.code === code && one.standing === standing);
          expect(count).toBe(alike.length);
          expect(example).toMatchObject({ bucket: alike[0]?.bucket, key: alike[0]?.key });
        }
      }),
    );
  });

  it('name a month by UTC', () => {
    expect(monthOf(new Date('2026-11-30T23:59:59Z'))).toBe('2026-11');
  });
});

describe('the most urgent versions', () => {
  it('are the first of all in order, whatever order they come in', async () => {
    await fc.assert(
      fc.asyncProperty(versions, fc.integer({ min: 1, max: 20 }), async (all, limit) => {
        async function* each() {
          yield* all;
        }
        const { urgent, total } = await mostUrgent(each(), limit);
        expect(total).toBe(all.length);
        expect(urgent).toEqual([...all].sort(moreUrgent).slice(0, limit));
      }),
    );
  });

  it('begin with what is not protected, then what becomes deletable soonest', () => {
    const one = (standing: VersionPosture['standing'], until?: string): VersionPosture => ({
      standing,
      bucket: 'b',
      key: `${standing} ${until}`,
      ...(until === undefined ? {} : { until: new Date(until) }),
    });
    const ordered = [
      one('unprotected'),
      one('too-short', '2029-01-01T00:00:00Z'),
      one('unknown'),
      one('protected', '2027-01-01T00:00:00Z'),
      one('expected', '2028-01-01T00:00:00Z'),
      one('protected', '2029-01-01T00:00:00Z'),
      one('elapsed'),
      one('uncovered'),
      one('delete-marker'),
    ];
    expect([...ordered].reverse().sort(moreUrgent)).toEqual(ordered);
  });
});
