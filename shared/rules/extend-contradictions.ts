import { canBeLonger } from './duration.ts';
import { at, durationOf, tooLong } from './finding.ts';
import type { Path, RulesFinding } from './problem.ts';
import { child, isMap } from './schema-walk.ts';
import type { Duration } from './types.ts';

/**
 * Tells what an object rule's `extend` cannot mean beside its `retain` and the limit. Periods that count from a date
 * in a tag are left out: they may have started at any time.
 */
export function extendContradictions(rule: unknown, path: Path, limit: Duration | undefined): RulesFinding[] {
  const extend = child(rule, 'extend');
  if (!isMap(extend)) return [];
  const retain = child(rule, 'retain');
  const fromUpload = (bound: string) =>
    child(retain, 'fromTag') === undefined ? child(retain, bound) : undefined;
  const [shortest, longest] = isMap(retain)
    ? [named('atLeast', fromUpload('atLeast')), named('atMost', fromUpload('atMost'))]
    : [named('retain', retain), named('retain', retain)];
  const within = named('within', extend['within']);
  const upTo = named('upTo', extend['upTo']);
  return [
    ...tooLong(upTo?.length, [...path, 'upTo'], limit),
    ...notLonger(upTo, shortest, [...path, 'upTo'], (one, other) => {
      return `${one} is not longer than ${other}: nothing would ever be extended`;
    }),
    ...notLonger(longest, within, [...path, 'within'], (one, other) => {
      return `${other} is not shorter than ${one}: the first run after an upload would extend every object`;
    }),
  ];
}

interface Named {
  readonly name: string;
  readonly length: Duration;
}

function named(name: string, value: unknown): Named | undefined {
  const length = durationOf(value);
  return length && { name, length };
}

/** Told when `a` is not longer than `b`, whenever the object was written. */
function notLonger(
  a: Named | undefined,
  b: Named | undefined,
  path: Path,
  say: (a: string, b: string) => string,
): RulesFinding[] {
  if (a === undefined || b === undefined || canBeLonger(a.length, b.length)) return [];
  const [one = '', other = ''] = [a, b].map(({ name, length }) => `${name} (${length.text})`);
  return [at(path, say(one, other))];
}
