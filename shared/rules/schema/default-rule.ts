import * as z from 'zod';
import { daysOrYears } from '../duration.ts';
import { bucket, name, read, reasons, review } from './fields.ts';

const example = 'a number of days or of years, such as 30d or 1y';

/** The default retention of buckets with object lock. */
export const defaultRule = z.strictObject(
  {
    name,
    ...reasons,
    review,
    match: z
      .strictObject({ bucket }, { error: 'a map such as { bucket: fin-* }' })
      .describe('Which buckets the rule is for.'),
    retain: z
      .string({ error: example })
      .meta({ pattern: '^(\\d+(y|w|d)|P[0-9YWD]+)$', examples: ['30d', '1y'] })
      .transform(read(daysOrYears))
      .describe(
        'How long each upload is kept by itself, from its first instant, in COMPLIANCE: days or years, as the service counts.',
      ),
  },
  { error: 'a rule with name, match and retain' },
);
