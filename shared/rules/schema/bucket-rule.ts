import * as z from 'zod';
import { day } from '../../platform/instant.ts';
import { maxPolicyDays } from '../duration.ts';
import { bucket, dateField, days, fixedLength, name, reasons, review, whyCalendar } from './fields.ts';

const lockAge = fixedLength('20h', ({ months, ms, text }) =>
  months > 0 || ms >= day
    ? `expected less than 24h, found ${JSON.stringify(text)}: OSS drops an unlocked policy after 24 hours`
    : undefined,
);

const nearness = fixedLength('30d', (length) => whyCalendar('30d', length));

export const dayCount = z
  .int({ error: `a whole number of days from 1 to ${maxPolicyDays}` })
  .min(1, { error: `a whole number of days from 1 to ${maxPolicyDays}` })
  .max(maxPolicyDays, { error: `a whole number of days from 1 to ${maxPolicyDays}` });

const policyDays = z
  .union(
    [
      dayCount.transform((count) => ({ atLeast: count, atMost: count, exactly: count })),
      z
        .strictObject({
          atLeast: dayCount.describe('The fewest days that are accepted.').optional(),
          atMost: dayCount.describe('The most days that are accepted.').optional(),
        })
        .meta({ minProperties: 1 })
        .transform(({ atLeast = 1, atMost = maxPolicyDays }) => ({ atLeast, atMost, exactly: undefined })),
    ],
    { error: 'a number of days such as 365, or a map such as { atLeast: 180, atMost: 3650 }' },
  )
  .describe('What an initiated policy must have to be locked; a plain number means exactly that.');

const upTo = days.describe('Never extend beyond this many days in all.');

const extend = z
  .union(
    [
      z
        .strictObject({
          within: nearness.describe('Extend when the first objects would become deletable within this time.'),
          by: days.describe('How many days to add, as often as needed.'),
          upTo,
          measure: z
            .enum(['policy', 'oldest-object'], { error: 'policy or oldest-object' })
            .describe(
              "Since when the days count that are left: the policy's creation, or the oldest version that is still stored.",
            )
            .default('policy'),
        })
        .transform(({ within, by, upTo, measure }) => ({
          kind: 'rolling' as const,
          withinMs: within,
          byDays: by,
          upToDays: upTo,
          measure,
        })),
      z
        .strictObject({
          keepUntil: dateField.describe(
            'Keep every object stored until this date, measured from the oldest; a bare date includes that day, in UTC.',
          ),
          upTo,
        })
        .transform(({ keepUntil, upTo }) => ({ kind: 'keep-until' as const, keepUntil, upToDays: upTo })),
    ],
    {
      error: 'a map such as { within: 30d, by: 365d, upTo: 3650d } or { keepUntil: 2036-12-31, upTo: 3650d }',
    },
  )
  .describe('When and how to extend the locked policy; without it, never.');

const lock = z
  .union(
    [
      z.literal(false).transform(() => undefined),
      z
        .strictObject({ after: lockAge.describe('Lock once the policy is this old; less than 24h.') })
        .transform(({ after }) => after),
    ],
    { error: 'a map such as { after: 20h }, or false' },
  )
  .describe('When to lock a policy that the rule accepts; false only watches.');

/** The WORM policy of a whole bucket. */
export const bucketRule = z.strictObject(
  {
    name,
    ...reasons,
    review,
    match: z
      .strictObject({ bucket }, { error: 'a map such as { bucket: archive-* }' })
      .describe('Which buckets the rule is for.'),
    policy: z
      .strictObject(
        {
          days: policyDays,
          initiate: z
            .boolean({ error: 'true or false' })
            .describe('Create a missing or lapsed policy; needs a plain number of days.')
            .default(false),
          lock: lock.prefault({ after: '20h' }),
          mismatch: z
            .enum(['report', 'abort'], { error: 'report or abort' })
            .describe('What to do with an unlocked policy that the rule does not accept.')
            .default('report'),
          extend: extend.optional(),
        },
        { error: 'a map with days, and optionally initiate, lock, mismatch and extend' },
      )
      .transform(({ days, initiate, lock, mismatch, extend }) => ({
        days: { atLeast: days.atLeast, atMost: days.atMost },
        initiate: initiate ? days.exactly : undefined,
        lockAfterMs: lock,
        mismatch,
        extend,
      }))
      .describe('The WORM policy that the bucket must have.'),
  },
  { error: 'a rule with name, match and policy' },
);
