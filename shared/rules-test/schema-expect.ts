import * as z from 'zod';
import { dayCount } from '../rules/schema/bucket-rule.ts';
import { actions, problems } from './actions.ts';
import { moment, text } from './schema-fields.ts';

/** This is what a case ends in. */
export const expect = z
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
