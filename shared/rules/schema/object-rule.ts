import * as z from 'zod';
import { eventHoldOf } from '../event-hold.ts';
import type { Duration, YearEnd } from '../types.ts';
import { parseLastDay, parseZone } from '../year-end.ts';
import { bucket, duration, globs, name, read, reasons, review } from './fields.ts';
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

const yearEnd = z
  .strictObject(
    {
      endOf: z
        .literal('year', { error: 'year' })
        .describe('The period starts when the year ends in which the object was last modified.'),
      lastDay: z
        .string({ error: 'a day such as 06-30' })
        .meta({ pattern: '^\\d{2}-\\d{2}$', examples: ['12-31', '06-30'] })
        .transform(read(parseLastDay))
        .describe('The last day of the fiscal year, as MM-DD.')
        .prefault('12-31'),
      zone: z
        .string({ error: 'an offset such as +08:00' })
        .meta({ examples: ['Z', '+08:00'] })
        .transform(read(parseZone))
        .describe('The zone in which the year ends, as an offset from UTC.')
        .prefault('Z'),
    },
    { error: 'a map such as { endOf: year }, { endOf: year, lastDay: 06-30, zone: "+08:00" }' },
  )
  .transform(({ lastDay, zone }): YearEnd => ({ ...lastDay, offsetMs: zone }));

const period = duration.describe(
  'The period, counted from the date in `fromTag`, or from the end of a year.',
);
const startYearEnd = yearEnd.describe(
  'Start at the end of the year in which the date in `fromTag` lies; without it, Last-Modified.',
);

/** A period from the date in a tag, or from the end of the year in which that date lies. */
const fromTagDate = z
  .strictObject({
    for: period,
    fromTag: tagName.describe('The tag whose value is the date when the period starts.'),
    from: startYearEnd.optional(),
    whileOpen: z
      .literal('hold', { error: 'hold' })
      .describe(
        'Keep a version by generations of retention until the tag is there; without it, the event fails, or `otherwise` decides.',
      )
      .optional(),
    ...bounds,
  })
  .transform((given) => ({
    kind: 'from-tag' as const,
    tag: given.fromTag,
    period: given.for,
    ...(given.from && { yearEnd: given.from }),
    ...(given.whileOpen && { whileOpen: eventHoldOf(given.for) }),
    ...boundsOf(given),
  }));

/** A period from the end of the year in which the version was written. Another check refuses the bounds, which need a tag. */
const fromYearEnd = z
  .strictObject({ for: period, from: startYearEnd, ...bounds })
  .transform((given) => ({ kind: 'from-year-end' as const, period: given.for, yearEnd: given.from }));

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
      fromTagDate,
      fromYearEnd,
    ],
    {
      error: 'a duration such as 7y, or a map with forTag, with untilTag, or with for and fromTag (or from)',
    },
  )
  .describe('How long: a duration from Last-Modified, or what a tag of the object says.');

/** Retention per object version. */
export const objectRule = z.strictObject(
  {
    name,
    ...reasons,
    review,
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
