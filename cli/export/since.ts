import type { ExportState } from '../../shared/export/state.ts';
import { type BucketSince, bucketsSince, unreadableSince } from '../../shared/export/targets.ts';
import { isBucketsOwn } from '../../shared/report/run.ts';
import type { Scope } from '../../shared/report/targets.ts';
import { asUnreadableBucket } from '../../shared/report/unreadable-bucket.ts';
import type { ExportRun } from './world.ts';

/**
 * Tells which buckets are not as they were when an export was begun that is gone on with. Those that it has read to their end are asked
 * for their first page again.
 * @param found the buckets that it would be begun with now
 * @throws the signal's reason, and what listing throws that is not one bucket's own
 */
export async function findSince(
  run: Pick<ExportRun, 'storage' | 'failsAlone' | 'signal'>,
  { targets, troubles, versions }: Pick<ExportState, 'targets' | 'troubles' | 'versions'>,
  found: Scope,
): Promise<BucketSince[]> {
  const since = bucketsSince(
    { targets, troubles },
    {
      targets: found.targets,
      troubles: found.troubles.map(({ bucket, error }) => asUnreadableBucket(bucket, error)),
    },
  );
  const told = new Set([...since, ...versions.failed].map(({ bucket }) => bucket));
  for (const { url, bucket, prefix } of targets) {
    if (told.has(bucket) || !versions.done.includes(url)) continue;
    run.signal.throwIfAborted();
    try {
      await run.storage.listVersions(bucket, prefix).first();
    } catch (error) {
      if (!isBucketsOwn(run, bucket, error)) throw error;
      since.push(unreadableSince(asUnreadableBucket(bucket, error)));
    }
  }
  return since;
}
