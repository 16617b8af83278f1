import Table from 'cli-table3';
import type { Command } from 'commander';
import pc from 'picocolors';
import stringWidth from 'string-width';
import { type ErrorCode, HoldfastError } from '../shared/platform/errors.ts';
import { formatInstant } from '../shared/platform/instant.ts';
import { visible, visibleJson, visibleLines } from '../shared/platform/visible.ts';

/** 0 done, 1 failed, 2 wrong usage or invalid rules. */
export type ExitCode = 0 | 1 | 2;

/** What a command has to say, for people and for machines. */
export interface Report {
  readonly text: string;
  readonly json: unknown;
  readonly exitCode?: ExitCode;
}

/** Colours only for a terminal that did not decline them (https://no-color.org). */
export function wantsColor(stream: { readonly isTTY?: boolean }, env = process.env): boolean {
  if (env['NO_COLOR']) return false;
  return (
    !['', '0', undefined].includes(env['FORCE_COLOR']) || (stream.isTTY === true && env['TERM'] !== 'dumb')
  );
}

/** Colours for what goes to standard output. */
export const color = pc.createColors(wantsColor(process.stdout));

/** Colours for what goes to standard error. */
const errorColor = pc.createColors(wantsColor(process.stderr));

/** Prints a text of one or more lines for people, with what is hidden in it made visible. */
export function print(text: string): void {
  process.stdout.write(`${shown(text, process.stdout)}\n`);
}

/** Prints JSON for machines, one value. */
export function printJson(json: string): void {
  process.stdout.write(`${visibleJson(json)}\n`);
}

/** Says something on standard error, as {@link print} does. */
export function note(text: string): void {
  process.stderr.write(`${shown(text, process.stderr)}\n`);
}

/** Makes a text safe for a stream. Colours stay where they are wanted: everything else that steers a terminal does not. */
export function shown(text: string, stream: { readonly isTTY?: boolean }): string {
  if (!wantsColor(stream)) return visibleLines(text);
  return text
    .split(colorCode)
    .map((part, index) => (index % 2 === 1 ? part : visibleLines(part)))
    .join('');
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape sequences of picocolors and cli-table3 begin so
const colorCode = /(\u001b\[\d{1,2}m)/;

/** Prints a command's report and sets the exit code. */
export function show(report: Report, options: { readonly json?: boolean | undefined }): void {
  process.exitCode = report.exitCode ?? 0;
  if (options.json === true) printJson(toJson(report.json));
  else print(report.text);
}

/** The same for an operation of a command, which has `--json` for all of them. */
export const showUnder = (command: Command, report: Report): void =>
  show(report, command.opts<{ json?: boolean }>());

/** Indented JSON; instants as everywhere else, without milliseconds when there are none. */
export function toJson(value: unknown): string {
  const replace = function (this: Record<string, unknown>, key: string, part: unknown): unknown {
    const original = this[key]; // `part` is what Date.toJSON has made of it
    return original instanceof Date ? formatInstant(original) : part;
  };
  return JSON.stringify(value, replace, 2);
}

const usageCodes: ReadonlySet<ErrorCode> = new Set([
  'USAGE',
  'CONFIG_INVALID',
  'FAULTS_INVALID',
  'FILE_UNREADABLE',
  'FILES_THERE',
  'RAM_POLICY_INVALID',
  'RAM_POLICY_NOT_IMPLEMENTED',
  'RULES_INVALID',
  'RULES_UNREADABLE',
  'TEMPLATE_INVALID',
  'TESTS_INVALID',
  'TEXT_ENCODING',
]);

/** Says what went wrong and what to do, never a stack trace, and sets the exit code. */
export function showError(error: unknown, json: boolean): void {
  const { code, message, remedy } = describeError(error);
  if (json) printJson(toJson({ error: { code, message, remedy } }));
  else {
    const { red, bold } = errorColor;
    note(`${red(bold(`error ${code}:`))} ${message}\n${bold('what to do:')} ${remedy}`);
  }
  process.exitCode = error instanceof HoldfastError && usageCodes.has(error.code) ? 2 : 1;
}

/** An error as people and machines are told of it. */
export function describeError(error: unknown): { code: string; message: string; remedy: string } {
  if (error instanceof HoldfastError) {
    const { code, message, remedy, reply } = error;
    const id = reply.requestId === undefined ? '' : ` (request id ${reply.requestId})`;
    return { code, message: `${message}${id}`, remedy };
  }
  const message = error instanceof Error ? error.message : String(error);
  return {
    code: 'UNEXPECTED',
    message,
    remedy: 'this is a mistake in Holdfast: report it with what you ran',
  };
}

/**
 * Columns without lines, so that a pipe can read them too. On a terminal the last column wraps at its edge.
 * @param raw rows of cells, which may hold colours and line feeds
 */
export function table(head: readonly string[], raw: readonly (readonly string[])[]): string {
  // Before widths are measured: what is made visible is longer.
  const rows = raw.map((row) => row.map((cell) => shown(cell, process.stdout)));
  const result = new Table({
    head: head.map((title) => color.bold(title.toUpperCase())),
    chars: blank,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': gap, compact: true },
    wordWrap: true,
    colWidths: columnWidths(head, rows),
  });
  result.push(...rows.map((row) => [...row]));
  return result
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

/** Names an object, or one version of it, in one line. */
export const objectUrl = ({
  bucket,
  key,
  versionId,
}: {
  readonly bucket: string;
  readonly key: string;
  readonly versionId?: string | undefined;
}): string => visible(`oss://${bucket}/${key}${versionId === undefined ? '' : `?versionId=${versionId}`}`);

const gap = 2;
const narrowest = 24;

function columnWidths(head: readonly string[], rows: readonly (readonly string[])[]): (number | null)[] {
  const { columns } = process.stdout;
  if (columns === undefined) return [];
  const widths = head.map((title, column) => {
    const lines = rows.flatMap((row) => (row[column] ?? '').split('\n'));
    return Math.max(title.length, ...lines.map((line) => stringWidth(line))) + gap;
  });
  const others = widths.slice(0, -1).reduce((sum, width) => sum + width, 0);
  const left = Math.max(columns - others, narrowest);
  return [...widths.slice(0, -1), Math.min(widths.at(-1) ?? left, left)];
}

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
