import type { Checkpoint, Progress } from '../../shared/backfill/checkpoint.ts';
import { limitOfRun, refuseBeyond } from '../../shared/backfill/limit.ts';
import type { RulesOfRun } from '../../shared/matters/rules-of-run.ts';
import { formatAddress } from '../../shared/platform/address.ts';
import { failure, type HoldfastError } from '../../shared/platform/errors.ts';
import type { Rules } from '../../shared/rules/types.ts';
import { mayLockObjects } from '../../shared/storage/may-lock-objects.ts';
import type { ObjectStore } from '../../shared/storage/port.ts';
import type { Cloud } from '../options/cloud-options.ts';
import { show, showError } from '../terminal/output.ts';
import { type ApprovedRun, type RunToApprove, runToApprove } from './approval.ts';
import { removePlanned } from './approved-list-file.ts';
import type { inventoryOf } from './begin.ts';
import { failuresIn } from './failures.ts';
import type { Places, ProtectOptions, Target } from './options.ts';
import { recordRepair, repairSource, withMattersKnown } from './repair-record.ts';
import { store } from './store.ts';
import { summary } from './summary.ts';

/** A run whose versions were all gone over. */
interface RunToFinish {
  readonly target: Target;
  readonly places: Places;
  readonly rules: Rules;
  readonly cloud: Pick<Cloud, 'storage' | 'clock'>;
  readonly inventory: Awaited<ReturnType<typeof inventoryOf>>;
  readonly checkpoint: Checkpoint;
  readonly approved: ApprovedRun['approved'];
  readonly toApprove: RunToApprove;
  readonly changing: RulesOfRun;
}

/**
 * Ends a run: its repair is recorded, its report stored, its checkpoint removed, and what it has come to is shown.
 * @throws TOO_MANY_OBJECTS, OBJECT_WORM_OFF, and what storing throws
 */
export async function finishRun(
  { target, places, rules, cloud, inventory, checkpoint, approved, toApprove, changing }: RunToFinish,
  progress: Progress,
  options: ProtectOptions,
): Promise<void> {
  const { storage, clock } = cloud;
  const dryRun = options.dryRun === true;
  const { tally } = progress;
  if (!dryRun) {
    const found = repairSource(options.inventory, inventory?.manifest, progress, clock.now(), approved);
    const known = withMattersKnown(found, changing.unknown(progress.mattersUnknown));
    await recordRepair({ storage, clock }, rules, target, known, progress);
  }
  const stored = await store(storage, places, progress);
  await checkpoint.remove();
  await removePlanned(approved, tally.failed);
  const wouldChange = dryRun && tally.changed > 0;
  if (wouldChange) await refuseUnlocked(storage, target);
  const toBeApproved = wouldChange ? await runToApprove(toApprove) : undefined;
  const failures = tally.failed > 0 ? await failuresIn(rules.cloud, places.report.lines) : [];
  show(summary({ progress, places, stored, dryRun, failures, toBeApproved, left: approved?.left }), options);
  refuseBeyond(limitOfRun(options.maxObjects, target.url), tally.changed); // a dry run says what the real run would
  failForUnknown(changing.unknown(progress.mattersUnknown));
}

/** Sets the exit code of a run that did what the rules ask for, and may have had to renew more. Standard output has its report. */
function failForUnknown(unknown: readonly HoldfastError[]): void {
  for (const error of unknown) showError(error, false);
}

/**
 * The first write would show that a bucket takes no retention, and a dry run makes none. Whoever may not look learns it from the run.
 * @throws OBJECT_WORM_OFF, WORM_NOT_OFFERED
 */
async function refuseUnlocked(storage: ObjectStore, { bucket }: Target): Promise<void> {
  if (await mayLockObjects(storage, bucket)) return;
  throw failure('OBJECT_WORM_OFF', { bucket, target: formatAddress(storage.cloud, { bucket }) });
}
