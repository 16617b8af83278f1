import { day } from '../platform/instant.ts';
import { quantity } from '../platform/quantity.ts';
import { formatDuration } from '../rules/duration.ts';
import type {
  BucketRule,
  DefaultRule,
  Duration,
  EventHold,
  ObjectRule,
  Pattern,
  Retain,
  Rules,
  WrittenPattern,
  WrittenRule,
  WrittenRules,
  YearEnd,
} from '../rules/types.ts';
import { lastDay } from '../rules/warnings/reviews.ts';

/** Shows one rule as a row of a retention schedule. All texts are in words; one that the rule does not give is empty. */
export interface ScheduleRow {
  readonly rule: string;
  /** Says whether single versions of objects are retained, whole buckets, or each upload by default. */
  readonly kind: 'objects' | 'bucket' | 'default';
  readonly records: string;
  readonly period: string;
  /** Says from when the period is counted; empty where the rule gives the end itself. */
  readonly start: string;
  readonly because: string;
  readonly owner: string;
  /** The last day of the review, as `YYYY-MM-DD` in UTC. */
  readonly review: string;
}

/** Holds the retention schedule of a rules file. */
export interface RetentionSchedule {
  /** The length that no retention passes, in words. */
  readonly cap: string;
  readonly rows: readonly ScheduleRow[];
}

/** Renders the rules of a file, in its order, as the rows of a retention schedule; of one cloud, or of all. Pure. */
export function scheduleOf({ limits, objects, buckets, defaults }: Rules | WrittenRules): RetentionSchedule {
  return {
    cap: limits.maxRetention.text,
    rows: [...objects.map(ofObjects), ...buckets.map(ofBucket), ...defaults.map(ofDefault)],
  };
}

function ofObjects({ match, retain, extend, ...rule }: ObjectRule | WrittenRule<ObjectRule>): ScheduleRow {
  const { bucket, key, tags } = match;
  const tagged = [...tags].map(([tag, { globs }]) => `${tag}=${globs.join(' or ')}`);
  const records = [
    named('bucket', bucketsOf(bucket)),
    ...(key === undefined ? [] : [named('key', key.globs)]),
    ...(tagged.length === 0 ? [] : [named('tag', tagged)]),
  ];
  return {
    ...about(rule),
    kind: 'objects',
    records: records.join('; '),
    period: [periodOf(retain), ...(extend === undefined ? [] : [extensionOf(extend)])].join('; '),
    start: startOf(retain),
  };
}

function ofBucket({ match, policy, ...rule }: BucketRule | WrittenRule<BucketRule>): ScheduleRow {
  return {
    ...about(rule),
    kind: 'bucket',
    records: `all objects of ${named('bucket', bucketsOf(match.bucket))}`,
    period: [daysOf(policy), ...lockOf(policy), ...policyExtension(policy)].join('; '),
    start: 'Last-Modified',
  };
}

function ofDefault({ match, retain, ...rule }: DefaultRule | WrittenRule<DefaultRule>): ScheduleRow {
  return {
    ...about(rule),
    kind: 'default',
    records: `each upload to ${named('bucket', bucketsOf(match.bucket))}, by itself`,
    period: retain.text,
    start: 'Last-Modified',
  };
}

const about = ({
  name,
  because = '',
  owner = '',
  review,
}: Pick<ObjectRule, 'name' | 'because' | 'owner' | 'review'>) => ({
  rule: name,
  because,
  owner,
  review: review === undefined ? '' : lastDay(review),
});

/** The globs as they were written: with a scheme where they are for one cloud, unless they were narrowed to it. */
function bucketsOf(pattern: Pattern | WrittenPattern): readonly string[] {
  if ('globs' in pattern) return pattern.globs;
  const { inCloud, named } = pattern;
  const [anywhere] = inCloud.values();
  if (named.size === 0) return anywhere?.pattern.globs ?? ['-'];
  return [...inCloud].flatMap(([cloud, { pattern }]) =>
    pattern.globs.map((glob) =>
      glob.startsWith('!') ? `!${cloud}://${glob.slice(1)}` : `${cloud}://${glob}`,
    ),
  );
}

/** Names what globs select: one name without wildcards is one thing. */
function named(thing: string, globs: readonly string[]): string {
  const isOne = globs.length === 1 && globs.every((glob) => !/[*?[{!]/.test(glob));
  return `${thing}${isOne ? '' : 's'} ${globs.join(', ')}`;
}

function periodOf(retain: Retain): string {
  switch (retain.kind) {
    case 'for':
    case 'from-year-end':
      return retain.period.text;
    case 'for-tag':
      return [`as tag ${retain.tag} says`, ...boundsOf(retain)].join(', ');
    case 'until-tag':
      return [`until the date in tag ${retain.tag}`, ...boundsOf(retain)].join(', ');
    case 'from-tag':
      return [retain.period.text, ...boundsOf(retain), ...holdOf(retain.whileOpen)].join(', ');
  }
}

const holdOf = (hold: EventHold | undefined): string[] =>
  hold === undefined ? [] : [`until then held, renewed every ${inDays(hold.byMs)}`];

interface Bounds {
  readonly atLeast: Duration | undefined;
  readonly atMost: Duration | undefined;
  readonly otherwise: Duration | undefined;
}

const boundsOf = ({ atLeast, atMost, otherwise }: Bounds): string[] => [
  ...(atLeast === undefined ? [] : [`at least ${atLeast.text}`]),
  ...(atMost === undefined ? [] : [`at most ${atMost.text}`]),
  ...(otherwise === undefined ? [] : [`without a readable tag ${otherwise.text} from Last-Modified`]),
];

function startOf(retain: Retain): string {
  switch (retain.kind) {
    case 'for':
    case 'for-tag':
      return 'Last-Modified';
    case 'until-tag':
      return '';
    case 'from-year-end':
      return `the end of the year of Last-Modified (${yearOf(retain.yearEnd)})`;
    case 'from-tag': {
      const date = `the date in tag ${retain.tag}`;
      return retain.yearEnd === undefined
        ? date
        : `the end of the year of ${date} (${yearOf(retain.yearEnd)})`;
    }
  }
}

function yearOf({ month, date, offsetMs }: YearEnd): string {
  const minutes = Math.abs(offsetMs) / 60_000;
  const zone = `${offsetMs < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
  return `last day ${two(month)}-${two(date)}, ${offsetMs === 0 ? 'UTC' : `UTC${zone}`}`;
}

const two = (number: number): string => String(number).padStart(2, '0');

const extensionOf = ({ withinMs, byMs, upTo }: NonNullable<ObjectRule['extend']>): string =>
  `while the version is current, extended by ${inDays(byMs)} when less than ${inDays(withinMs)} are left, up to ${upTo.text}`;

const inDays = (ms: number): string => quantity(ms / day, 'day');

function daysOf({ days: { atLeast, atMost } }: BucketRule['policy']): string {
  return `${atLeast === atMost ? '' : `${atLeast} to `}${quantity(atMost, 'day')}`;
}

const lockOf = ({ lockAfterMs }: BucketRule['policy']): string[] =>
  lockAfterMs === undefined
    ? ['not locked by Holdfast']
    : [`locked once it is ${formatDuration({ months: 0, ms: lockAfterMs })} old`];

function policyExtension({ extend }: BucketRule['policy']): string[] {
  if (extend === undefined) return [];
  if (extend.kind === 'keep-until') {
    return [
      `extended so that every object is kept until ${lastDay(extend.keepUntil)}, up to ${quantity(extend.upToDays, 'day')}`,
    ];
  }
  const { withinMs, byDays, upToDays } = extend;
  return [
    `extended by ${quantity(byDays, 'day')} when less than ${inDays(withinMs)} are left, up to ${quantity(upToDays, 'day')}`,
  ];
}
