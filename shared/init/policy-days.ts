import { day } from '../platform/instant.ts';
import { differenceRange } from '../rules/calendar.ts';
import { capDays } from '../rules/cap.ts';
import type { Duration } from '../rules/types.ts';

/**
 * Returns the days of a bucket policy that keeps for `keep` whenever it begins, and never beyond `max`. Policies
 * count days only: seven years are 2557 days at most, ten years 3651 at least.
 */
export function policyDays({ keep, max }: { readonly keep: Duration; readonly max: Duration }) {
  const longest = differenceRange(keep, { months: 0, ms: 0 }).most;
  return { atLeast: Math.ceil(longest / day), atMost: capDays(max) };
}
