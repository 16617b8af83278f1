import { day } from '../../platform/instant.ts';
import { canBeLonger, formatDuration } from '../duration.ts';
import type { Rules } from '../types.ts';
import { type Warning, warn } from './codes.ts';

/** Approvals that are never asked for, or asked for too late. */
export const approvalWarnings = (rules: Rules): Warning[] => [...neverAsked(rules), ...lateExtensions(rules)];

function neverAsked({ approvals: needs, limits: { maxRetention } }: Rules): Warning[] {
  const limit = needs?.retainLongerThan;
  if (limit === undefined || canBeLonger(maxRetention, limit)) return [];
  return [
    warn(
      'approval-never',
      ['approvals', 'retain', 'longerThan'],
      `nothing is retained for longer than limits.maxRetention (${maxRetention.text}), so no approval is ever asked for beyond ` +
        `${limit.text}; write a shorter limit`,
    ),
  ];
}

/** The timer tells an extension that nobody has approved as an error from a week before the end on. */
const leastForPeople = 7 * day;

function lateExtensions({ approvals: needs, buckets }: Rules): Warning[] {
  if (needs?.extend !== true) return [];
  return buckets.flatMap(({ name, policy: { extend } }, index) => {
    if (extend?.kind !== 'rolling' || extend.withinMs >= leastForPeople) return [];
    const [within, least] = [extend.withinMs, leastForPeople].map((ms) => formatDuration({ months: 0, ms }));
    return [
      warn(
        'approval-late',
        ['buckets', index, 'policy', 'extend', 'within'],
        `rule ${name}: within (${within}) is all the time that somebody has to approve the extension before objects become ` +
          `deletable; write ${least} or more`,
      ),
    ];
  });
}
