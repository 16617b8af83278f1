import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextSort, sortable, visibleRows, wholeView } from '../../cli/report-page/view.ts';
import { linkOf, viewOf } from '../../cli/report-page/view-link.ts';
import type { PageVersion } from '../../shared/report/page-data.ts';
import { standings } from '../../shared/report/standings.ts';

const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined });
const word = fc.constantFrom('ledger', 'Audit', '账本', 'a.b', '');
const version: fc.Arbitrary<PageVersion> = fc.record({
  standing: fc.constantFrom(...standings),
  bucket: fc.constantFrom('fin', 'audit'),
  key: fc.tuple(word, word).map((words) => words.join('/')),
  versionId: maybe(word),
  rule: maybe(word),
  until: maybe(fc.constantFrom('2027-01-01T00:00:00Z', '2030-06-01T00:00:00Z')),
  wanted: maybe(fc.constantFrom('2027-01-01T00:00:00Z')),
  size: maybe(fc.nat(9)),
  code: maybe(word),
  reason: maybe(word),
});
const versions = fc.array(version, { maxLength: 30 });

describe('the rows of the report’s page', () => {
  it('are those that match every filter, as the data comes', () => {
    fc.assert(
      fc.property(versions, word, maybe(fc.constantFrom(...standings)), (all, text, standing) => {
        const rows = visibleRows(all, { ...wholeView, text: text.toUpperCase(), standing, bucket: 'fin' });
        const wanted = all.filter(
          (one) =>
            one.bucket === 'fin' &&
            (standing === undefined || one.standing === standing) &&
            [one.bucket, one.key, one.versionId, one.rule, one.code, one.reason]
              .join(' ')
              .toLowerCase()
              .includes(text.toLowerCase()),
        );
        expect(rows).toEqual(wanted);
      }),
    );
  });

  it('sorted hold the same versions, in order, with those without a value last', () => {
    fc.assert(
      fc.property(versions, fc.constantFrom(...sortable), fc.boolean(), (all, by, descending) => {
        const before = [...all];
        const rows = visibleRows(all, { ...wholeView, sort: { by, descending } });
        expect(all).toEqual(before);
        expect(new Set(rows)).toEqual(new Set(all));
        const values = rows.map((row) => row[by]);
        const there = values.filter((value) => value !== undefined);
        expect(values.slice(0, there.length)).toEqual(there);
        for (const [index, value] of there.slice(1).entries()) {
          const previous = there[index] ?? value;
          expect(descending ? previous >= value : previous <= value).toBe(true);
        }
      }),
    );
  });

  it('are found again by the link that shows them', () => {
    const text = fc.oneof(word, fc.string({ unit: 'binary', maxLength: 8 }));
    const view = fc.record({
      text,
      standing: maybe(fc.constantFrom(...standings)),
      bucket: maybe(fc.constantFrom('fin', 'audit-eu')),
      sort: maybe(fc.record({ by: fc.constantFrom(...sortable), descending: fc.boolean() })),
    });
    fc.assert(
      fc.property(view, (shown) => {
        expect(viewOf(linkOf(shown))).toEqual(shown);
      }),
    );
    expect(viewOf('#versions')).toBeUndefined();
    expect(viewOf('')).toEqual(wholeView);
    expect(viewOf('#standing=wrong&sort=-nothing&bucket=fin')).toEqual({ ...wholeView, bucket: 'fin' });
  });

  it('turn from upwards to downwards to the order of the data, and begin upwards at another column', () => {
    const up = nextSort(undefined, 'key');
    expect(up).toEqual({ by: 'key', descending: false });
    const down = nextSort(up, 'key');
    expect(down).toEqual({ by: 'key', descending: true });
    expect(nextSort(down, 'key')).toBeUndefined();
    expect(nextSort(down, 'size')).toEqual({ by: 'size', descending: false });
  });
});
