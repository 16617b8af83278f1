import { repairAges } from '../../shared/backfill/repair-age.ts';
import { finishBy } from '../../shared/platform/finish-by.ts';
import { formatInstant } from '../../shared/platform/instant.ts';
import { errorFields } from '../../shared/platform/log.ts';
import type { BucketSummary } from '../../shared/storage/port.ts';
import type { Invocation } from '../invocation.ts';

/**
 * Says how old the last completed repair of each bucket with object rules is; an old one, and none, is a warning. It is no
 * failure of the run: repeating the run would not help.
 */
export async function reportRepairs(
  invocation: Invocation,
  buckets: readonly BucketSummary[],
): Promise<void> {
  const { log, clock, deadline } = invocation;
  try {
    const ages = await finishBy(clock, deadline, 'reading the last repairs', () =>
      repairAges(invocation, buckets),
    );
    for (const { bucket, repair, ageHours, overdue, error } of ages) {
      const record = {
        bucket,
        action: overdue ? 'repair-overdue' : 'repaired',
        ...(repair && {
          source: repair.source,
          completedAt: formatInstant(repair.completedAt),
          failed: repair.failed,
        }),
        ageHours,
        ...(error === undefined ? {} : errorFields(error)),
      };
      if (!overdue) log.info(record, 'the last repair');
      else log.warn(record, repair ? 'the last repair is more than two days ago' : 'no repair is known');
    }
  } catch (error) {
    log.warn({ action: 'repair-unknown', ...errorFields(error) }, 'the last repairs are not known');
  }
}
