import { refuse } from './errors.ts';

export type Tags = Readonly<Record<string, string>>;

/**
 * Reads the x-oss-tagging header: `key=value&key2=value2`, percent-encoded. ossutil 1 encodes twice; since no tag
 * may hold a `%`, what still looks encoded is decoded once more, so that the tag its user typed is stored.
 * @throws InvalidTag
 */
export function readTagHeader(text: string): Tags {
  if (text === '') return noTags;
  const pairs = text.split('&').filter((pair) => pair !== '');
  return checkTags(
    pairs.map((pair) => {
      const [key = '', ...value] = pair.split('=');
      return [decode(key), decode(value.join('='))] as const;
    }),
  );
}

const noTags: Tags = {};

/**
 * Documented limits: at most 10 tags on an object, keys of 1 to 128 and values of up to 256 characters; letters, digits,
 * spaces and `+ - = . _ : /`; every key once.
 * @throws InvalidTag
 */
export function checkTags(pairs: Pairs): Tags {
  checkSizes(pairs, 10);
  return checkTagTexts(pairs);
}

/** Checks tags that are only compared with those of objects, in a rule: their number and lengths are free (oss2's suite). */
export function checkTagTexts(pairs: Pairs): Tags {
  const allowed = /^[\p{L}\p{N} +\-=._:/]+$/u;
  if (pairs.some(([key, value]) => !allowed.test(key) || (value !== '' && !allowed.test(value)))) {
    throw refuse('InvalidTag');
  }
  return unique(pairs);
}

/** Checks the tags of a bucket: at most 20, of the same lengths, and of any characters (oss2's suite). @throws InvalidTag */
export function checkBucketTags(pairs: Pairs): Tags {
  checkSizes(pairs, 20);
  return unique(pairs);
}

type Pairs = readonly (readonly [string, string])[];

function checkSizes(pairs: Pairs, most: number): void {
  const isSmall = pairs.every(([key, value]) => key.length >= 1 && key.length <= 128 && value.length <= 256);
  if (!isSmall || pairs.length > most) throw refuse('InvalidTag');
}

function unique(pairs: Pairs): Tags {
  const tags = Object.fromEntries(pairs);
  if (Object.keys(tags).length !== pairs.length) throw refuse('InvalidTag');
  return tags;
}

function decode(text: string): string {
  try {
    const once = decodeURIComponent(text.replace(/\+/g, ' '));
    return once.includes('%') ? decodeURIComponent(once) : once;
  } catch (cause) {
    if (cause instanceof URIError) throw refuse('InvalidTag');
    throw cause;
  }
}
