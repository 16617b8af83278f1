import type { Progress } from '../shared/existing/checkpoint.ts';
import { keepRepair } from '../shared/existing/repairs.ts';
import type { Rules } from '../shared/rules/types.ts';
import type { Cloud } from './cloud-options.ts';
import { describeError, note } from './output.ts';
import type { Target } from './protect-options.ts';

/**
 * Notes that every version of a bucket was looked at, where the timer and `doctor` look for it; part of a bucket is no
 * repair of it. If that cannot be noted, standard error says why: the work is done all the same.
 * @param inventory its manifest; undefined: the versions were listed
 */
export async function recordRepair(
  { storage, clock }: Omit<Cloud, 'region'>,
  { deadLetters }: Rules,
  { bucket, prefix }: Target,
  inventory: string | undefined,
  { tally: { versions, changed, failed } }: Progress,
): Promise<void> {
  if (deadLetters === undefined || prefix !== '') return;
  const repair = {
    bucket,
    source: inventory ?? 'listing',
    completedAt: clock.now(),
    versions,
    changed,
    failed,
  };
  try {
    await keepRepair(storage, deadLetters, repair);
  } catch (error) {
    note(`this repair of ${bucket} is not on record: ${describeError(error).message}`);
  }
}
