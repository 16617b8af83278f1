import * as z from 'zod';
import { day } from '../../platform/instant.ts';
import { duration, fixedLength, whyCalendar } from './fields.ts';

/** Inventories come once a day. What is shorter than that cannot be kept between two runs. */
const aDayOrMore = (example: string, otherwise: string) =>
  fixedLength(example, (length) =>
    length.ms < day && length.months === 0
      ? `expected at least 1d, found ${JSON.stringify(length.text)}: runs come once a day, and ${otherwise}`
      : whyCalendar(example, length),
  );

/** This is how an object rule keeps versions protected that are still in use. */
export const objectExtend = z
  .strictObject(
    {
      within: aDayOrMore('30d', 'what ends between two of them would lapse').describe(
        'Extend when a version would become deletable within this time.',
      ),
      by: aDayOrMore('90d', 'each would extend every object').describe(
        'The length of a generation: what is added, as often as needed. One object needs a call a generation.',
      ),
      upTo: duration.describe('Never extend beyond this, counted from Last-Modified.'),
    },
    { error: 'a map such as { within: 30d, by: 90d, upTo: 9y }' },
  )
  .transform(({ within, by, upTo }) => ({ withinMs: within, byMs: by, upTo }))
  .describe("Keep a version protected while it is its key's current one; without it, never extend.");
