import * as z from 'zod';
import type { ApprovalNeeds } from '../types.ts';
import { duration } from './fields.ts';

const asked = z.literal(true, { error: 'true; leave the key out where no approval is asked for' });

/** The acts that somebody else has to approve before they are done. */
export const approvals = z
  .strictObject(
    {
      lock: asked.describe('Locking a WORM policy, by the timer or by a command.').optional(),
      extend: asked.describe('Extending a locked WORM policy, by the timer or by a command.').optional(),
      retain: z
        .strictObject(
          {
            longerThan: duration.describe(
              'From now: a later date of a version, or a policy of more days, needs an approval.',
            ),
          },
          { error: 'a map such as { longerThan: 10y }' },
        )
        .describe(
          'Long retention, by a command, or as a policy by the timer; what events protect and default retention are excepted.',
        )
        .optional(),
      protect: z
        .strictObject(
          {
            moreThan: z
              .int({ error: 'a whole number such as 1000' })
              .nonnegative({ error: 'a whole number such as 1000' })
              .describe('Versions that one run may write without an approval.'),
          },
          { error: 'a map such as { moreThan: 1000 }' },
        )
        .describe('Runs of `holdfast protect` that write many versions.')
        .optional(),
      release: asked.describe('Releasing a matter, which ends legal holds.').optional(),
      disposition: asked.describe('Disposition, which always needs an approval: true says so.').optional(),
    },
    { error: 'a map such as { lock: true, release: true }' },
  )
  .transform(
    ({ lock, extend, retain, protect, release }): ApprovalNeeds => ({
      lock: lock === true,
      extend: extend === true,
      retainLongerThan: retain?.longerThan,
      protectMoreThan: protect?.moreThan,
      release: release === true,
    }),
  )
  .describe(
    'Acts that need the approval of another identity first, which `holdfast approve` writes into the folder of audit.',
  );
