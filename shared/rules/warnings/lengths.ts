import { day } from '../../platform/instant.ts';
import { alwaysLonger, canBeLonger } from '../duration.ts';
import type { Duration, ObjectRule, Retain } from '../types.ts';
import { untilYearEnd } from '../year-end.ts';

/*
 * What can be said of a rule's dates without an object: bounds on the time from Last-Modified to the date. A bound
 * is a list, because the longer of `1y` and `366d` depends on the year.
 */

/** No date of the rule is later than the latest of these; undefined: a tag may ask for anything. */
export function longest({ retain, extend }: ObjectRule): readonly Duration[] | undefined {
  const extended = extend === undefined ? [] : [extend.upTo];
  if (retain.kind === 'for') return [retain.period, ...extended];
  // The end of a day in another zone can lie up to a day later.
  if (retain.kind === 'from-year-end') return [aDayMore(untilYearEnd(retain.period)), ...extended];
  // The date in a `fromTag` may lie ahead, and `atMost` counts from there.
  if (retain.kind === 'from-tag' || retain.atMost === undefined) return undefined;
  return [retain.atMost, ...(retain.otherwise ? [retain.otherwise] : []), ...extended];
}

const aDayMore = ({ months, ms, text }: Duration): Duration => ({ months, ms: ms + day, text });

/** The rule gives every object a date, none earlier than the earliest of these; undefined: there is no such bound. */
function shortest({ retain }: ObjectRule, limit: Duration): readonly Duration[] | undefined {
  if (retain.kind === 'for') return certain([retain.period], [retain.period], limit);
  if (retain.kind === 'from-year-end')
    return certain([retain.period], [aDayMore(untilYearEnd(retain.period))], limit);
  const { kind, atLeast, atMost, otherwise } = retain;
  if (kind === 'from-tag' || !atLeast || !atMost || !otherwise) return undefined;
  return certain([atLeast, otherwise], [atMost, otherwise], limit);
}

/** A date beyond the limit is refused, and then the rule gives none. */
const certain = (bounds: readonly Duration[], most: readonly Duration[], limit: Duration) =>
  most.some((period) => canBeLonger(period, limit)) ? undefined : bounds;

/**
 * Says of two rules whether the one gives every object that both match a date, and never an earlier one than the other.
 * Each pair of ways to retain is judged once: many rules share theirs.
 */
export function comparedLengths(limit: Duration): (one: ObjectRule, other: ObjectRule) => boolean {
  const ids = new Map<string, number>();
  const idOf = new WeakMap<ObjectRule, number>();
  const answers = new Map<number, boolean>();
  const idOfRule = (rule: ObjectRule): number => {
    const known = idOf.get(rule);
    if (known !== undefined) return known;
    const text = JSON.stringify([rule.retain, rule.extend]);
    const id = ids.get(text) ?? ids.size;
    ids.set(text, id);
    idOf.set(rule, id);
    return id;
  };
  return (one, other) => {
    const [id, otherId] = [idOfRule(one), idOfRule(other)];
    if (id === otherId) return true;
    const pair = id * mostRules + otherId;
    const known = answers.get(pair);
    if (known !== undefined) return known;
    const answer = neverShorter(one, other, limit);
    answers.set(pair, answer);
    return answer;
  };
}

/** More rules than a file can have. */
const mostRules = 2 ** 24;

function neverShorter(one: ObjectRule, other: ObjectRule, limit: Duration): boolean {
  const [least, most] = [shortest(one, limit), longest(other)];
  const byBounds = least && most && least.every((low) => most.every((high) => !canBeLonger(high, low)));
  return byBounds === true || (other.extend === undefined && boundsHigher(one.retain, other.retain, limit));
}

/** Two readings of the same tag: where every bound is as high or higher, and within the limit, so is the date. */
function boundsHigher(one: Retain, other: Retain, limit: Duration): boolean {
  if (!('tag' in one) || one.kind === 'from-tag' || other.kind !== one.kind || one.tag !== other.tag)
    return false;
  const beyond = (period: Duration | undefined) => period !== undefined && canBeLonger(period, limit);
  const sureOfDate = one.atMost !== undefined || other.atMost === undefined;
  return (
    sureOfDate &&
    ![one.atLeast, one.atMost, other.otherwise && one.otherwise].some(beyond) &&
    asHigh(one.atLeast, other.atLeast) &&
    (one.atMost === undefined || (other.atMost !== undefined && !canBeLonger(other.atMost, one.atMost))) &&
    (other.otherwise === undefined || asHigh(one.otherwise, other.otherwise))
  );
}

const asHigh = (one: Duration | undefined, other: Duration | undefined): boolean =>
  other === undefined || (one !== undefined && !canBeLonger(other, one));

/** Finds one of several that no other is always longer than. */
export function longestOf<Item extends { readonly length: Duration }>(
  items: readonly Item[],
): Item | undefined {
  return items.reduce<Item | undefined>(
    (best, item) => (best === undefined || alwaysLonger(item.length, best.length) ? item : best),
    undefined,
  );
}
