import { standingAs } from './counts.ts';
import type { PolicyPosture } from './policy.ts';
import type { Totals } from './totals.ts';

/** The answer to "is everything protected that should be?". */
export type PostureVerdict =
  /** Everything that a rule covers was read and is held as long as the rules ask. */
  | 'protected'
  /** Something that a rule covers is not. */
  | 'not-protected'
  /** Nothing of that kind was found, but not everything could be read, or nothing was there to be read. */
  | 'incomplete'
  /** Nothing of that kind was found, and what is stored was not read at all. */
  | 'not-read';

export interface Judged {
  readonly totals: Pick<Totals, 'cells'>;
  /** This is what was looked at. */
  readonly targets: readonly unknown[];
  readonly policies: readonly Pick<PolicyPosture, 'holds'>[];
  readonly troubles: readonly { readonly code: string }[];
  /** This is what default retentions of buckets do against the rules. */
  readonly defaults?: readonly { readonly code: string }[];
  /** False when only the rules were asked. */
  readonly read: boolean;
}

/** Pure and total. A bucket of another region was not read, so nothing is proven of it. */
export function verdictOf({
  totals,
  targets,
  policies,
  troubles,
  defaults = [],
  read,
}: Judged): PostureVerdict {
  const open = standingAs(totals, 'unprotected', 'too-short').versions;
  if (open > 0 || policies.some(({ holds }) => !holds)) return 'not-protected';
  // Under such a default each upload that comes fails to be protected.
  if (defaults.some(({ code }) => code === 'DEFAULT_GOVERNANCE')) return 'not-protected';
  if (targets.length === 0) return 'incomplete';
  if (troubles.length > 0) return 'incomplete';
  if (!read) return 'not-read';
  return standingAs(totals, 'unknown').versions > 0 ? 'incomplete' : 'protected';
}
