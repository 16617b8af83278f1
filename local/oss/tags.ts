import { refuse } from './errors.ts';

export type Tags = Readonly<Record<string, string>>;

/**
 * Reads the x-oss-tagging header: `key=value&key2=value2`, percent-encoded once.
 * @throws InvalidTag
 */
export function readTagHeader(text: string): Tags {
  const pairs = text.split('&').filter((pair) => pair !== '');
  return checkTags(
    pairs.map((pair) => {
      const [key = '', ...value] = pair.split('=');
      return [decode(key), decode(value.join('='))] as const;
    }),
  );
}

/**
 * Documented limits: at most 10 tags, keys of 1 to 128 and values of up to 256 characters; letters, digits, spaces
 * and `+ - = . _ : /`; every key once.
 * @throws InvalidTag
 */
export function checkTags(pairs: readonly (readonly [string, string])[]): Tags {
  const allowed = /^[\p{L}\p{N} +\-=._:/]*$/u;
  const isValid = pairs.every(
    ([key, value]) =>
      key.length >= 1 && key.length <= 128 && value.length <= 256 && allowed.test(key) && allowed.test(value),
  );
  const tags = Object.fromEntries(pairs);
  if (!isValid || pairs.length > 10 || Object.keys(tags).length !== pairs.length) throw refuse('InvalidTag');
  return tags;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replace(/\+/g, ' '));
  } catch (cause) {
    if (cause instanceof URIError) throw refuse('InvalidTag');
    throw cause;
  }
}
