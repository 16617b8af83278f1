import { formatInstant } from '../../platform/instant.ts';
import type { Rules } from '../types.ts';
import { type Warning, warn } from './codes.ts';

/** Rules whose date of review is past, with their places. */
export const reviews = ({ objects, buckets, defaults }: Rules, now: Date): Warning[] =>
  (
    [
      ['objects', objects],
      ['buckets', buckets],
      ['defaults', defaults],
    ] as const
  ).flatMap(([list, rules]) =>
    rules.flatMap(({ name, owner, review }, index) => {
      if (review === undefined || review > now) return [];
      const whom = owner === undefined ? '' : ` with ${owner}`;
      const message =
        `rule ${name} was to be reviewed by ${lastDay(review)}: ` +
        `find out${whom} whether it still holds, and set a new date`;
      return [warn('review-past', [list, index, 'review'], message)];
    }),
  );

/** Returns the last day before an instant, in UTC: the review ends with its day. */
export const lastDay = (end: Date): string => formatInstant(new Date(end.getTime() - 1)).slice(0, 10);
