import { day } from '../platform/instant.ts';
import { addDuration, maxPolicyDays } from '../rules/duration.ts';
import type { Duration } from '../rules/types.ts';

/**
 * The days of a bucket policy that keeps for `keep` whenever it begins, and never beyond `max`. Policies count days
 * only: seven years are 2557 days at most, ten years 3652 at least.
 */
export function policyDays({ keep, max }: { readonly keep: Duration; readonly max: Duration }) {
  return {
    atLeast: Math.ceil(Math.max(...lengths(keep))),
    atMost: Math.min(Math.floor(Math.min(...lengths(max))), maxPolicyDays),
  };
}

/** How many days the duration has, over a leap cycle: it depends on the month that it begins in, and on its last day. */
const lengths = (duration: Duration): number[] =>
  starts.map((start) => (addDuration(start, duration).getTime() - start.getTime()) / day);

/** The first and the last day of each month of four years. */
const starts = Array.from({ length: 4 * 12 }, (_, month) => month).flatMap((month) => [
  new Date(Date.UTC(2024, month, 1)),
  new Date(Date.UTC(2024, month + 1, 0)),
]);
