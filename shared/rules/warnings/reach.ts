import type { ObjectRule } from '../types.ts';
import {
  both,
  bucketNames,
  example,
  isDisjoint,
  isWithin,
  keys,
  type Language,
  tagValues,
} from './language.ts';

/** Everything that an object rule matches: any of these buckets, any of these keys, all of these tags. */
export interface Reach {
  readonly bucket: Language;
  readonly key: Language;
  readonly tags: ReadonlyMap<string, Language>;
}

export const reachOf = ({ match: { bucket, key, tags } }: ObjectRule): Reach => ({
  bucket: bucketNames(bucket),
  key: keys(key),
  tags: new Map([...tags].map(([tag, values]) => [tag, tagValues(values)])),
});

/** Whether some object matches both rules. */
export function overlap(one: Reach, other: Reach): boolean {
  return (
    !isDisjoint(one.bucket, other.bucket) &&
    !isDisjoint(one.key, other.key) &&
    [...one.tags].every(([tag, values]) => {
      const others = other.tags.get(tag);
      return others === undefined || !isDisjoint(values, others);
    })
  );
}

/** An object that both rules match, as a person writes it; undefined when there can be none. */
export function sharedObject(one: Reach, other: Reach): string | undefined {
  const bucket = example(both(one.bucket, other.bucket));
  if (bucket === undefined) return undefined;
  const key = example(both(one.key, other.key));
  if (key === undefined) return undefined;
  const tags: string[] = [];
  for (const tag of new Set([...one.tags.keys(), ...other.tags.keys()])) {
    const values = [one.tags.get(tag), other.tags.get(tag)].filter((found) => found !== undefined);
    const value = example(values.reduce(both));
    if (value === undefined) return undefined;
    tags.push(`${tag}=${value}`);
  }
  return tags.length === 0 ? `oss://${bucket}/${key}` : `oss://${bucket}/${key} with ${tags.join(', ')}`;
}

/** Whether every object that the inner rule matches is matched by the outer one too. */
export function covers(outer: Reach, inner: Reach): boolean {
  return (
    isWithin(inner.bucket, outer.bucket) &&
    isWithin(inner.key, outer.key) &&
    [...outer.tags].every(([tag, values]) => {
      const narrower = inner.tags.get(tag);
      return narrower !== undefined && isWithin(narrower, values);
    })
  );
}
