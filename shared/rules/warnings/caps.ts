import { day } from '../../platform/instant.ts';
import { alwaysLonger, formatDuration, maxPolicyDays } from '../duration.ts';
import type { BucketRule, Duration, ObjectRule, Rules } from '../types.ts';
import { type Warning, warn } from './codes.ts';
import { longest, longestOf } from './lengths.ts';

/** A cap that stops nothing, and bounds that the cap makes void. */
export function caps(rules: Rules): Warning[] {
  return [...highCap(rules), ...boundsOverCap(rules)];
}

interface Most {
  readonly rule: string;
  readonly length: Duration;
}

/** Only when every rule has a bound of its own: else the cap is what bounds them. */
function highCap({ limits: { maxRetention: limit }, objects, buckets }: Rules): Warning[] {
  const most: Most[] = [];
  for (const rule of [...objects, ...buckets]) {
    const lengths = 'retain' in rule ? longest(rule) : longestPolicy(rule);
    if (lengths === undefined) return [];
    most.push(...lengths.map((length) => ({ rule: rule.name, length })));
  }
  const top = longestOf(most);
  if (top === undefined || !alwaysLonger(limit, twice(top.length))) return [];
  return [
    warn(
      'high-cap',
      ['limits', 'maxRetention'],
      `limits.maxRetention (${limit.text}) is more than twice what any rule can ask for ` +
        `(${top.length.text}, rule ${top.rule}): lower it, so that it stops a slip of the pen`,
    ),
  ];
}

const twice = ({ months, ms, text }: Duration): Duration => ({ months: 2 * months, ms: 2 * ms, text });

function longestPolicy({ policy: { days, extend } }: BucketRule): readonly Duration[] | undefined {
  if (days.atMost === maxPolicyDays) return undefined;
  return [inDays(days.atMost), ...(extend ? [inDays(extend.upToDays)] : [])];
}

function inDays(days: number): Duration {
  const length = { months: 0, ms: days * day };
  return { ...length, text: formatDuration(length) };
}

function boundsOverCap({ limits: { maxRetention: limit }, objects, buckets }: Rules): Warning[] {
  const over = (
    name: string,
    bound: string,
    length: Duration | undefined,
    path: Warning['path'],
    so: string,
  ) =>
    length && alwaysLonger(length, limit)
      ? [
          warn(
            'over-cap',
            path,
            `rule ${name}: ${bound} (${length.text}) is above limits.maxRetention (${limit.text}): ${so}`,
          ),
        ]
      : [];
  return [
    ...objects.flatMap((rule, index) => {
      const so = `what a tag asks for between the two fails (OVER_CAP); write atMost: ${limit.text}`;
      return over(rule.name, 'atMost', atMostOf(rule), ['objects', index, 'retain', 'atMost'], so);
    }),
    ...buckets.flatMap(({ name, policy: { days, extend } }, index) => {
      const path = ['buckets', index, 'policy'];
      const atMost = days.atMost === maxPolicyDays ? undefined : inDays(days.atMost);
      return [
        ...over(
          name,
          'atMost',
          atMost,
          [...path, 'days', 'atMost'],
          'a policy between the two is not locked',
        ),
        ...over(
          name,
          'upTo',
          extend && inDays(extend.upToDays),
          [...path, 'extend', 'upTo'],
          'extending stops there already',
        ),
      ];
    }),
  ];
}

/** What counts from the date in `fromTag` may end before any cap. */
const atMostOf = ({ retain }: ObjectRule): Duration | undefined =>
  retain.kind === 'for-tag' || retain.kind === 'until-tag' ? retain.atMost : undefined;
