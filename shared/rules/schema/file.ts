import * as z from 'zod';
import type { WrittenRules } from '../types.ts';
import { approvals } from './approvals.ts';
import { bucketRule } from './bucket-rule.ts';
import { defaultRule } from './default-rule.ts';
import { duration, folders } from './fields.ts';
import { objectRule } from './object-rule.ts';

/**
 * The rules file, version 1: the one description of its form. What it parses comes out compiled; rules.schema.json is
 * generated from it.
 */
export const rulesFile = z
  .strictObject(
    {
      $schema: z
        .string({ error: 'a text' })
        .describe('The JSON Schema of this file, for editors.')
        .optional(),
      version: z
        .literal(1, { error: '1, the only version there is' })
        .describe('The version of this format.'),
      limits: z
        .strictObject(
          {
            maxRetention: duration.describe(
              'Nothing is ever retained longer than this, whatever a rule or a tag says.',
            ),
          },
          { error: 'a map such as { maxRetention: 10y }' },
        )
        .describe('Bounds over all rules.'),
      deadLetters: folders
        .describe(
          'Where events that failed to the end are kept, for `holdfast redrive`: oss://bucket/prefix/, or a list with one folder for each cloud.',
        )
        .optional(),
      audit: folders
        .describe(
          'Where the record of every decision goes, chained and retained, for `holdfast audit verify`: oss://bucket/prefix/, or a list with one folder for each cloud.',
        )
        .optional(),
      approvals: approvals.optional(),
      objects: z
        .array(objectRule, { error: 'a list of rules, each beginning with "- "' })
        .describe('Rules for buckets with ObjectWorm: retention per object version. The latest date wins.')
        .default([]),
      buckets: z
        .array(bucketRule, { error: 'a list of rules, each beginning with "- "' })
        .describe('Rules for buckets with a WORM policy: retention for the whole bucket.')
        .default([]),
      defaults: z
        .array(defaultRule, { error: 'a list of rules, each beginning with "- "' })
        .describe(
          'The default retention of buckets with object lock, which the timer keeps in place: what each upload gets before any function has seen it.',
        )
        .default([]),
    },
    { error: 'a map with version, limits, and rules under objects or buckets' },
  )
  .transform(
    ({ limits, objects, buckets, defaults, deadLetters, audit, approvals: needs }): WrittenRules => ({
      limits,
      objects,
      buckets,
      defaults,
      deadLetters,
      audit,
      ...(needs !== undefined && { approvals: needs }),
    }),
  );
