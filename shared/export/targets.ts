import * as z from 'zod';
import type { CloudName } from '../platform/address.ts';
import { failure } from '../platform/errors.ts';
import type { PolicySeen } from '../report/policy.ts';
import { urlOf } from '../report/run.ts';
import type { PostureTarget } from '../report/targets.ts';
import type { UnreadableBucket } from '../report/unreadable-bucket.ts';
import type { ObjectPrefix, Rules } from '../rules/types.ts';

/** The form of a bucket that an export reads, as it was when the export was begun. */
export const keptTarget = z.object({
  url: z.string(),
  bucket: z.string(),
  prefix: z.string(),
  /** The bucket rule that is for it; absent where none is. */
  rule: z.string().optional(),
  /** The WORM policy of a bucket with a bucket rule. */
  policy: z.object({ state: z.string(), days: z.number(), createdAt: z.coerce.date() }).optional(),
});
export type KeptTarget = z.infer<typeof keptTarget>;

/** A bucket that an export reads. */
export interface ExportTarget extends ObjectPrefix {
  readonly url: string;
  /** Its WORM policy, if a bucket rule is for it. */
  readonly policy: PolicySeen | undefined;
}

/** Returns what is kept of the buckets that an export begins with, in order. */
export const keepTargets = (cloud: CloudName, targets: readonly PostureTarget[]): KeptTarget[] =>
  targets.map(({ bucket, prefix, policy: seen }) => ({
    ...{ url: urlOf(cloud, { bucket, prefix }), bucket, prefix, rule: seen?.rule.name },
    policy: keptPolicy(seen?.policy),
  }));

const keptPolicy = (policy: PolicySeen['policy']): KeptTarget['policy'] =>
  policy && { state: policy.state, days: policy.days, createdAt: policy.createdAt };

/** Returns the buckets that an export was begun with. @throws CHECKPOINT_UNUSABLE where it names a rule that is not there */
export const targetsKept = (
  { buckets }: Pick<Rules, 'buckets'>,
  kept: readonly KeptTarget[],
  file: string,
): ExportTarget[] =>
  kept.map(({ url, bucket, prefix, rule: name, policy }) => {
    if (name === undefined) return { url, bucket, prefix, policy: undefined };
    const rule = buckets.find((each) => each.name === name);
    if (rule === undefined)
      throw failure('CHECKPOINT_UNUSABLE', { file, reason: `there is no rule ${name}` });
    return { url, bucket, prefix, policy: { rule, policy } };
  });

/** A bucket that is not as it was when the export was begun. */
export interface BucketSince {
  readonly bucket: string;
  readonly change: 'new' | 'gone' | 'unreadable';
  readonly reason: string;
}

/** The buckets of an export, and those that it could not look at. */
interface FoundBuckets {
  readonly targets: readonly ObjectPrefix[];
  readonly troubles: readonly UnreadableBucket[];
}

/**
 * Tells which buckets have come, gone, or cannot be looked at any more. Pure.
 * @param begun those that the export was begun with, and reads
 * @param now those that it would be begun with now
 */
export function bucketsSince(begun: FoundBuckets, now: FoundBuckets): BucketSince[] {
  const namesIn = (list: readonly { readonly bucket: string }[]) => new Set(list.map(({ bucket }) => bucket));
  const [targets, troubles] = [namesIn(begun.targets), namesIn(begun.troubles)];
  const there = namesIn([...now.targets, ...now.troubles]);
  const isNew = (bucket: string) => !targets.has(bucket) && !troubles.has(bucket);
  return [
    ...[...namesIn(now.targets)]
      .filter(isNew)
      .map((bucket): BucketSince => ({ bucket, change: 'new', reason: 'nothing of it is in this pack' })),
    ...[...targets]
      .filter((bucket) => !there.has(bucket))
      .map(
        (bucket): BucketSince => ({ bucket, change: 'gone', reason: 'what was read before is in this pack' }),
      ),
    ...now.troubles
      .filter(({ bucket }) => !troubles.has(bucket))
      .map(({ bucket, code, message }): BucketSince => unreadableSince({ bucket, code, message })),
  ];
}

/** Says that a bucket that was read cannot be read now. */
export const unreadableSince = ({
  bucket,
  code,
  message,
}: Pick<UnreadableBucket, 'bucket' | 'code' | 'message'>): BucketSince => ({
  ...{ bucket, change: 'unreadable', reason: `${code}: ${message}` },
});
