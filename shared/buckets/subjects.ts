import { failure, type HoldfastError } from '../platform/errors.ts';
import { findCollision, ruleNames } from '../rules/collision.ts';
import { bucketRules } from '../rules/match.ts';
import type { BucketRule, ObjectRule, Rules } from '../rules/types.ts';
import type { BucketSummary } from '../storage/port.ts';

/** A bucket that exactly one bucket rule matches, here. */
export interface BucketSubject {
  readonly bucket: string;
  readonly rule: BucketRule;
}

/** A bucket that a rule matches and that cannot be served, and why. */
export interface FailedBucket {
  readonly bucket: string;
  readonly rule: string;
  readonly error: unknown;
}

/**
 * Finds the buckets that the bucket rules match, among all buckets of the account. A bucket in another
 * region, one that two kinds of rules claim, and one that a rule names and nobody has are troubles, never
 * left out silently.
 */
export function findSubjects(
  rules: Rules,
  buckets: readonly BucketSummary[],
  region: string,
): { subjects: BucketSubject[]; troubles: FailedBucket[] } {
  const subjects: BucketSubject[] = [];
  const troubles: FailedBucket[] = missingBuckets(
    rules.buckets,
    new Set(buckets.map((bucket) => bucket.name)),
  );
  for (const bucket of buckets) {
    const matching = bucketRules(rules, bucket.name);
    const [rule] = matching;
    if (rule === undefined) continue;
    const error = whyNotServed(rules, bucket, matching, region);
    if (error === undefined) subjects.push({ bucket: bucket.name, rule });
    else troubles.push({ bucket: bucket.name, rule: ruleNames(matching), error });
  }
  return { subjects, troubles };
}

function whyNotServed(
  rules: Rules,
  { name: bucket, region: there }: BucketSummary,
  matching: readonly BucketRule[],
  here: string,
): HoldfastError | undefined {
  const collision = findCollision(rules, bucket);
  if (collision !== undefined) return collision;
  if (matching.length > 1)
    return failure('BUCKET_RULES_OVERLAP', { bucket, bucketRules: ruleNames(matching) });
  if (there !== here) {
    return failure('BUCKET_ELSEWHERE', { rule: ruleNames(matching), bucket, region: there, here });
  }
  return undefined;
}

/** Rules that spell a bucket's name out expect it to exist; a glob may match nothing. */
export function missingBuckets(
  rules: readonly Pick<BucketRule | ObjectRule, 'name' | 'match'>[],
  existing: ReadonlySet<string>,
): FailedBucket[] {
  return rules.flatMap(({ name: rule, match }) =>
    match.bucket.globs
      .filter((glob) => /^[a-z0-9-]+$/.test(glob) && !existing.has(glob))
      .map((bucket) => ({ bucket, rule, error: failure('BUCKET_MISSING', { rule, bucket }) })),
  );
}
