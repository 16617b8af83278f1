import type { CloudName } from '../platform/address.ts';
import type { Unparsed } from '../rules/duration.ts';
import { compilePattern } from '../rules/pattern.ts';
import type { Pattern } from '../rules/types.ts';

/** One place that a matter names: a glob for buckets, and one for their keys. */
export interface PlacePattern {
  readonly bucket: Pattern;
  readonly key: Pattern;
  /** Tells whether it has every key of its buckets. */
  readonly whole: boolean;
}

/** The places of a matter. An object is in them when a place has it and no place with `!` does. */
export interface MatterPlaces {
  /** The globs as they were written. */
  readonly globs: readonly string[];
  readonly included: readonly PlacePattern[];
  readonly excluded: readonly PlacePattern[];
}

/**
 * Compiles places such as `oss://fin-eu/ledger/**` or `!oss://fin-test/**`. Globs are those of the rules; a bucket
 * alone means all its keys. Places with `!` alone are refused: they would hold everything else.
 * @param cloud the one that is served; no place may be in another
 */
export function compilePlaces(globs: readonly string[], cloud: CloudName): MatterPlaces | Unparsed {
  const included: PlacePattern[] = [];
  const excluded: PlacePattern[] = [];
  for (const glob of globs) {
    const place = compilePlace(glob, cloud);
    if ('problem' in place) return place;
    (glob.startsWith('!') ? excluded : included).push(place);
  }
  if (included.length > 0) return { globs, included, excluded };
  return { problem: `expected at least one place without "!", such as ${cloud}://fin-*/**` };
}

function compilePlace(glob: string, cloud: CloudName): PlacePattern | Unparsed {
  const [, scheme, bucketGlob = '', keyGlob = ''] = /^!?([a-z]+):\/\/([^/]+)(?:\/(.*))?/s.exec(glob) ?? [];
  const quoted = JSON.stringify(glob);
  if (scheme === undefined) return { problem: `expected ${cloud}://bucket/key with globs, found ${quoted}` };
  if (scheme !== cloud) return { problem: `expected a place of ${cloud}://, found ${quoted}` };
  // A second `!` would exclude inside of the place, where it is a character.
  const bucket = compilePattern([literally(bucketGlob)], 'text');
  if ('problem' in bucket) return { problem: `${bucket.problem} in ${quoted}` };
  const key = compilePattern([keyGlob === '' ? '**' : literally(keyGlob)], 'key');
  if ('problem' in key) return { problem: `${key.problem} in ${quoted}` };
  return { bucket, key, whole: keyGlob === '' || keyGlob === '**' };
}

const literally = (glob: string): string => (glob.startsWith('!') ? `\\${glob}` : glob);

const isIn = (
  { bucket, key }: Pick<PlacePattern, 'bucket' | 'key'>,
  at: { readonly bucket: string; readonly key: string },
): boolean => bucket.matches(at.bucket) && key.matches(at.key);

/** Returns the first place that has an object, whatever is excluded. */
export const firstPlaceOf = (
  { included }: MatterPlaces,
  at: { readonly bucket: string; readonly key: string },
): PlacePattern | undefined => included.find((place) => isIn(place, at));

/** Tells whether the places have the object. */
export const placesHave = (
  { included, excluded }: MatterPlaces,
  at: { readonly bucket: string; readonly key: string },
): boolean => included.some((place) => isIn(place, at)) && !excluded.some((place) => isIn(place, at));

/** Tells whether the places may have an object of this bucket. */
export const placesReach = ({ included, excluded }: MatterPlaces, bucket: string): boolean =>
  included.some((place) => place.bucket.matches(bucket)) &&
  !excluded.some((place) => place.whole && place.bucket.matches(bucket));
