import { day } from '../platform/instant.ts';
import { addDuration } from '../rules/duration.ts';
import type { Rules } from '../rules/types.ts';

type Needs = Pick<Rules, 'approvals'>;

/**
 * Tells whether a date is so late that somebody else has to approve it. Pure.
 * @param until of a version, and the instant from which its length is counted
 */
export function isLongRetention(
  { approvals }: Needs,
  dates: { readonly until: Date; readonly now: Date },
): boolean {
  const limit = approvals?.retainLongerThan;
  return limit !== undefined && dates.until > addDuration(dates.now, limit);
}

/**
 * Tells whether a change of a bucket policy needs an approval: only what nobody can undo ever does. Pure.
 * @param days of the policy afterwards
 */
export function policyNeedsApproval(
  rules: Needs,
  { act, days }: { readonly act: 'lock' | 'extend'; readonly days: number },
  now: Date,
): boolean {
  if (rules.approvals?.[act] === true) return true;
  return isLongRetention(rules, { until: new Date(now.getTime() + days * day), now });
}

/** Tells whether runs of `holdfast protect` may need an approval, so that they have to be counted first. Pure. */
export const mayNeedProtectApproval = ({ approvals }: Needs): boolean =>
  approvals?.protectMoreThan !== undefined || approvals?.retainLongerThan !== undefined;

/**
 * Tells whether a run over existing versions needs an approval. Pure.
 * @param counted how many versions it would write, and the latest of their dates
 */
export function protectNeedsApproval(
  rules: Needs,
  counted: { readonly changes: number; readonly latest: Date | undefined },
  now: Date,
): boolean {
  const { changes, latest } = counted;
  const most = rules.approvals?.protectMoreThan;
  if (most !== undefined && changes > most) return true;
  return latest !== undefined && isLongRetention(rules, { until: latest, now });
}

/** Tells whether releasing a matter needs an approval. Pure. */
export const releaseNeedsApproval = ({ approvals }: Needs): boolean => approvals?.release === true;
