import * as z from 'zod';
import { parseDuration, type Unparsed, wholeDays } from '../duration.ts';
import { compilePattern, parseGlobs, type Subject } from '../pattern.ts';
import { endOfDate, parseTagDate } from '../tag-date.ts';
import type { Duration, ObjectPrefix } from '../types.ts';

/*
 * The values that rules are made of. An `error` text says what is expected, as a noun phrase, and ../explain.ts makes
 * the sentence; a custom issue is a whole sentence.
 */

const durationForm = '^((\\d+(y|mo|w|d|h|min))+|P[0-9YMWDTH]+)$';

/** A text that `parse` reads; where it cannot, its own words become the message. */
export function read<T>(parse: (text: string) => T | Unparsed) {
  return (text: string, context: z.RefinementCtx): T => {
    const value = parse(text);
    if (!isUnparsed(value)) return value;
    context.addIssue({ code: 'custom', message: value.problem });
    return z.NEVER;
  };
}

export function isUnparsed<T>(value: T | Unparsed): value is Unparsed {
  return typeof value === 'object' && value !== null && 'problem' in value;
}

export const duration = z
  .string({ error: 'a duration such as 90d, 18mo or 7y' })
  .meta({ pattern: durationForm, examples: ['90d', '18mo', '7y', 'P7Y'] })
  .transform(read(parseDuration));

export const days = z
  .string({ error: 'a number of days such as 365d' })
  .meta({ pattern: durationForm, examples: ['365d', '52w'] })
  .transform(read(wholeDays));

/** A duration of a fixed length, in milliseconds. */
export const fixedLength = (example: string, limit: (duration: Duration) => string | undefined) =>
  z
    .string({ error: `a duration such as ${example}` })
    .meta({ pattern: durationForm, examples: [example] })
    .transform(
      read((text) => {
        const parsed = parseDuration(text);
        if ('problem' in parsed) return parsed;
        const problem = limit(parsed);
        return problem === undefined ? parsed.ms : { problem };
      }),
    );

/** Why a length is refused where only a fixed one will do; undefined: it has no calendar months in it. */
export const whyCalendar = (example: string, { months, text }: Duration): string | undefined =>
  months > 0 ? `expected weeks, days or hours, such as ${example}, found ${JSON.stringify(text)}` : undefined;

export const date = z
  .string({ error: 'a date such as 2036-12-31' })
  .meta({ examples: ['2036-12-31'] })
  .transform(
    read<Date>((text) => {
      const parsed = parseTagDate(text);
      return 'problem' in parsed ? parsed : endOfDate(parsed);
    }),
  );

const folderForm = /^oss:\/\/([a-z0-9][a-z0-9-]{1,61}[a-z0-9])\/((?:[^/]+\/)+)$/;

/** A folder of a bucket. `.` and `..` are no segments of it: no URL can carry them. */
export const folder = z
  .string({ error: 'a folder of a bucket such as oss://my-bucket/dead-letters/' })
  .meta({ pattern: folderForm.source, examples: ['oss://my-bucket/dead-letters/'] })
  .transform(
    read<ObjectPrefix>((text) => {
      const [, bucket, prefix] = folderForm.exec(text) ?? [];
      const folded = prefix?.split('/').some((segment) => segment === '.' || segment === '..');
      if (bucket !== undefined && prefix !== undefined && !folded) return { bucket, prefix };
      return {
        problem: `expected a folder of a bucket such as oss://my-bucket/dead-letters/, found ${JSON.stringify(text)}`,
      };
    }),
  );

export function globs(subject: Subject, example: string) {
  const glob = z.string({ error: `a glob such as "${example}"` }).superRefine((text, context) => {
    const parsed = parseGlobs([text], subject);
    if ('problem' in parsed) context.addIssue({ code: 'custom', message: parsed.problem });
  });
  const list = z.array(glob).min(1, { error: 'at least one glob in the list' });
  return z
    .union([glob, list], { error: `a glob such as "${example}", or a list of globs` })
    .transform((value, context) => {
      const compiled = compilePattern([value].flat(), subject);
      if (!('problem' in compiled)) return compiled;
      context.addIssue({ code: 'custom', message: compiled.problem });
      return z.NEVER;
    });
}

export const name = z
  .string({ error: 'a name such as finance' })
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, {
    error: 'a name of letters, digits, ".", "_" and "-" that starts with a letter or digit',
  })
  .describe('Name of the rule, unique in the file; logs and plans show it.');

export const bucket = globs('text', 'fin-*').describe(
  'Glob or list of globs for bucket names; "!" excludes.',
);
