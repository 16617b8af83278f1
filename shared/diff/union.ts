import { addDuration } from '../rules/duration.ts';
import type { Rules } from '../rules/types.ts';
import type { RulesPair } from './change.ts';

/**
 * Both sets of rules in one, under the higher limit: whatever is asked about a version for one of them is asked for the
 * two together. Nothing is decided by it.
 */
export function unionOf({ before, after }: RulesPair, now: Date): Rules {
  const isHigher = reach(before, now) > reach(after, now);
  return {
    cloud: after.cloud,
    limits: (isHigher ? before : after).limits,
    objects: [...before.objects, ...after.objects],
    buckets: [...before.buckets, ...after.buckets],
    defaults: [...before.defaults, ...after.defaults],
  };
}

const reach = ({ limits }: Rules, now: Date): number => addDuration(now, limits.maxRetention).getTime();
