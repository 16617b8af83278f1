import { day, formatInstant, hour, minute } from '../../shared/platform/instant.ts';
import { quantity } from '../../shared/platform/quantity.ts';
import { color } from '../../shared/terminal/color.ts';
import { table } from '../../shared/terminal/table.ts';
import type { HeldRetention } from '../plain-client.ts';
import type { Upload } from './uploads.ts';

/** Something that has to be as the rules say. */
export interface Check {
  readonly what: string;
  readonly ok: boolean;
}

/** One uploaded version, and what the server says of it. */
export interface ObjectRow {
  readonly upload: Upload;
  /** Until when the rules keep it; undefined when they do not. */
  readonly expected: Date | undefined;
  readonly held: HeldRetention | undefined;
  /** This is what came of deleting it; undefined when that was not tried. */
  readonly deletion: string | undefined;
  readonly ok: boolean;
}

/** One bucket's policy: what the rules say, and what happened. */
export interface PolicyRow {
  readonly bucket: string;
  readonly begin: string;
  readonly rules: readonly string[];
  readonly happened: readonly string[];
  readonly ok: boolean;
}

export const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

/** Returns a title, and what happens under it and why. */
export function heading(title: string, why: string): void {
  say(`\n${color.bold(color.cyan(title))}\n${indent(why, '')}\n`);
}

/** Returns one line of the timeline. */
export function moment(at: Date, bucket: string, what: string): void {
  say(`  ${color.dim(clockText(at))}  ${bucket.padEnd(13)}  ${what}`);
}

export function objectTable(rows: readonly ObjectRow[], refused: string): void {
  const head = ['object, tags', 'rule', 'kept until (rules)', 'kept until (server)', 'delete', 'verdict'];
  const cells = rows.map((row) => [
    `${row.upload.bucket}/${row.upload.key}\n${color.dim(`  ${describe(row.upload)}`)}`,
    ...saidByRules(row),
    row.held ? dateText(row.held.until) + (row.held.mode === 'COMPLIANCE' ? '' : ` ${row.held.mode}`) : '-',
    row.deletion?.replace(refused, 'refused') ?? '-',
    verdict(row.ok),
  ]);
  say(`\n${table(head, cells)}\n`);
  const refusals = rows.filter(({ deletion }) => deletion === refused).length;
  say('All times are UTC. After reading each version back, the client tried to delete it for good:');
  say(`the server refused ${quantity(refusals, 'time')} (${refused}).`);
}

export function policyTable(rows: readonly PolicyRow[]): void {
  const head = ['bucket', 'at the start', 'the rules say', 'what happened', 'verdict'];
  const cells = rows.map(({ bucket, begin, rules, happened, ok }) => [
    bucket,
    begin,
    rules.join('\n'),
    happened.join('\n'),
    verdict(ok),
  ]);
  say(`\n${table(head, cells)}\n`);
}

/** The rule, and the date by it. */
function saidByRules({ upload: { expect }, expected }: ObjectRow): [rule: string, until: string] {
  if (expect.kind === 'free') return ['none matches', '-'];
  return [expect.rule, expected ? dateText(expected) : 'cannot say'];
}

/** Tells what functions reported: where, the code, and their own words. */
export function failures(
  reported: readonly { readonly key: string; readonly code: string; readonly message: string }[],
): void {
  for (const { key, code, message } of reported) {
    say(`\n  ${color.yellow(code)}  ${key}`);
    say(indent(message, '  '));
  }
}

/** Wraps words to the width of the page, each line indented. */
export function indent(text: string, margin: string): string {
  const width = 108 - margin.length;
  return text
    .replace(new RegExp(`(?![^\\n]{1,${width}}$)([^\\n]{1,${width}})[ ]`, 'g'), '$1\n')
    .split('\n')
    .map((line) => margin + line)
    .join('\n');
}

/** Returns one line when all is well, else what is not. */
export function summary(checks: readonly Check[]): void {
  const wrong = checks.filter(({ ok }) => !ok);
  if (wrong.length === 0) {
    say(color.bold(color.green(`All ${checks.length} checks are as the rules say.`)));
    return;
  }
  say(color.bold(color.red(`${wrong.length} of ${checks.length} checks are not as the rules say:`)));
  for (const { what } of wrong) say(`  - ${what}`);
}

/** `20 h 14 min`, or whole days with what remains. */
export function spanText(ms: number): string {
  if (ms >= 2 * day) return `${Math.floor(ms / day)} days ${Math.floor((ms % day) / hour)} h`;
  const minutes = Math.floor(ms / minute);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

const verdict = (ok: boolean): string => (ok ? color.green('ok') : color.bold(color.red('WRONG')));

/** Its tags, and what it is there to show. */
export function describe({ tags, note }: Upload): string {
  const named = Object.entries(tags).map(([name, value]) => `${name}=${value}`);
  const text = named.length === 0 ? 'no tags' : named.join(' ');
  return note === undefined ? text : `${text} (${note})`;
}

/** `2033-11-21 23:18:15`, UTC. */
const dateText = (instant: Date): string => formatInstant(instant).replace('T', ' ').replace('Z', '');

/** `2026-11-22 19:30`, UTC. */
const clockText = (instant: Date): string => dateText(instant).slice(0, 16);
