import type { Clock } from '../platform/clock.ts';
import { failure } from '../platform/errors.ts';
import { day, hour } from '../platform/instant.ts';
import { findCollision } from '../rules/collision.ts';
import { objectRulesOfBucket } from '../rules/match.ts';
import type { Rules } from '../rules/types.ts';
import type { BucketSummary, StorageReads } from '../storage/port.ts';
import { type Repair, repairsOf, seenUpTo } from './repairs.ts';

/** An inventory comes daily; one that failed may be missed, two may not. */
const overdueMs = 2 * day;

/** This is how often a bucket is repaired by listing it, where no inventory does. */
export const repairEveryMs = day;

/**
 * This is how old a bucket's last repair is, counted from the instant that its source describes: what was uploaded
 * later was not seen. Without a repair there was none, or its record cannot be read.
 */
export interface RepairAge {
  readonly bucket: string;
  readonly repair?: Repair;
  /** Whole hours. */
  readonly ageHours?: number;
  readonly overdue: boolean;
  readonly error?: unknown;
}

/**
 * Returns the age of the last completed repair of every bucket that object rules match.
 * @param buckets of the account; those in another region, or claimed by bucket rules too, are left out
 * @throws REPAIR_PLACE_UNSET, and what listing throws
 */
export async function repairAges(
  deps: {
    readonly storage: StorageReads;
    readonly rules: Rules;
    readonly clock: Clock;
    readonly region: string;
  },
  buckets: readonly BucketSummary[],
): Promise<RepairAge[]> {
  const { storage, rules, clock } = deps;
  const concerned = buckets.filter(
    ({ name, region }) =>
      region === deps.region &&
      objectRulesOfBucket(rules, name).length > 0 &&
      findCollision(rules, name) === undefined,
  );
  if (concerned.length === 0) return [];
  if (rules.deadLetters === undefined) throw failure('REPAIR_PLACE_UNSET', { what: 'repairs' });
  const found = new Map((await repairsOf(storage, rules.deadLetters)).map((each) => [each.bucket, each]));
  const now = clock.now().getTime();
  return concerned.map(({ name: bucket }): RepairAge => {
    const last = found.get(bucket);
    if (last === undefined) return { bucket, overdue: true };
    if ('error' in last) return { bucket, overdue: true, error: last.error };
    const ageMs = now - seenUpTo(last.repair).getTime();
    return { bucket, repair: last.repair, ageHours: Math.floor(ageMs / hour), overdue: ageMs > overdueMs };
  });
}
