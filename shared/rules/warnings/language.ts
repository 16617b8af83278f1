import { DFA, isDisjointWith, JS, NFA, type ReadonlyDFA, TooManyNodesError } from 'refa';
import { compileGlobs, type Subject, undisguised } from '../pattern.ts';
import type { Pattern } from '../types.ts';

/*
 * Whether globs overlap, decided and not guessed. A glob is compiled to a regular expression of the plain kind, so the
 * names that it matches are a regular language; so are the names that a service allows, and so is what unions,
 * differences and intersections make of them. A finite automaton holds such a language exactly, so that "nothing is
 * left" is a proof, and "something is left" comes with the shortest example. The automata are built from the very
 * expressions that match at run time: there is no second reading of globs that could differ from the first.
 */

/** A set of names, exactly. */
export type Language = ReadonlyDFA;

/** The highest UTF-16 unit, in which regular expressions without flag `u` count. */
const maxCharacter = 0xffff;

/*
 * The longest that a name may be is left out: a larger set of names only makes a claim that nothing is left harder to
 * prove, and the shortest example is short.
 */

/** What OSS takes as a bucket name (documented: PutBucket): 3 or more lower-case letters, digits and hyphens. */
const legalBucket = fromExpression(/^(?:[a-z0-9][a-z0-9-]+[a-z0-9])$/);

/**
 * What OSS takes as a key (documented: object naming conventions): no slash or backslash first. A backslash appears as
 * its stand-in, see ../pattern.ts; the other noncharacters and the plain backslash never appear.
 */
const legalKey = fromExpression(/^(?:[^/\\\uFDD0-\uFDEF][^\\\uFDD0\uFDD1\uFDD3-\uFDEF]*)$/);

/** Any text, disguised: a slash and a backslash appear as their stand-ins. */
const anyText = fromExpression(/^(?:[^/\\\uFDD0\uFDD1\uFDD4-\uFDEF]*)$/);

export const bucketNames = (pattern: Pattern): Language => matched(pattern, 'text', legalBucket);
export const tagValues = (pattern: Pattern): Language => matched(pattern, 'text', anyText);

/** @param pattern undefined: every key */
export const keys = (pattern: Pattern | undefined): Language =>
  pattern === undefined ? legalKey : matched(pattern, 'key', legalKey);

/** The keys that begin and end so: what a trigger lets pass. */
export function keysBetween(prefix: string, suffix: string): Language {
  const literal = (text: string) =>
    text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&').replaceAll('\\\\', '\uFDD2');
  const begins = fromExpression(new RegExp(`^(?:${literal(prefix)}.*)$`, 's'));
  const ends = fromExpression(new RegExp(`^(?:.*${literal(suffix)})$`, 's'));
  return both(legalKey, both(begins, ends));
}

/** Many rules say the same of keys and tags. */
const cache = new Map<string, Language>();

/** The legal names that a pattern matches. */
function matched(pattern: Pattern, subject: Subject, legal: Language): Language {
  const id = JSON.stringify([subject, legal === legalBucket, pattern.globs]);
  const known = cache.get(id);
  if (known !== undefined) return known;
  const compiled = compileGlobs(pattern.globs, subject);
  if ('problem' in compiled) throw new RangeError(compiled.problem);
  const { positive, negative } = compiled;
  const wanted = positive.length === 0 ? legal : both(legal, union(positive.map(fromExpression)));
  const language = without(wanted, union(negative.map(fromExpression)));
  cache.set(id, language);
  return language;
}

/** @param expression anchored at both ends, as `^(?:…)$` */
function fromExpression(expression: RegExp): Language {
  const inside = new RegExp(expression.source.slice(1, -1), expression.flags);
  const parsed = JS.Parser.fromLiteral(inside).parse({ assertions: 'throw', backreferences: 'throw' });
  return DFA.fromFA(NFA.fromRegex(parsed.expression, { maxCharacter }));
}

export function union(languages: readonly Language[]): Language {
  const all = NFA.empty({ maxCharacter });
  for (const language of languages) all.union(language);
  const together = DFA.fromFA(all);
  together.minimize();
  return together;
}

export function both(one: Language, other: Language): Language {
  const shared = DFA.fromIntersection(one, other);
  shared.minimize();
  return shared;
}

/** The names of the one that the other has not. */
export const without = (one: Language, other: Language): Language => both(one, complement(other));

/** These two look no further than they must; a whole automaton of what is left would cost much more. */
export const isWithin = (one: Language, other: Language): boolean => isDisjointWith(one, complement(other));
export const isDisjoint = (one: Language, other: Language): boolean => isDisjointWith(one, other);

const complements = new WeakMap<Language, Language>();

function complement(language: Language): Language {
  const known = complements.get(language);
  if (known !== undefined) return known;
  const rest = language.copy();
  rest.complement();
  complements.set(language, rest);
  return rest;
}

/** One of the shortest names, a speaking one where it can be; undefined when there is none. */
export function example(language: Language): string | undefined {
  const found: string[] = [];
  for (const word of language.wordSets()) {
    found.push(undisguised(String.fromCharCode(...word.map(plainest))));
    // An empty text or a bare folder says little to a person, and there may be nothing longer.
    if (found.length === 3 || /[^/]$/.test(found.at(-1) ?? '')) break;
  }
  return found.find((name) => /[^/]$/.test(name)) ?? found[0];
}

const plain = [...'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-_./'].map((letter) =>
  letter.charCodeAt(0),
);

const plainest = (set: { has(character: number): boolean; readonly ranges: readonly { min: number }[] }) =>
  plain.find((character) => set.has(character)) ?? set.ranges[0]?.min ?? 0;

/** What `decide` says; where automata would grow beyond all bounds nothing is claimed. */
export function ifDecidable<Result>(decide: () => Result, otherwise: Result): Result {
  try {
    return decide();
  } catch (error) {
    if (error instanceof TooManyNodesError) return otherwise;
    throw error;
  }
}
