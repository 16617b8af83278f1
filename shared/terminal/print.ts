import { formatInstant } from '../platform/instant.ts';
import { visibleJson, visibleLines } from '../platform/visible.ts';
import { type Screen, wantsColor } from './color.ts';
import { columnsOf } from './columns.ts';
import { clearLiveLine } from './live-line.ts';
import { wrapProse } from './wrap.ts';

/** Prints a text of one or more lines for people, with what is hidden in it made visible. */
export function print(text: string): void {
  clearLiveLine();
  process.stdout.write(`${shown(text, process.stdout)}\n`);
}

/** Prepares a text without columns for standard output: on a terminal its lines break between words, in a pipe they stay whole. */
export const prose = (text: string): string =>
  wrapProse(shown(text, process.stdout), columnsOf(process.stdout));

/** Prints JSON for machines, one value. */
export function printJson(json: string): void {
  clearLiveLine();
  process.stdout.write(`${visibleJson(json)}\n`);
}

/** Says something on standard error, as {@link print} does; on a terminal its lines break between words. */
export function note(text: string): void {
  clearLiveLine();
  process.stderr.write(`${wrapProse(shown(text, process.stderr), columnsOf(process.stderr))}\n`);
}

let isQuiet = false;

/** From now on remarks are kept back, or not. */
export function beQuiet(quiet: boolean): void {
  isQuiet = quiet;
}

/** Tells whether remarks and progress are kept back, as --quiet wants. */
export const wantsQuiet = (): boolean => isQuiet;

let isWide = false;

/** From now on version ids are shown whole on a terminal too, or not. */
export function beWide(wide: boolean): void {
  isWide = wide;
}

/** Ids that are no longer than this stay whole. */
const longestId = 20;

/**
 * Shows a version id as people read it: on a terminal its two ends, unless --wide was given. In a pipe it stays whole. Ids
 * of one moment begin alike, so more of the end is shown.
 */
export function shownVersionId(id: string): string {
  if (isWide || columnsOf(process.stdout) === undefined || id.length <= longestId) return id;
  return `${id.slice(0, 5)}\u2026${id.slice(-12)}`;
}

/** Says what is good to know and nobody has to act upon, as {@link note} does; not with --quiet. */
export function remark(text: string): void {
  if (!isQuiet) note(text);
}

/** Makes a text safe for a stream. Colours stay where they are wanted: everything else that steers a terminal does not. */
export function shown(text: string, stream: Screen): string {
  if (!wantsColor(stream)) return visibleLines(text);
  return text
    .split(colorCode)
    .map((part, index) => (index % 2 === 1 ? part : visibleLines(part)))
    .join('');
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape sequences of picocolors and cli-table3 begin so
const colorCode = /(\u001b\[\d{1,2}m)/;

/**
 * Writes JSON; instants as everywhere else, without milliseconds when there are none.
 * @param indent spaces for each level; 0 writes one line
 */
export function toJson(value: unknown, indent = 2): string {
  const replace = function (this: Record<string, unknown>, key: string, part: unknown): unknown {
    const original = this[key]; // `part` is what Date.toJSON has made of it
    return original instanceof Date ? formatInstant(original) : part;
  };
  return JSON.stringify(value, replace, indent);
}
