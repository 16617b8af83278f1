import * as z from 'zod';
import { type CloudName, cloudNames, isCloudName, parseAddress, schemeOf } from '../../platform/address.ts';
import { parseDuration, type Unparsed, wholeDays } from '../duration.ts';
import { namedClouds, narrowGlobs, readCloudGlob } from '../narrow.ts';
import { compilePattern, parseGlobs, type Subject } from '../pattern.ts';
import { endOfDate, parseTagDate } from '../tag-date.ts';
import type { Duration, NarrowedPattern, ObjectPrefix, Pattern, WrittenPattern } from '../types.ts';

/*
 * The values that rules are made of. An `error` text says what is expected, as a noun phrase, and ../explain.ts makes
 * the sentence; a custom issue is a whole sentence.
 */

const durationForm = '^((\\d+(y|mo|w|d|h|min))+|P[0-9YMWDTH]+)$';

/** Returns a text that `parse` reads; where it cannot, its own words become the message. */
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

/** Why a rule is there, for people and for `holdfast schedule`. */
export const reasons = {
  because: z
    .string({ error: 'a text such as "SEC 17a-4(b)(1)"' })
    .min(1, { error: 'a text such as "SEC 17a-4(b)(1)"' })
    .describe('The law, contract or policy that asks for the retention, with its section.')
    .optional(),
  owner: z
    .string({ error: 'a name such as records@example.com' })
    .min(1, { error: 'a name such as records@example.com' })
    .describe('Who answers for the rule.')
    .optional(),
};

export const days = z
  .string({ error: 'a number of days such as 365d' })
  .meta({ pattern: durationForm, examples: ['365d', '52w'] })
  .transform(read(wholeDays));

/** Returns a duration of a fixed length, in milliseconds. */
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

export const dateField = z
  .string({ error: 'a date such as 2036-12-31' })
  .meta({ examples: ['2036-12-31'] })
  .transform(
    read<Date>((text) => {
      const parsed = parseTagDate(text);
      return 'problem' in parsed ? parsed : endOfDate(parsed);
    }),
  );

/** The day on which a rule is to be looked at again. */
export const review = dateField
  .describe(
    'The last day on which the rule is to be looked at again; validate and doctor warn when it is past.',
  )
  .optional();

/** Only OBS has periods in bucket names. */
const bucketForms = {
  oss: { form: /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/, signs: 'digits and hyphens' },
  obs: { form: /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, signs: 'digits, hyphens and periods' },
} as const;

const folderForm = /^(oss|obs):\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\/((?:[^/]+\/)+)$/;

const folderError = 'a folder of a bucket such as oss://my-bucket/dead-letters/';

interface CloudFolder {
  readonly cloud: CloudName;
  readonly folder: ObjectPrefix;
}

/** A folder of a bucket. `.` and `..` are no segments of it: no URL can carry them. */
export const folder = z
  .string({ error: folderError })
  .meta({ pattern: folderForm.source, examples: ['oss://my-bucket/dead-letters/'] })
  .transform(
    read<CloudFolder>((text) => {
      const [, cloud = '', bucket, prefix] = folderForm.exec(text) ?? [];
      const folded = prefix?.split('/').some((segment) => segment === '.' || segment === '..');
      const isForm = isCloudName(cloud) && bucket !== undefined && prefix !== undefined;
      if (isForm && bucketForms[cloud].form.test(bucket) && !folded)
        return { cloud, folder: { bucket, prefix } };
      const example = schemeOf(text) === 'obs' ? folderError.replace('oss://', 'obs://') : folderError;
      return { problem: `expected ${example}, found ${JSON.stringify(text)}${whyNoFolder(text)}` };
    }),
  );

/** Names of buckets are told apart from the rest of the form: nobody sees by the example how long they may be. */
function whyNoFolder(text: string): string {
  const { cloud, bucket } = parseAddress(text) ?? {};
  if (cloud === undefined || bucket === undefined) return '';
  const { form, signs } = bucketForms[cloud];
  if (form.test(bucket)) return '';
  return `; names of buckets are 3 to 63 lower-case letters, ${signs}`;
}

const folderList = z
  .array(folder)
  .min(1, { error: 'at least one folder in the list' })
  .superRefine((folders, context) => {
    for (const [index, { cloud }] of folders.entries()) {
      if (folders.findIndex((other) => other.cloud === cloud) === index) continue;
      const message = `expected one folder for each cloud, found a second one that begins with ${cloud}://`;
      context.addIssue({ code: 'custom', path: [index], message });
    }
  });

/** One folder, or a list with one for each cloud. */
export const folders = z
  .union([folder, folderList], { error: folderError })
  .transform(
    (given): ReadonlyMap<CloudName, ObjectPrefix> =>
      new Map([given].flat().map(({ cloud, folder: at }) => [cloud, at])),
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

/** Bucket globs, each for one cloud or for whichever the rules run in. */
function bucketGlobs(example: string) {
  const glob = z.string({ error: `a glob such as "${example}"` }).superRefine((text, context) => {
    const split = readCloudGlob(text);
    const parsed =
      'problem' in split ? split : parseGlobs([split.excludes ? `!${split.text}` : split.text], 'text');
    if ('problem' in parsed) context.addIssue({ code: 'custom', message: parsed.problem });
  });
  const list = z.array(glob).min(1, { error: 'at least one glob in the list' });
  return z
    .union([glob, list], { error: `a glob such as "${example}", or a list of globs` })
    .transform((value, context): WrittenPattern => {
      const written = [value].flat();
      const compiled = new Map<string, Pattern>();
      const inCloud = (cloud: CloudName): [CloudName, NarrowedPattern][] => {
        const narrowed = narrowGlobs(written, cloud);
        if (narrowed === undefined) return [];
        const id = JSON.stringify(narrowed.globs);
        const pattern = compiled.get(id) ?? compilePattern(narrowed.globs, 'text');
        if ('problem' in pattern) {
          context.addIssue({ code: 'custom', message: pattern.problem });
          return [];
        }
        compiled.set(id, pattern);
        return [[cloud, { pattern, positions: narrowed.positions }]];
      };
      return { inCloud: new Map(cloudNames.flatMap(inCloud)), named: namedClouds(written) };
    });
}

export const bucket = bucketGlobs('fin-*').describe(
  'Glob or list of globs for bucket names; "!" excludes. One that begins with oss:// or obs:// is for that cloud alone.',
);
