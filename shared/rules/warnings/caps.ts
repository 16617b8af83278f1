import { day, formatInstant } from '../../platform/instant.ts';
import { firstDaysLonger } from '../calendar.ts';
import { capDays } from '../cap.ts';
import { alwaysLonger, formatDuration, maxPolicyDays } from '../duration.ts';
import type { BucketRule, Duration, ObjectRule, Retain, Rules, TagBounds } from '../types.ts';
import { untilYearEnd } from '../year-end.ts';
import { type Warning, warn } from './codes.ts';
import { longest, longestOf } from './lengths.ts';

/** Returns a cap that stops nothing, and bounds that the cap makes void. */
export function caps(rules: Rules, now: Date): Warning[] {
  return [
    ...highCap(rules),
    ...boundsOverCap(rules),
    ...overCapAtTimes(rules, now),
    ...keepUntilTooFar(rules, now),
  ];
}

interface Most {
  readonly rule: string;
  readonly length: Duration;
}

/** Only when every rule has a bound of its own: else the cap is what bounds them. */
function highCap({ limits: { maxRetention: limit }, objects, buckets, defaults }: Rules): Warning[] {
  const most: Most[] = [];
  for (const rule of [...objects, ...buckets]) {
    const lengths = 'retain' in rule ? longest(rule) : longestPolicy(rule);
    if (lengths === undefined) return [];
    most.push(...lengths.map((length) => ({ rule: rule.name, length })));
  }
  most.push(...defaults.map(({ name, retain }) => ({ rule: name, length: retain })));
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
    isOver = (given: Duration) => alwaysLonger(given, limit),
  ) =>
    length && isOver(length)
      ? [
          warn(
            'over-cap',
            path,
            `rule ${name}: ${bound} (${length.text}) is above limits.maxRetention (${limit.text}): ${so}`,
          ),
        ]
      : [];
  const isOverInDays = ({ ms }: Duration): boolean => ms > capDays(limit) * day;
  return [
    ...objects.flatMap((rule, index) => {
      const path = ['objects', index, 'retain'];
      const { retain, name } = rule;
      if (retain.kind === 'from-tag') {
        const so = `a version fails (OVER_CAP) until the date in tag ${retain.tag} is long enough past`;
        return over(name, 'for', retain.period, [...path, 'for'], so);
      }
      const so = `what a tag asks for between the two fails (OVER_CAP); write atMost: ${limit.text}`;
      return over(name, 'atMost', atMostOf(rule), [...path, 'atMost'], so);
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
          isOverInDays,
        ),
        ...over(
          name,
          'upTo',
          extend && inDays(extend.upToDays),
          [...path, 'extend', 'upTo'],
          'extending stops there already',
          isOverInDays,
        ),
      ];
    }),
  ];
}

/** Gives no bound for what counts from the date in `fromTag`: it may end before any cap. */
const atMostOf = ({ retain }: ObjectRule): Duration | undefined =>
  retain.kind === 'for-tag' || retain.kind === 'until-tag' ? retain.atMost : undefined;

/** A date that no policy reaches: neither one that begins now, nor what the cap lets an extension have. */
function keepUntilTooFar({ limits: { maxRetention: limit }, buckets }: Rules, now: Date): Warning[] {
  return buckets.flatMap(({ name, policy: { extend } }, index) => {
    if (extend?.kind !== 'keep-until') return [];
    const needed = Math.ceil((extend.keepUntil.getTime() - now.getTime()) / day);
    const most = capDays(limit);
    if (needed <= most) return [];
    const message =
      `rule ${name}: keepUntil is ${needed} days away, and a policy has at most ${most} ` +
      `(${maxPolicyDays} days of OSS, limits.maxRetention ${limit.text}): what is stored now ends before that date`;
    return [warn('over-cap', ['buckets', index, 'policy', 'extend', 'keepUntil'], message)];
  });
}

function lengthFromUpload(
  retain: Exclude<Retain, TagBounds>,
): [bound: string, length: Duration, place: string[]] {
  if (retain.kind === 'for') return ['retain', retain.period, ['retain']];
  return ['for', untilYearEnd(retain.period), ['retain', 'for']];
}

/** Lengths from Last-Modified that are above the cap in some years: uploads of those days fail. */
function overCapAtTimes({ limits: { maxRetention: limit }, objects }: Rules, now: Date): Warning[] {
  return objects.flatMap(({ name, retain, extend }, index) => {
    const path = ['objects', index];
    const lengths: [bound: string, length: Duration | undefined, place: string[]][] = !('tag' in retain)
      ? [lengthFromUpload(retain)]
      : [
          ['atLeast', retain.kind === 'from-tag' ? undefined : retain.atLeast, ['retain', 'atLeast']],
          ['atMost', retain.kind === 'from-tag' ? undefined : retain.atMost, ['retain', 'atMost']],
          ['otherwise', retain.otherwise, ['retain', 'otherwise']],
        ];
    lengths.push(['extend.upTo', extend?.upTo, ['extend', 'upTo']]);
    return lengths.flatMap(([bound, length, place]) => {
      const failing =
        length && !alwaysLonger(length, limit) ? firstDaysLonger(length, limit, now) : undefined;
      if (length === undefined || failing === undefined) return [];
      const [first, last] = [failing.first, failing.last].map((each) => formatInstant(each).slice(0, 10));
      const message =
        `rule ${name}: ${bound} (${length.text}) is longer than limits.maxRetention (${limit.text}) in some years: ` +
        `uploads from ${first} to ${last} are the first that fail (OVER_CAP); ` +
        'raise the limit above it, or write both in the same unit';
      return [warn('over-cap-at-times', [...path, ...place], message)];
    });
  });
}
