import * as z from 'zod';
import type { Duration } from '../types.ts';
import { bucket, duration, globs, name } from './fields.ts';
import { objectExtend } from './object-extend.ts';

const tagName = z.string({ error: 'the name of a tag' }).min(1, { error: 'the name of a tag' });

const bounds = {
  atLeast: duration.describe('Never shorter than this, whatever the tag says.').optional(),
  atMost: duration
    .describe('Never longer than this: what the tag asks beyond it is cut off, with a warning.')
    .optional(),
  otherwise: duration
    .describe(
      'From Last-Modified, when the tag is missing or cannot be read. Without it the event fails loudly.',
    )
    .optional(),
};

interface Bounds {
  atLeast?: Duration | undefined;
  atMost?: Duration | undefined;
  otherwise?: Duration | undefined;
}
const boundsOf = ({ atLeast, atMost, otherwise }: Bounds) => ({ atLeast, atMost, otherwise });

const retain = z
  .union(
    [
      duration.transform((period) => ({ kind: 'for' as const, period })),
      z
        .strictObject({ forTag: tagName.describe('The tag whose value is the duration.'), ...bounds })
        .transform((given) => ({ kind: 'for-tag' as const, tag: given.forTag, ...boundsOf(given) })),
      z
        .strictObject({
          untilTag: tagName.describe('The tag whose value is the date of the end.'),
          ...bounds,
        })
        .transform((given) => ({ kind: 'until-tag' as const, tag: given.untilTag, ...boundsOf(given) })),
      z
        .strictObject({
          for: duration.describe('The period, counted from the date in `fromTag`.'),
          fromTag: tagName.describe('The tag whose value is the date when the period starts.'),
          ...bounds,
        })
        .transform((given) => ({
          kind: 'from-tag' as const,
          tag: given.fromTag,
          period: given.for,
          ...boundsOf(given),
        })),
    ],
    { error: 'a duration such as 7y, or a map with forTag, with untilTag, or with for and fromTag' },
  )
  .describe('How long: a duration from Last-Modified, or what a tag of the object says.');

/** Retention per object version. */
export const objectRule = z.strictObject(
  {
    name,
    match: z
      .strictObject(
        {
          bucket,
          key: globs('key', 'ledger/**')
            .describe(
              'Glob or list of globs for keys: "*" and "?" stop at "/", "**" does not, wherever it stands; "!" excludes. Default: every key.',
            )
            .optional(),
          tags: z
            .record(z.string(), globs('text', 'finance'), {
              error: 'a map of tags such as { class: finance }',
            })
            .refine((tags) => Object.keys(tags).length > 0, {
              error: 'expected at least one tag, found an empty map',
            })
            .describe('Tags that must all be there; the values are globs.')
            .optional(),
        },
        { error: 'a map such as { bucket: fin-*, key: ledger/** }' },
      )
      .transform(({ bucket, key, tags = {} }) => ({ bucket, key, tags: new Map(Object.entries(tags)) }))
      .describe('Which object versions the rule is for.'),
    retain,
    extend: objectExtend.optional(),
  },
  { error: 'a rule with name, match and retain' },
);
