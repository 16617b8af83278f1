import { formatAddress } from '../../platform/address.ts';
import type { ObjectRule } from '../types.ts';
import type { Comparisons, Names, Proof } from './names.ts';

/** Everything that an object rule matches: any of these buckets, any of these keys, all of these tags. */
export interface Reach {
  readonly bucket: Names;
  readonly key: Names;
  readonly tags: ReadonlyMap<string, Names>;
}

/** Undefined: nobody knows whether the rule matches anything. */
export function reachOf({ match }: ObjectRule, compare: Comparisons): Reach | undefined {
  const bucket = compare.bucket(match.bucket);
  const key = compare.key(match.key);
  const tags = new Map<string, Names>();
  for (const [tag, values] of match.tags) {
    const names = compare.tag(values);
    if (names === undefined) return undefined;
    tags.set(tag, names);
  }
  return bucket === undefined || key === undefined ? undefined : { bucket, key, tags };
}

export const matchesNothing = ({ bucket, key, tags }: Reach): boolean =>
  [bucket, key, ...tags.values()].some(({ samples }) => samples.length === 0);

/** Says whether some object matches both rules. */
export function overlap(one: Reach, other: Reach, compare: Comparisons): Proof {
  const bucket = compare.disjoint(one.bucket, other.bucket);
  if (bucket === true) return false;
  const key = compare.disjoint(one.key, other.key);
  if (key === true) return false;
  let unknown = bucket === 'unknown' || key === 'unknown';
  for (const [tag, values] of one.tags) {
    const others = other.tags.get(tag);
    const proof = others !== undefined && compare.disjoint(values, others);
    if (proof === true) return false;
    unknown ||= proof === 'unknown';
  }
  return unknown ? 'unknown' : true;
}

/** Returns an object that both rules match, as a person writes it; undefined when there is none or nobody knows. */
export function sharedObject(one: Reach, other: Reach, compare: Comparisons): string | undefined {
  const bucket = compare.shared(one.bucket, other.bucket);
  const key = compare.shared(one.key, other.key);
  if (bucket === undefined || key === undefined) return undefined;
  const tags: string[] = [];
  for (const tag of new Set([...one.tags.keys(), ...other.tags.keys()])) {
    const [values, others] = [one.tags.get(tag), other.tags.get(tag)].filter((found) => found !== undefined);
    const value = values && (others === undefined ? values.samples[0] : compare.shared(values, others));
    if (value === undefined) return undefined;
    tags.push(`${tag}=${value}`);
  }
  const address = formatAddress(compare.cloud, { bucket, key });
  return tags.length === 0 ? address : `${address} with ${tags.join(', ')}`;
}

/** Says whether every object that the inner rule matches is matched by the outer one too. */
export function covers(outer: Reach, inner: Reach, compare: Comparisons): Proof {
  const bucket = compare.within(inner.bucket, outer.bucket);
  if (bucket === false) return false;
  const key = compare.within(inner.key, outer.key);
  if (key === false) return false;
  const proofs = [bucket, key];
  for (const [tag, values] of outer.tags) {
    const narrower = inner.tags.get(tag);
    const proof = narrower !== undefined && compare.within(narrower, values);
    if (proof === false) return false;
    proofs.push(proof);
  }
  return proofs.includes('unknown') ? 'unknown' : true;
}
