import type { Reply } from '../reply.ts';
import type { FaultOf } from './rules.ts';

type Limit = FaultOf<'stale'>['stale'];
type Answer = () => Reply;

/** Operations whose effect GetBucketWorm may show late. It has been seen after Extend (terraform-provider-alicloud). */
export const policyWrites: ReadonlySet<string> = new Set([
  'InitiateBucketWorm',
  'CompleteBucketWorm',
  'ExtendBucketWorm',
  'AbortBucketWorm',
]);

/** This is what GetBucketWorm goes on showing of buckets whose policy has changed. */
export interface StaleReads {
  remember(bucket: string, limit: Limit, before: Answer, now: Date): void;
  /** The old answer, which may be a refusal that it throws; undefined when the read shows what is there. */
  recall(bucket: string, now: Date): Answer | undefined;
  clear(): void;
}

export function createStaleReads(): StaleReads {
  const remembered = new Map<string, { before: Answer; until: number; reads: number }>();
  return {
    remember(bucket, limit, before, now) {
      const until = 'ms' in limit ? now.getTime() + limit.ms : Number.POSITIVE_INFINITY;
      remembered.set(bucket, {
        before,
        until,
        reads: 'reads' in limit ? limit.reads : Number.POSITIVE_INFINITY,
      });
    },
    recall(bucket, now) {
      const entry = remembered.get(bucket);
      if (entry === undefined) return undefined;
      if (now.getTime() >= entry.until || entry.reads === 0) {
        remembered.delete(bucket);
        return undefined;
      }
      entry.reads -= 1;
      return entry.before;
    },
    clear: () => remembered.clear(),
  };
}
