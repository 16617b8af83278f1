import { bucketRules, candidates, defaultsOfBucket, objectRulesOfBucket } from '../rules/match.ts';
import type { Rules } from '../rules/types.ts';

/** This is what an export is about. */
export interface ExportScope {
  readonly rules: Rules;
  /** The names of the rules that were asked for. */
  readonly chosen: ReadonlySet<string>;
  /** Undefined: every bucket. */
  readonly buckets: ReadonlySet<string> | undefined;
  /** From this instant on; undefined: from the first on. */
  readonly from: Date | undefined;
  /** Before this instant; undefined: until the export. */
  readonly until: Date | undefined;
}

/** Tells whether an instant is in the period. */
export const isInPeriod = ({ from, until }: Pick<ExportScope, 'from' | 'until'>, at: Date): boolean =>
  (from === undefined || at >= from) && (until === undefined || at < until);

/** Tells whether a bucket was asked for. */
export const isBucketAsked = ({ buckets }: Pick<ExportScope, 'buckets'>, bucket: string): boolean =>
  buckets === undefined || buckets.has(bucket);

/** Tells whether one of the chosen rules may be for a key. */
export const mayConcernKey = ({ rules, chosen }: ExportScope, bucket: string, key: string): boolean =>
  candidates(rules, bucket, key).some(({ name }) => chosen.has(name)) ||
  bucketRules(rules, bucket).some(({ name }) => chosen.has(name));

/** Tells whether one of the chosen rules is for a bucket, for its default retention, or for some of its keys. */
export const mayConcernBucket = (scope: Pick<ExportScope, 'rules' | 'chosen'>, bucket: string): boolean =>
  mayConcernVersions(scope, bucket) ||
  defaultsOfBucket(scope.rules, bucket).some(({ name }) => scope.chosen.has(name));

/** Tells whether one of the chosen rules may be for versions of a bucket: a rule for its default retention is for none. */
export const mayConcernVersions = (
  { rules, chosen }: Pick<ExportScope, 'rules' | 'chosen'>,
  bucket: string,
): boolean =>
  [...objectRulesOfBucket(rules, bucket), ...bucketRules(rules, bucket)].some(({ name }) => chosen.has(name));
