import { stringify } from 'csv-stringify/sync';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { csvLines } from '../../../shared/platform/csv-lines.ts';

const special = fc.constantFrom(
  '=',
  '+',
  '-',
  '@',
  '\t',
  '\r',
  '\n',
  '"',
  ',',
  "'",
  '＝',
  '＋',
  '－',
  '＠',
  ' ',
);
const text = fc.array(fc.oneof(special, fc.string({ unit: 'binary', maxLength: 3 })), { maxLength: 6 });
const cell = text.map((parts) => parts.join(''));

it('writes any cells as csv-stringify writes them, where those that begin a formula are escaped', () => {
  const rows = fc.array(fc.array(cell, { minLength: 2, maxLength: 6 }), { maxLength: 5 });
  fc.assert(
    fc.property(rows, (rows) => {
      expect(csvLines(rows)).toBe(stringify(rows, { escape_formulas: true }));
    }),
    { numRuns: 1000 },
  );
});

it.each([
  ['a plain text', 'a plain text\n'],
  ['=SUM(A1)', "'=SUM(A1)\n"],
  ['-1', "'-1\n"],
  ['say "so", please', '"say ""so"", please"\n'],
  ['\r', '"\'\r"\n'],
  ['', '\n'],
])('writes the cell %j as %j', (value, line) => {
  expect(csvLines([[value]])).toBe(line);
});
