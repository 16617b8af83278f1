import {
  type CharSet,
  characters,
  complement,
  has,
  withoutSet as minus,
  only,
  ranges,
  unionOfSets as sets,
} from '../glob/charset.ts';
import { accepts, type Language, languageOf } from '../glob/language.ts';
import type { GlobTree } from '../glob/parse.ts';
import type { LeastLength } from '../glob/shape.ts';
import { parseGlobs } from '../pattern.ts';
import type { Pattern } from '../types.ts';

/** Says which names a service takes. */
export interface LegalNames {
  readonly names: Language;
  /** Tells whether some legal name is as long as this. */
  fits(length: LeastLength): boolean;
}

/** Makes the part of a glob that is one character of a set. */
export const onePart = (set: CharSet) => ({ kind: 'one', set }) as const;
/** Makes the part of a glob that is any number of characters of a set. */
export const manyPart = (set: CharSet) => ({ kind: 'many', set, deep: false }) as const;

const lowerOrDigit = ranges([0x61, 0x7a], [0x30, 0x39]);
const inBucket = sets(lowerOrDigit, characters('-'));

/** This is what OSS takes as a bucket name (documented: PutBucket): 3 to 63 lower-case letters, digits and hyphens. */
const legalBucket: LegalNames = {
  names: languageOf([onePart(lowerOrDigit), onePart(inBucket), manyPart(inBucket), onePart(lowerOrDigit)]),
  fits: ({ characters: least }) => least <= 63,
};

/** OBS takes periods in bucket names too (documented: "Creating a Bucket"). */
const legalObsBucket: LegalNames = {
  names: languageOf([
    onePart(lowerOrDigit),
    onePart(sets(inBucket, characters('.'))),
    manyPart(sets(inBucket, characters('.'))),
    onePart(lowerOrDigit),
  ]),
  fits: legalBucket.fits,
};

/** UTF-8, in which names travel, has no halves of characters. */
const unicode = complement(ranges([0xd800, 0xdfff]));

/**
 * This is what OSS takes as a key (documented: object naming conventions): 1 to 1,023 bytes, no slash or backslash
 * first.
 */
const legalKey: LegalNames = {
  names: languageOf([onePart(minus(unicode, characters('/\\'))), manyPart(unicode)]),
  fits: ({ bytes }) => bytes <= 1023,
};

/** OBS takes 1 to 1,024 bytes as a key; that it refuses a slash in front is documented nowhere. */
const legalObsKey: LegalNames = {
  names: languageOf([onePart(unicode), manyPart(unicode)]),
  fits: ({ bytes }) => bytes <= 1024,
};

/** In ASCII OSS takes letters, digits, spaces and these in names and values of tags (documented: PutObjectTagging). */
const asciiInTags = sets(lowerOrDigit, ranges([0x41, 0x5a]), characters(' +-=._:/'));
/** Beyond ASCII and its control characters only what is no letter and no digit is known to be refused. */
const inTags = sets(asciiInTags, minus(ranges([0xa0, 0x10ffff]), ranges([0xd800, 0xdfff])));
const letterOrDigit = /^[\p{L}\p{M}\p{N}]$/u;

export const longestTagName = 128;
export const longestTagValue = 256;

/** Tells whether OSS may store a character in the name or the value of a tag. */
export function isLegalInTags(character: string): boolean {
  const point = character.codePointAt(0) ?? 0;
  return point < 0x80 ? has(asciiInTags, point) : letterOrDigit.test(character);
}

const anyTagValue = languageOf([manyPart(inTags)]);

function legalValue(trees: readonly GlobTree[]): LegalNames {
  const refused = trees
    .flatMap(singleCharacters)
    .filter((point) => point >= 0x80 && !letterOrDigit.test(String.fromCodePoint(point)));
  const names =
    refused.length === 0
      ? anyTagValue
      : languageOf([
          manyPart(minus(inTags, ranges(...refused.map((point): [number, number] => [point, point])))),
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

/** A kind of names that globs match. */
export type NameKind = 'bucket' | 'key' | 'tag' | 'obs-bucket' | 'obs-key';

const fixed: Readonly<Record<Exclude<NameKind, 'tag'>, LegalNames>> = {
  bucket: legalBucket,
  key: legalKey,
  'obs-bucket': legalObsBucket,
  'obs-key': legalObsKey,
};

/** Returns the names of a kind that the service takes. @param trees the globs that are to match values of a tag */
export const legalNames = (kind: NameKind, trees: readonly GlobTree[] = []): LegalNames =>
  kind === 'tag' ? legalValue(trees) : fixed[kind];

/** Tells whether the service would take the name. */
export function isLegalName(kind: NameKind, name: string): boolean {
  if (kind === 'tag') return [...name].length <= longestTagValue && [...name].every(isLegalInTags);
  const legal = fixed[kind];
  const length = { characters: [...name].length, bytes: Buffer.byteLength(name) };
  return legal.fits(length) && accepts(legal.names, name);
}
