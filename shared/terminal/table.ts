import Table from 'cli-table3';
import { color } from './color.ts';
import { columnsOf } from './columns.ts';
import { shown } from './print.ts';
import { widthOf } from './width.ts';
import { wrapProse } from './wrap.ts';

type Rows = readonly (readonly string[])[];

/**
 * Columns without lines, so that a pipe can read them too. On a terminal they fit its width, or each row becomes a block of
 * `label value` lines.
 * @param raw rows of cells, which may hold colours and line feeds
 */
export function table(head: readonly string[], raw: Rows): string {
  // Before widths are measured: what is made visible is longer.
  const rows = raw.map((row) => row.map((cell) => shown(cell, process.stdout)));
  return layOut(head, rows, columnsOf(process.stdout));
}

/**
 * Lays out a table for a width. Pure.
 * @param columns of the terminal; undefined where there is none
 */
export function layOut(head: readonly string[], rows: Rows, columns: number | undefined): string {
  const natural = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => width(row[column]))),
  );
  const words = head.map((title, column) =>
    Math.max(...[title, ...rows.map((row) => row[column] ?? '')].map(longestWord)),
  );
  const fitting = columns === undefined ? natural : shrink(natural, words, columns);
  return fitting === undefined ? stack(head, rows, columns) : inColumns(head, rows, fitting);
}

/** Narrower terminals show blocks, however little a table needs. */
const narrowestTable = 60;

/** A column becomes no narrower than this. */
const narrowestColumn = 14;

/** A word that is no longer than this, such as an instant with milliseconds, is broken only where nothing else can give way. */
const longestWhole = 24;

const gap = 2;

/**
 * Takes width from the widest column that can give some, again and again, until all fit; undefined when they cannot.
 * @param words the width of the longest word in each column
 */
function shrink(
  natural: readonly number[],
  words: readonly number[],
  columns: number,
): readonly number[] | undefined {
  if (columns < narrowestTable) return undefined;
  const widths = [...natural];
  const floors = words.map((one) => Math.max(narrowestColumn, Math.min(one, longestWhole)));
  let excess = widths.reduce((sum, one) => sum + one + gap, -gap) - columns;
  while (excess > 0) {
    const easy = widths.map((one, column) => (one > (floors[column] ?? 0) ? one : 0));
    const from = Math.max(...easy) > 0 ? easy : widths;
    const widest = Math.max(...from);
    if (widest <= narrowestColumn) return undefined;
    widths[from.lastIndexOf(widest)] = widest - 1;
    excess -= 1;
  }
  return widths;
}

function inColumns(head: readonly string[], rows: Rows, widths: readonly number[]): string {
  const result = new Table({
    head: head.map((title) => color.bold(title.toUpperCase())),
    chars: blank,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': gap, compact: true },
    wordWrap: true,
    colWidths: widths.map((one) => one + gap),
    colAligns: head.map((_, column) => (holdsNumbers(rows, column) ? 'right' : 'left')),
  });
  result.push(...rows.map((row) => row.map((cell, column) => breakLongWords(cell, widths[column] ?? 0))));
  return result
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

/** Breaks words that are wider than their column, which the table would cut off otherwise. Colours stand around single words. */
function breakLongWords(cell: string, columnWidth: number): string {
  if (cell.includes('\u001b')) return cell;
  return cell
    .split(/([ \n])/)
    .map((word) => (widthOf(word) <= columnWidth ? word : piecesOf(word, columnWidth).join('\n')))
    .join('');
}

function piecesOf(word: string, columnWidth: number): string[] {
  const pieces: string[] = [];
  let piece = '';
  for (const character of word) {
    if (widthOf(piece + character) > columnWidth) {
      pieces.push(piece);
      piece = character;
    } else piece += character;
  }
  return [...pieces, piece];
}

/** One block a row; a value that is too wide goes on under its label. */
function stack(head: readonly string[], rows: Rows, columns: number | undefined): string {
  const labels = Math.max(...head.map((title) => title.length)) + gap;
  const indent = ' '.repeat(labels);
  const blocks = rows.map((row) =>
    head
      .map((title, column) => {
        const value = (row[column] ?? '').split('\n').map((line) => `${indent}${line}`);
        const text = wrapProse(value.join('\n'), columns);
        return `${color.bold(title.toUpperCase())}${text.slice(title.length)}`.trimEnd();
      })
      .join('\n'),
  );
  return blocks.join('\n\n');
}

const holdsNumbers = (rows: Rows, column: number): boolean =>
  rows.every((row) => /^(-|[\d.,]+( ?%| ?([kMGT]?B|[KMGTPE]iB))?)$/.test(row[column] ?? '')) &&
  rows.some((row) => /\d/.test(row[column] ?? ''));

const longestWord = (cell: string): number => Math.max(...cell.split(/[ \n]/).map((word) => widthOf(word)));

const width = (cell = ''): number => Math.max(...cell.split('\n').map((line) => widthOf(line)));

const blank = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '',
};
