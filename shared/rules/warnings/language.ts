import {
  type CharSet,
  characters,
  complement,
  everything,
  has,
  withoutSet as minus,
  only,
  ranges,
  unionOfSets as sets,
} from '../glob/charset.ts';
import { both, union, without } from '../glob/combine.ts';
import { accepts, type Language, languageOf, nothing, TooManyStates } from '../glob/language.ts';
import type { GlobSubject, GlobTree } from '../glob/parse.ts';
import { type LeastLength, leastLength } from '../glob/shape.ts';
import { type ParsedGlobs, parseGlobs } from '../pattern.ts';
import type { Pattern } from '../types.ts';

export { both, union, without } from '../glob/combine.ts';
export { accepts, type Language } from '../glob/language.ts';
export { example, isDisjoint, isEmpty, isWithin } from '../glob/proofs.ts';

/*
 * The names that globs match and that the service would take, held exactly (../glob/language.ts). The automata are those
 * that match at run time: there is no second reading of globs that could differ from the first.
 */

/** Says which names a service takes. */
interface Legal {
  readonly names: Language;
  /** Tells whether some legal name is as long as this. */
  fits(length: LeastLength): boolean;
}

const one = (set: CharSet) => ({ kind: 'one', set }) as const;
const many = (set: CharSet) => ({ kind: 'many', set, deep: false }) as const;

const lowerOrDigit = ranges([0x61, 0x7a], [0x30, 0x39]);
const inBucket = sets(lowerOrDigit, characters('-'));

/** This is what OSS takes as a bucket name (documented: PutBucket): 3 to 63 lower-case letters, digits and hyphens. */
const legalBucket: Legal = {
  names: languageOf([one(lowerOrDigit), one(inBucket), many(inBucket), one(lowerOrDigit)]),
  fits: ({ characters: least }) => least <= 63,
};

/** OBS takes periods in bucket names too (documented: "Creating a Bucket"). */
const legalObsBucket: Legal = {
  names: languageOf([
    one(lowerOrDigit),
    one(sets(inBucket, characters('.'))),
    many(sets(inBucket, characters('.'))),
    one(lowerOrDigit),
  ]),
  fits: legalBucket.fits,
};

/** UTF-8, in which names travel, has no halves of characters. */
const unicode = complement(ranges([0xd800, 0xdfff]));

/**
 * This is what OSS takes as a key (documented: object naming conventions): 1 to 1,023 bytes, no slash or backslash
 * first.
 */
const legalKey: Legal = {
  names: languageOf([one(minus(unicode, characters('/\\'))), many(unicode)]),
  fits: ({ bytes }) => bytes <= 1023,
};

/** OBS takes 1 to 1,024 bytes as a key; that it refuses a slash in front is documented nowhere. */
const legalObsKey: Legal = {
  names: languageOf([one(unicode), many(unicode)]),
  fits: ({ bytes }) => bytes <= 1024,
};

/** In ASCII OSS takes letters, digits, spaces and these in names and values of tags (documented: PutObjectTagging). */
const asciiInTags = sets(lowerOrDigit, ranges([0x41, 0x5a]), characters(' +-=._:/'));
/** Beyond ASCII and its control characters only what is no letter and no digit is known to be refused. */
const inTags = sets(asciiInTags, minus(ranges([0xa0, 0x10ffff]), ranges([0xd800, 0xdfff])));
const letterOrDigit = /^[\p{L}\p{M}\p{N}]$/u;

export const longestTagName = 128;
export const longestTagValue = 256;

/** Says whether OSS may store a character in the name or the value of a tag. */
export function isLegalInTags(character: string): boolean {
  const point = character.codePointAt(0) ?? 0;
  return point < 0x80 ? has(asciiInTags, point) : letterOrDigit.test(character);
}

const anyTagValue = languageOf([many(inTags)]);

function legalValue(trees: readonly GlobTree[]): Legal {
  const refused = trees
    .flatMap(singleCharacters)
    .filter((point) => point >= 0x80 && !letterOrDigit.test(String.fromCodePoint(point)));
  const names =
    refused.length === 0
      ? anyTagValue
      : languageOf([
          many(minus(inTags, ranges(...refused.map((point): [number, number] => [point, point])))),
        ]);
  return { names, fits: ({ characters: least }) => least <= longestTagValue };
}

/**
 * Returns a character that a value needs to match the globs and that OSS never stores in one; undefined when there is
 * none.
 */
export function impossibleInTag({ globs }: Pattern): string | undefined {
  const parsed = parseGlobs(globs, 'text');
  if ('problem' in parsed) return undefined;
  const needed = parsed.positive.flat().flatMap((part) => (part.kind === 'one' ? [part.set] : []));
  const wrong = needed.find((set) => {
    const single = only(set);
    if (single !== undefined) return !isLegalInTags(String.fromCodePoint(single));
    return minus(set, inTags).join() === set.join();
  });
  return wrong === undefined ? undefined : String.fromCodePoint(wrong[0] ?? 0);
}

/** The characters that a glob spells out. */
function singleCharacters(tree: GlobTree): number[] {
  return tree.flatMap((part) => {
    if (part.kind === 'either') return part.options.flatMap(singleCharacters);
    const point = part.kind === 'one' ? only(part.set) : undefined;
    return point === undefined ? [] : [point];
  });
}

export const bucketNames = (pattern: Pattern): Language => matched(pattern, 'text', 'bucket');
export const tagValues = (pattern: Pattern): Language => matched(pattern, 'text', 'tag');

/** @param pattern undefined: every key */
export const keys = (pattern: Pattern | undefined): Language =>
  pattern === undefined ? legalKey.names : matched(pattern, 'key', 'key');

/** A kind of names that globs match. */
export type Kind = 'bucket' | 'key' | 'tag' | 'obs-bucket' | 'obs-key';

const legalOf: Readonly<Record<Exclude<Kind, 'tag'>, Legal>> = {
  bucket: legalBucket,
  key: legalKey,
  'obs-bucket': legalObsBucket,
  'obs-key': legalObsKey,
};

const isKeyKind = (kind: Kind): boolean => kind === 'key' || kind === 'obs-key';

/** Returns the legal names that a pattern matches. @param pattern undefined: all */
export const namesOf = (kind: Kind, pattern: Pattern | undefined): Language =>
  pattern === undefined
    ? legalOf[kind === 'tag' ? 'key' : kind].names
    : matched(pattern, isKeyKind(kind) ? 'key' : 'text', kind);

/** This is what a star may stand for in an example. */
const fillings = ['a', '', 'aaa'];

/** Returns a legal name that the pattern matches, where one is found at once; undefined says nothing. */
export function quickExample(kind: Kind, pattern: Pattern | undefined): string | undefined {
  for (const { prefix, suffix, middle } of pattern?.data.positive ?? []) {
    for (const filling of middle === 'nothing' ? [''] : fillings) {
      const name = prefix + filling + suffix;
      if (isLegalName(kind, name) && pattern?.matches(name) === true) return name;
    }
  }
  return undefined;
}

/** Says whether the service would take the name. */
export function isLegalName(kind: Kind, name: string): boolean {
  if (kind === 'tag') return [...name].length <= longestTagValue && [...name].every(isLegalInTags);
  const legal = legalOf[kind];
  const length = { characters: [...name].length, bytes: Buffer.byteLength(name) };
  return legal.fits(length) && accepts(legal.names, name);
}

/** Returns the keys that begin and end so: what a trigger lets pass. */
export function keysBetween(prefix: string, suffix: string): Language {
  const literal = (text: string) => [...text].map((character) => one(characters(character)));
  const begins = languageOf([...literal(prefix), many(everything)]);
  const ends = languageOf([many(everything), ...literal(suffix)]);
  return both(legalKey.names, both(begins, ends));
}

/** Many rules say the same of keys and tags. */
const cache = new Map<string, Language>();

/** The legal names that a pattern matches. */
function matched(pattern: Pattern, subject: GlobSubject, kind: Kind): Language {
  const id = JSON.stringify([kind, ...pattern.globs]);
  const known = cache.get(id);
  if (known !== undefined) return known;
  const parsed = parseGlobs(pattern.globs, subject);
  if ('problem' in parsed) throw new RangeError(parsed.problem);
  const language = legalNames(parsed, kind === 'tag' ? legalValue(parsed.positive) : legalOf[kind]);
  cache.set(id, language);
  return language;
}

function legalNames({ positive, negative }: ParsedGlobs, legal: Legal): Language {
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
