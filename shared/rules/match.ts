import { indexOf } from './rules-index.ts';
import type { BucketRule, DefaultRule, ObjectRule, Pattern, Rules } from './types.ts';

/** Returns the object rules that may be for this key: bucket and key match, the tags are not known yet. */
export function candidates(rules: Rules, bucket: string, key: string): ObjectRule[] {
  return indexOf(rules).candidates(bucket, key);
}

/** Returns the object rules that match this object, in the order of the file. */
export function matchingRules(
  rules: Rules,
  bucket: string,
  key: string,
  tags: ReadonlyMap<string, string>,
): ObjectRule[] {
  return indexOf(rules)
    .candidatesWithTags(bucket, key, tags)
    .filter((rule) => tagsMatch(rule, tags));
}

/** Returns the object rules that are for keys of this bucket. */
export function objectRulesOfBucket(rules: Rules, bucket: string): readonly ObjectRule[] {
  return indexOf(rules).bucket(bucket).objects;
}

/** Returns the bucket rules that are for this bucket. */
export function bucketRules(rules: Rules, bucket: string): readonly BucketRule[] {
  return indexOf(rules).bucket(bucket).buckets;
}

/** Returns the rules for default retention that are for this bucket. */
export const defaultsOfBucket = ({ defaults }: Rules, bucket: string): readonly DefaultRule[] =>
  defaults.filter(({ match }) => match.bucket.matches(bucket));

/** Tells whether the object's tags must be known to match the rule or to compute its date. */
export function readsTags(rule: ObjectRule): boolean {
  return rule.match.tags.size > 0 || ('tag' in rule.retain && rule.matter === undefined);
}

/** Tells whether every tag that the rule names is there, with a value that matches. */
export function tagsMatch(rule: ObjectRule, tags: ReadonlyMap<string, string>): boolean {
  return firstTagMismatch(rule, tags) === undefined;
}

/**
 * Tells whether a rule is for an object, and if not, the first reason: bucket, then key, then tags in the rule's
 * order.
 */
export type Match = { readonly matched: true } | ({ readonly matched: false } & Mismatch);

export type Mismatch =
  | { readonly part: 'bucket' | 'key'; readonly value: string; readonly globs: readonly string[] }
  | {
      readonly part: 'tag';
      readonly tag: string;
      /** undefined: the object has no such tag. */
      readonly value: string | undefined;
      readonly globs: readonly string[];
    };

/** Says whether and why; `holdfast explain` prints it. */
export function explainMatch(
  rule: ObjectRule,
  bucket: string,
  key: string,
  tags: ReadonlyMap<string, string>,
): Match {
  const mismatch =
    nameMismatch('bucket', rule.match.bucket, bucket) ??
    nameMismatch('key', rule.match.key, key) ??
    firstTagMismatch(rule, tags);
  return mismatch === undefined ? { matched: true } : { matched: false, ...mismatch };
}

function nameMismatch(
  part: 'bucket' | 'key',
  pattern: Pattern | undefined,
  value: string,
): Mismatch | undefined {
  if (pattern === undefined || pattern.matches(value)) return undefined;
  return { part, value, globs: pattern.globs };
}

function firstTagMismatch(rule: ObjectRule, tags: ReadonlyMap<string, string>): Mismatch | undefined {
  for (const [tag, pattern] of rule.match.tags) {
    const value = tags.get(tag);
    if (value === undefined || !pattern.matches(value)) {
      return { part: 'tag', tag, value, globs: pattern.globs };
    }
  }
  return undefined;
}
