import { refuse } from './errors.ts';

export type Tags = Readonly<Record<string, string>>;

/**
 * Reads the x-oss-tagging header: `key=value&key2=value2`, percent-encoded. ossutil 1 encodes twice; since no tag
 * may hold a `%`, what still looks encoded is decoded once more, so that the tag its user typed is stored.
 * @throws InvalidTag
 */
export function readTagHeader(text: string): Tags {
  if (text === '') return {};
  const pairs = text.split('&').filter((pair) => pair !== '');
  return checkTags(
    pairs.map((pair) => {
      const [key = '', ...value] = pair.split('=');
      return [decode(key), decode(value.join('='))] as const;
    }),
  );
}

/**
 * Documented limits: at most 10 tags on an object (20 on a bucket), keys of 1 to 128 and values of up to 256
 * characters; letters, digits, spaces and `+ - = . _ : /`; every key once.
 * @throws InvalidTag
 */
export function checkTags(pairs: readonly (readonly [string, string])[], most = 10): Tags {
  const allowed = /^[\p{L}\p{N} +\-=._:/]*$/u;
  const isValid = pairs.every(
    ([key, value]) =>
      key.length >= 1 && key.length <= 128 && value.length <= 256 && allowed.test(key) && allowed.test(value),
  );
  const tags = Object.fromEntries(pairs);
  if (!isValid || pairs.length > most || Object.keys(tags).length !== pairs.length)
    throw refuse('InvalidTag');
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
