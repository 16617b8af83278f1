import { characters, everything } from '../glob/charset.ts';
import { both, union, without } from '../glob/combine.ts';
import { type Language, languageOf, nothing, TooManyStates } from '../glob/language.ts';
import type { GlobSubject } from '../glob/parse.ts';
import { leastLength } from '../glob/shape.ts';
import { type ParsedGlobs, parseGlobs } from '../pattern.ts';
import type { Pattern } from '../types.ts';
import { isLegalName, type LegalNames, legalNames, manyPart, type NameKind, onePart } from './legal-names.ts';

export { both, union, without } from '../glob/combine.ts';
export { accepts, type Language } from '../glob/language.ts';
export { example, isDisjoint, isEmpty, isWithin } from '../glob/proofs.ts';

/*
 * The names that globs match and that the service would take (legal-names.ts), held exactly (../glob/language.ts). The automata are those
 * that match at run time: there is no second reading of globs that could differ from the first.
 */

export const bucketNames = (pattern: Pattern): Language => matched(pattern, 'text', 'bucket');
export const tagValues = (pattern: Pattern): Language => matched(pattern, 'text', 'tag');

/** @param pattern undefined: every key */
export const keys = (pattern: Pattern | undefined): Language =>
  pattern === undefined ? legalNames('key').names : matched(pattern, 'key', 'key');

const isKeyKind = (kind: NameKind): boolean => kind === 'key' || kind === 'obs-key';

/** Returns the legal names that a pattern matches. @param pattern undefined: all */
export const namesOf = (kind: NameKind, pattern: Pattern | undefined): Language =>
  pattern === undefined
    ? legalNames(kind === 'tag' ? 'key' : kind).names
    : matched(pattern, isKeyKind(kind) ? 'key' : 'text', kind);

/** This is what a star may stand for in an example. */
const fillings = ['a', '', 'aaa'];

/** Returns a legal name that the pattern matches, where one is found at once; undefined says nothing. */
export function quickExample(kind: NameKind, pattern: Pattern | undefined): string | undefined {
  for (const { prefix, suffix, middle } of pattern?.data.positive ?? []) {
    for (const filling of middle === 'nothing' ? [''] : fillings) {
      const name = prefix + filling + suffix;
      if (isLegalName(kind, name) && pattern?.matches(name) === true) return name;
    }
  }
  return undefined;
}

/** Returns the keys that begin and end so: what a trigger lets pass. */
export function keysBetween(prefix: string, suffix: string): Language {
  const literal = (text: string) => [...text].map((character) => onePart(characters(character)));
  const begins = languageOf([...literal(prefix), manyPart(everything)]);
  const ends = languageOf([manyPart(everything), ...literal(suffix)]);
  return both(legalNames('key').names, both(begins, ends));
}

/** Many rules say the same of keys and tags. */
const cache = new Map<string, Language>();

/** The legal names that a pattern matches. */
function matched(pattern: Pattern, subject: GlobSubject, kind: NameKind): Language {
  const id = JSON.stringify([kind, ...pattern.globs]);
  const known = cache.get(id);
  if (known !== undefined) return known;
  const parsed = parseGlobs(pattern.globs, subject);
  if ('problem' in parsed) throw new RangeError(parsed.problem);
  const language = legalAmong(parsed, legalNames(kind, parsed.positive));
  cache.set(id, language);
  return language;
}

function legalAmong({ positive, negative }: ParsedGlobs, legal: LegalNames): Language {
  const possible = positive.filter((tree) => legal.fits(leastLength(tree)));
  if (positive.length > 0 && possible.length === 0) return nothing;
  const wanted = positive.length === 0 ? legal.names : both(legal.names, union(possible.map(languageOf)));
  return negative.length === 0 ? wanted : without(wanted, union(negative.map(languageOf)));
}

/** Tells what `decide` says; where a proof would grow beyond all bounds nothing is claimed. */
export function ifDecidable<Result>(decide: () => Result, otherwise: Result): Result {
  try {
    return decide();
  } catch (error) {
    if (error instanceof TooManyStates) return otherwise;
    throw error;
  }
}
