/**
 * A set of Unicode code points: the first and the last of each range, in ascending order, without overlaps. Lone
 * surrogates count as code points, as in JavaScript's own iteration over a text.
 */
export type CharSet = readonly number[];

export const maxCodePoint = 0x10ffff;

export const everything: CharSet = [0, maxCodePoint];

/** Returns the set of these ranges, which may overlap and stand in any order. */
export function ranges(...pairs: readonly (readonly [first: number, last: number])[]): CharSet {
  const merged: number[] = [];
  for (const [first, last] of pairs.toSorted(([one], [other]) => one - other)) {
    const end = merged.at(-1);
    if (end !== undefined && first <= end + 1) merged[merged.length - 1] = Math.max(end, last);
    else merged.push(first, last);
  }
  return merged;
}

/** Returns the set of the characters of a text. */
export const characters = (text: string): CharSet =>
  ranges(...[...text].map((character): [number, number] => [codePoint(character), codePoint(character)]));

export const codePoint = (character: string): number => character.codePointAt(0) ?? 0;

export const unionOfSets = (...sets: readonly CharSet[]): CharSet => ranges(...sets.flatMap(pairsOf));

export function complement(set: CharSet): CharSet {
  const rest: number[] = [];
  let next = 0;
  for (const [first, last] of pairsOf(set)) {
    if (first > next) rest.push(next, first - 1);
    next = last + 1;
  }
  if (next <= maxCodePoint) rest.push(next, maxCodePoint);
  return rest;
}

export const withoutSet = (set: CharSet, other: CharSet): CharSet =>
  complement(unionOfSets(complement(set), other));

export function has(set: CharSet, point: number): boolean {
  for (let at = 0; at < set.length; at += 2) {
    if (point < (set[at] ?? 0)) return false;
    if (point <= (set[at + 1] ?? 0)) return true;
  }
  return false;
}

/** Returns the only code point of the set; undefined when there are more, or none. */
export const only = (set: CharSet): number | undefined =>
  set.length === 2 && set[0] === set[1] ? set[0] : undefined;

export function pairsOf(set: CharSet): [first: number, last: number][] {
  const pairs: [number, number][] = [];
  for (let at = 0; at < set.length; at += 2) pairs.push([set[at] ?? 0, set[at + 1] ?? 0]);
  return pairs;
}
