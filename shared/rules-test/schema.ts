import * as z from 'zod';
import type { Oldest } from '../buckets/oldest.ts';
import { versionId, wormId } from '../storage/port.ts';
import { type Moment, resolveMoment } from './moment.ts';
import { expect } from './schema-expect.ts';
import { instantField, text } from './schema-fields.ts';
import { given } from './schema-given.ts';
import type { Case, Expectation } from './types.ts';

/*
 * The file of test cases, version 1: the one description of its form, written as that of the rules
 * (../rules/schema). rules.test.schema.json is generated from it.
 */

const testCase = z.strictObject(
  {
    name: text('a sentence that says what is expected').describe('What the case shows, in plain words.'),
    given,
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
      now: instantField.describe('What time it is in every case that does not say otherwise.'),
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
  const { cloud, ...named } = object;
  const version = {
    ...named,
    versionId: versionId('null'),
    lastModified: modified === undefined ? now : at(modified),
    type,
    tags: new Map(Object.entries(tags)),
    retention: retention && { mode: retention.mode, until: at(retention.until) },
    isLatest: current,
  };
  return { ...common, kind: 'object', cloud, version };
}

const oldestAt = (when: 'none' | Moment, at: (when: Moment) => Date): Oldest =>
  when === 'none' ? { kind: 'none' } : { kind: 'version', lastModified: at(when) };
