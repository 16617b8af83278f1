import { lockWindowMs } from '../buckets/decide.ts';
import { minute } from '../platform/instant.ts';
import { formatDuration } from '../rules/duration.ts';
import type { RulesFinding } from '../rules/problem.ts';
import type { Rules } from '../rules/types.ts';
import { isFunction, type Resource } from './deliveries.ts';
import { timerGapMs } from './template.ts';

/**
 * Rules whose policies would not be locked in time. OSS drops an unlocked policy after 24 hours. Once a policy is due,
 * the next run comes a period later at most, and one missed run must not cost the policy: two periods have to fit.
 * @param file the s.yaml, for the messages
 */
export function lockTiming({ buckets }: Rules, resources: readonly Resource[], file: string): RulesFinding[] {
  const period = timerPeriodMs(resources);
  return buckets.flatMap(({ name, policy: { lockAfterMs } }, index) => {
    const why = lockAfterMs === undefined ? undefined : whyTooLate(lockAfterMs, period, file);
    if (why === undefined) return [];
    const path = ['buckets', index, 'policy', 'lock', 'after'];
    return [{ path, part: 'value', message: `rule ${name}: ${why}` }];
  });
}

function whyTooLate(lockAfterMs: number, periodMs: number | undefined, file: string): string | undefined {
  if (periodMs === undefined) {
    return `nothing would lock the policy: ${file} has no enabled timer for policy-timer; add one`;
  }
  if (lockAfterMs + 2 * periodMs < lockWindowMs) return undefined;
  const most = lockWindowMs - 2 * periodMs;
  const advice = most > minute ? `lower lock.after below ${inWords(most)} or ` : '';
  return (
    `lock.after ${inWords(lockAfterMs)} plus twice the timer's period of ${inWords(periodMs)} (${file}) ` +
    `must stay under 24h: ${advice}let the timer run more often`
  );
}

/** The longest time between two runs; with several timers the densest one bounds it. */
function timerPeriodMs(resources: readonly Resource[]): number | undefined {
  const gaps = resources
    .filter((resource) => isFunction('policy-timer', resource))
    .flatMap(({ props }) => props.triggers)
    .flatMap((trigger) => (trigger.triggerType === 'timer' ? [trigger.triggerConfig] : []))
    .filter(({ enable }) => enable)
    .map(({ cronExpression }) => timerGapMs(cronExpression));
  return gaps.length === 0 ? undefined : Math.min(...gaps);
}

/** Up to the full minute; rules count no finer. */
const inWords = (ms: number): string => formatDuration({ months: 0, ms: Math.ceil(ms / minute) * minute });
