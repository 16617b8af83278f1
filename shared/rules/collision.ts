import { failure, type HoldfastError } from '../platform/errors.ts';
import { bucketRules, defaultsOfBucket, objectRulesOfBucket } from './match.ts';
import type { Rules } from './types.ts';

/**
 * Returns the error of a bucket that rules of both kinds claim; undefined when at most one kind does. OSS makes
 * ObjectWorm and a bucket WORM policy exclusive, so both cannot be right.
 */
export function findCollision(rules: Rules, bucket: string): HoldfastError | undefined {
  const objects = objectRulesOfBucket(rules, bucket);
  const buckets = bucketRules(rules, bucket);
  if (buckets.length === 0) return undefined;
  const defaults = defaultsOfBucket(rules, bucket).map(({ name }) => ({ name: `${name} under defaults` }));
  if (objects.length + defaults.length === 0) return undefined;
  return failure('RULES_COLLIDE', {
    bucket,
    objectRules: ruleNames([...objects, ...defaults]),
    bucketRules: ruleNames(buckets),
  });
}

/** Names for a message, in an order that does not depend on that of the file. */
export const ruleNames = (rules: readonly { readonly name: string }[]): string =>
  rules
    .map(({ name }) => name)
    .sort()
    .join(', ');
