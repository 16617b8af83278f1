import { Readable } from 'node:stream';
import { stringify } from 'csv-stringify/sync';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { csvBlocks, longestRow, readRow } from '../../../shared/backfill/inventory/csv.ts';

function chunksOf(bytes: Buffer, size: number): AsyncIterable<Uint8Array> {
  const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
    bytes.subarray(index * size, (index + 1) * size),
  );
  return Readable.from(chunks);
}

async function read(bytes: Buffer, size: number): Promise<string[][]> {
  const rows: string[][] = [];
  let next = 0;
  for await (const block of csvBlocks(chunksOf(bytes, size))) {
    expect(block.offset).toBe(next);
    next += block.bytes.length;
    const text = block.bytes.toString();
    let place = 0;
    for (const _end of block.ends) {
      const cells: string[] = [];
      place = readRow(text, place, cells);
      rows.push(cells);
    }
    expect(place).toBe(text.length);
  }
  expect(next).toBe(bytes.length);
  return rows;
}

const cell = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: fc.constantFrom('"', ',', '\n', '\r', 'a') }),
);
// A row of one empty cell is written as an empty line, which has no cell at all.
const rows = fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 8 });

it('reads what a CSV library wrote, however the bytes are cut into chunks', async () => {
  await fc.assert(
    fc.asyncProperty(rows, fc.integer({ min: 1, max: 40 }), fc.boolean(), async (written, size, quoted) => {
      const text = stringify(written, { quoted, quoted_match: /\r/, record_delimiter: 'unix' });
      expect(await read(Buffer.from(text), size)).toEqual(written);
    }),
  );
});

it('reads Windows line ends, and a last line without an end', async () => {
  expect(await read(Buffer.from('a,"b"\r\n"c",d\r\ne,"f"'), 3)).toEqual([
    ['a', 'b'],
    ['c', 'd'],
    ['e', 'f'],
  ]);
});

it.each([
  ['a quote that is not closed', '"a,b\n', 'Quote not closed'],
  ['a quote within a plain cell', 'a"b",c\n', 'a quote stands inside'],
  ['text after a quote', '"a"b,c\n', 'followed by something else'],
  ['a row that is too long', `${'x'.repeat(longestRow + 1)},\n`, `longer than ${longestRow} bytes`],
])('refuses %s', async (_what, text, reason) => {
  await expect(read(Buffer.from(text), 16_384)).rejects.toThrow(reason);
});
