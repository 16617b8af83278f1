import { day } from '../platform/instant.ts';
import { addDuration } from '../rules/duration.ts';
import type { Duration } from '../rules/types.ts';

/** The RAM condition key that tells how many days from now a request wants a version retained (OSS, RAM condition keys). */
export const remainingDaysKey = 'oss:object-remaining-retention-days';

/** The action that the condition bounds. */
export const retentionAction = 'oss:PutObjectRetention';

/** A statement of a RAM policy that denies retention beyond a bound. */
export interface CapStatement {
  readonly Effect: 'Deny';
  readonly Action: readonly [typeof retentionAction];
  readonly Resource: readonly [string];
  readonly Condition: { readonly NumericGreaterThan: Readonly<Record<typeof remainingDaysKey, string>> };
}

/**
 * Tells how many days `maxRetention` may come to, counted from now in whole days, a begun day as one more. A calendar period
 * has a different length for each starting day, so this is the longest one: the role must refuse nothing that the rules allow.
 */
export function mostRemainingDays(maxRetention: Duration): number {
  let longest = 0;
  for (let start = firstStart; start < lastStart; start += day) {
    longest = Math.max(longest, addDuration(new Date(start), maxRetention).getTime() - start);
  }
  return Math.ceil(longest / day) + 1;
}

/** Four years from a leap year on hold every starting day that calendar periods can tell apart, until 2100. */
const firstStart = Date.UTC(2000, 0, 1);
const lastStart = Date.UTC(2004, 0, 1);

/**
 * Makes the statement that keeps a role's credentials from retaining anything beyond the cap of the rules, whoever uses them.
 * It denies instead of narrowing what is allowed: should the service not know the key in some region, the functions still work.
 * Not verified on a live account.
 */
export function capStatement(maxRetention: Duration): CapStatement {
  return {
    Effect: 'Deny',
    Action: [retentionAction],
    Resource: ['acs:oss:*:*:*'],
    Condition: { NumericGreaterThan: { [remainingDaysKey]: String(mostRemainingDays(maxRetention)) } },
  };
}
