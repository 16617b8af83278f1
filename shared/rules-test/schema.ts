import * as z from 'zod';
import type { Oldest } from '../buckets/oldest.ts';
import { maxPolicyDays } from '../rules/duration.ts';
import { read } from '../rules/schema/fields.ts';
import { parseObjectUrl } from '../rules/source.ts';
import { type ObjectAt, versionId, wormId } from '../storage/port.ts';
import { actions, problems } from './actions.ts';
import { instantForm, type Moment, momentForm, parseInstant, parseMoment, resolveMoment } from './moment.ts';
import type { Case, Expectation } from './types.ts';

/*
 * The file of test cases, version 1: the one description of its form, written as that of the rules
 * (../rules/schema). rules.test.schema.json is generated from it.
 */

const text = (what: string) => z.string({ error: what }).min(1, { error: what });
const dayCount = z
  .int({ error: `a whole number of days from 1 to ${maxPolicyDays}` })
  .min(1, { error: `a whole number of days from 1 to ${maxPolicyDays}` })
  .max(maxPolicyDays, { error: `a whole number of days from 1 to ${maxPolicyDays}` });

const instant = z
  .string({ error: instantForm })
  .meta({ examples: ['2026-11-20T10:00:00Z'] })
  .transform(read(parseInstant));
const moment = z
  .string({ error: momentForm })
  .meta({ examples: ['2026-11-20T10:00:00Z', '20h ago', 'in 7y'] })
  .transform(read(parseMoment));

const now = moment.describe('What time it is in this case; relative to the file\'s own "now".').optional();

const givenObject = z
  .strictObject({
    object: z
      .string({ error: 'an address such as oss://bucket/key' })
      .meta({ examples: ['oss://fin-eu/ledger/a.parquet'] })
      .transform(
        read<ObjectAt>(
          (address) =>
            parseObjectUrl(address) ?? {
              problem: `expected an address such as oss://bucket/key, found ${JSON.stringify(address)}`,
            },
        ),
      )
      .describe('The object that was uploaded.'),
    tags: z
      .record(z.string(), z.string({ error: 'the value of the tag as a text, in quotes' }), {
        error: 'a map of tags such as { class: finance }',
      })
      .describe('Its tags; none unless given.')
      .default({}),
    modified: moment.describe('Its Last-Modified; now unless given.').optional(),
    type: z
      .enum(['Normal', 'Multipart', 'Appendable', 'Symlink', 'delete-marker'], {
        error: 'Normal, Multipart, Appendable, Symlink or delete-marker',
      })
      .describe('Its type as OSS names it; delete-marker for what a deletion leaves.')
      .default('Normal'),
    retention: z
      .strictObject(
        {
          until: moment.describe('Until when it is retained already.'),
          mode: z
            .enum(['COMPLIANCE', 'GOVERNANCE'], { error: 'COMPLIANCE or GOVERNANCE' })
            .describe('The mode of that retention.')
            .default('COMPLIANCE'),
        },
        { error: 'a map such as { until: in 2y }' },
      )
      .describe('The retention that it has already; none unless given.')
      .optional(),
    current: z
      .boolean({ error: 'true or false' })
      .describe(
        'Whether it is the current version of its key, as a repair sees it: one in use is extended by "extend". Without it, as its event sees it: not extended.',
      )
      .optional(),
    now,
  })
  .transform((given) => ({ kind: 'object' as const, ...given }));

const givenBucket = z
  .strictObject({
    bucket: text('the name of a bucket').describe('The bucket that is looked at.'),
    policy: z
      .union(
        [
          z.literal('none').transform(() => undefined),
          z.strictObject({
            state: z
              .enum(['InProgress', 'Locked', 'Expired'], { error: 'InProgress, Locked or Expired' })
              .describe('InProgress: initiated and not locked yet.'),
            days: dayCount.describe('The retention period of the policy.'),
            created: moment.describe('When it was initiated.'),
          }),
        ],
        { error: 'none, or a map such as { state: InProgress, days: 365, created: 20h ago }' },
      )
      .describe('The WORM policy that it has.'),
    oldest: z
      .union([z.literal('none'), moment], { error: `${momentForm}, or none` })
      .describe(
        'Last-Modified of the oldest version that it stores, for rules that measure by it; "none" if it is empty.',
      )
      .optional(),
    now,
  })
  .transform((given) => ({ kind: 'bucket' as const, ...given }));

const expect = z
  .strictObject(
    {
      action: z
        .enum(actions, { error: 'an action such as protect, no-rule, lock or report' })
        .describe('What is to be done, in the word of logs and plans.'),
      rule: text('the name of a rule').describe('The rule that decides.').optional(),
      others: z
        .array(text('the name of a rule'), { error: 'a list of rules' })
        .describe('The other rules that match, in any order.')
        .optional(),
      until: moment.describe('Until when an object is retained, or when a policy is due.').optional(),
      days: dayCount.describe('The days of the policy that results.').optional(),
      problem: z
        .enum(problems, { error: `one of ${Object.values(problems).join(', ')}` })
        .describe('What is reported of a policy.')
        .optional(),
      warnings: z
        .array(text('a part of a warning'), { error: 'a list of texts' })
        .describe('A part of each warning, in their order; [] for none.')
        .optional(),
      code: z
        .union([text('a code such as OVER_CAP'), z.array(text('a code such as OVER_CAP'))], {
          error: 'a code such as OVER_CAP, or a list of codes',
        })
        .describe('The error that it comes to. An error that is not named here fails the case.')
        .optional(),
    },
    { error: 'a map such as { action: protect, rule: finance, until: in 7y }' },
  )
  .describe('What the rules are to decide. Only what is written here is compared, and errors.');

const testCase = z.strictObject(
  {
    name: text('a sentence that says what is expected').describe('What the case shows, in plain words.'),
    given: z
      .union([givenObject, givenBucket], {
        error: 'a map such as { object: oss://bucket/key } or { bucket: name, policy: none }',
      })
      .describe('An object, or a bucket with its policy.'),
    expect,
  },
  { error: 'a case with name, given and expect' },
);

/** A file of test cases; parsed, the cases with all their instants. */
export const testFile = z
  .strictObject(
    {
      $schema: text('a text').describe('The JSON Schema of this file, for editors.').optional(),
      version: z.literal(1, { error: '1' }).describe('The version of this format.'),
      now: instant.describe('What time it is in every case that does not say otherwise.'),
      cases: z
        .array(testCase, { error: 'a list of cases' })
        .min(1, { error: 'at least one case' })
        .describe('What the rules are to decide, one thing a case.'),
    },
    { error: 'a map with version, now and cases' },
  )
  .transform(({ now, cases }): Case[] => cases.map((one) => resolveCase(one, now)));

function resolveCase({ name, given, expect }: z.output<typeof testCase>, fileNow: Date): Case {
  const now = given.now === undefined ? fileNow : resolveMoment(given.now, fileNow);
  const at = (when: Moment) => resolveMoment(when, now);
  const expectation: Expectation = {
    ...expect,
    until: expect.until && at(expect.until),
    codes: [expect.code ?? []].flat().toSorted(),
  };
  const common = { name, now, expect: expectation };
  if (given.kind === 'bucket') {
    const { bucket, policy } = given;
    const resolved = policy && { ...policy, id: wormId('null'), createdAt: at(policy.created) };
    const oldest = given.oldest && oldestAt(given.oldest, at);
    return { ...common, kind: 'bucket', bucket, policy: resolved, oldest };
  }
  const { object, tags, modified, type, retention, current } = given;
  const version = {
    ...object,
    versionId: versionId('null'),
    lastModified: modified === undefined ? now : at(modified),
    type,
    tags: new Map(Object.entries(tags)),
    retention: retention && { mode: retention.mode, until: at(retention.until) },
    isLatest: current,
  };
  return { ...common, kind: 'object', version };
}

const oldestAt = (when: 'none' | Moment, at: (when: Moment) => Date): Oldest =>
  when === 'none' ? { kind: 'none' } : { kind: 'version', lastModified: at(when) };
