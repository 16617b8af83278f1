/** Whole rows of a CSV file, as bytes. */
export interface Block {
  /** This is where it begins in the file (uncompressed). */
  readonly offset: number;
  readonly bytes: Buffer;
  /** This is where each of its rows ends, counted from its beginning. */
  readonly ends: readonly number[];
}

/** Why a file is no CSV that can be read. */
export class BadCsv extends Error {}

/**
 * No row may be longer, in bytes. A key of 1,023 bytes is three times as long when it is URL-encoded; a row with all columns
 * of an inventory stays below 5,000.
 */
export const longestRow = 65_536;

const quote = 0x22;
const newline = 0x0a;

/**
 * Cuts bytes into blocks of whole rows (RFC 4180: a line break between quotes belongs to its field). Memory holds one
 * chunk and the beginning of one row.
 * @returns throws BadCsv for a row that is longer than `longestRow`, or a quote that is never closed
 */
export async function* csvBlocks(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Block> {
  let rest: Buffer = Buffer.alloc(0);
  let offset = 0;
  let rows = 0;
  const scan = { quoted: false };
  for await (const chunk of chunks) {
    const before = rest.length;
    const bytes =
      before === 0 ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length) : Buffer.concat([rest, chunk]);
    const ends = rowEnds(bytes, before, scan);
    const end = ends.at(-1) ?? 0;
    const long = [...ends, bytes.length].findIndex(
      (stop, index) => stop - (ends[index - 1] ?? 0) > longestRow,
    );
    if (long >= 0) throw tooLong(rows + long + 1);
    rows += ends.length;
    if (end > 0) yield { offset, bytes: bytes.subarray(0, end), ends };
    // A copy, so that what remains of a row does not keep the chunk.
    rest = Buffer.from(bytes.subarray(end));
    offset += end;
  }
  if (rest.length === 0) return;
  if (scan.quoted) throw new BadCsv(`Quote not closed: row ${rows + 1} begins a cell that does not end`);
  yield { offset, bytes: rest, ends: [rest.length] };
}

/**
 * Tells where rows end, from a byte on. @param scan whether that byte is inside of quotes; it is brought up to the
 * end
 */
function rowEnds(bytes: Buffer, from: number, scan: { quoted: boolean }): number[] {
  const ends: number[] = [];
  for (let index = from; index < bytes.length; index += 1) {
    const byte = bytes[index];
    if (byte === quote) scan.quoted = !scan.quoted;
    else if (byte === newline && !scan.quoted) ends.push(index + 1);
  }
  return ends;
}

const tooLong = (row: number) =>
  new BadCsv(`row ${row}: it is longer than ${longestRow} bytes, or a quote in it is not closed`);

/**
 * Reads the cells of one row.
 * @param from where the row begins in the text
 * @param next is called with each cell
 * @returns where the next row begins
 */
export function readRow(text: string, from: number, cells: string[]): number {
  let index = from;
  for (;;) {
    if (text.charCodeAt(index) === quote) {
      const end = endOfQuoted(text, index);
      const cell = text.slice(index + 1, end);
      cells.push(cell.includes('"') ? cell.replaceAll('""', '"') : cell);
      index = end + 1;
    } else {
      const end = endOfPlain(text, index);
      cells.push(text.slice(index, end));
      index = end;
    }
    if (text.charCodeAt(index) === comma) {
      index += 1;
      continue;
    }
    if (text.charCodeAt(index) === carriageReturn) index += 1;
    if (index >= text.length) return index;
    if (text.charCodeAt(index) === newline) return index + 1;
    throw new BadCsv('a quoted cell is followed by something else than a comma');
  }
}

const comma = 0x2c;
const carriageReturn = 0x0d;

/** Tells where the closing quote is. */
function endOfQuoted(text: string, opening: number): number {
  let end = text.indexOf('"', opening + 1);
  while (end >= 0 && text.charCodeAt(end + 1) === quote) end = text.indexOf('"', end + 2);
  if (end < 0) throw new BadCsv('Quote not closed');
  return end;
}

function endOfPlain(text: string, from: number): number {
  let index = from;
  for (; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === comma || code === newline) return index;
    if (code === quote) throw new BadCsv('a quote stands inside a cell that does not begin with one');
    if (code === carriageReturn && text.charCodeAt(index + 1) === newline) return index;
  }
  return index;
}
