import { mayNeedProtectApproval } from '../../shared/approvals/needed.ts';
import { type Approach, writeFirst } from '../../shared/backfill/approach.ts';
import { limitOfRun, refuseBeyond } from '../../shared/backfill/limit.ts';
import { createPace } from '../../shared/backfill/pace/pace.ts';
import { protectExisting } from '../../shared/backfill/run.ts';
import { listingSource } from '../../shared/backfill/source.ts';
import { formatAddress } from '../../shared/platform/address.ts';
import { systemClock } from '../../shared/platform/clock.ts';
import { failure, type HoldfastError } from '../../shared/platform/errors.ts';
import { keepHeapSmall } from '../../shared/platform/memory.ts';
import { quantity } from '../../shared/platform/quantity.ts';
import type { Rules } from '../../shared/rules/types.ts';
import { readOnly } from '../../shared/storage/dry-run.ts';
import { mayLockObjects } from '../../shared/storage/may-lock-objects.ts';
import type { ObjectStore } from '../../shared/storage/port.ts';
import { connect } from '../options/cloud-options.ts';
import { isStop, stopOnInterrupt } from '../terminal/interrupt.ts';
import { note, remark, show, showError } from '../terminal/output.ts';
import { progressLine } from '../terminal/progress.ts';
import { evidenceOf } from '../world/evidence.ts';
import { rulesOfRun } from '../world/matter-rules.ts';
import { refuseUnlessApprovedStill, runToApprove } from './approval.ts';
import { checkpointWithList, removePlanned } from './approved-list-file.ts';
import { approvedFirst, confirmRun, inventoryOf, keepApproved, runFingerprint, wordsOf } from './begin.ts';
import { boundedStorage, rulesFor } from './bound.ts';
import { failuresIn } from './failures.ts';
import type { Places, ProtectOptions, Target } from './options.ts';
import { recordRepair, repairSource, withMattersKnown } from './repair-record.ts';
import { store } from './store.ts';
import { changedWord, summary } from './summary.ts';

/**
 * Protects the versions of a target from this machine. A stop by Ctrl-C is told, and sets the exit code, as does what is
 * not known of open matters.
 * @throws what connecting, reading, asking and writing throw; TOO_MANY_OBJECTS, OBJECT_WORM_OFF
 */
export async function protectHere(
  target: Target,
  places: Places,
  rules: Rules,
  options: ProtectOptions,
): Promise<void> {
  keepHeapSmall();
  const { url } = target;
  const pace = createPace({
    clock: systemClock,
    concurrency: options.concurrency,
    qps: options.qps,
    readsFirst: true,
  });
  const { direct, ...cloud } = await connect(options, (each) => pace.around(each));
  const { storage, clock, caller } = cloud;
  const inventory = await inventoryOf(cloud, target, options);
  const all = inventory ?? listingSource(storage, target.bucket, target.prefix);
  const checkpoint = checkpointWithList(places.checkpoint);
  if (options.restart === true) await checkpoint.remove();

  const { concurrency } = options;
  // Matters are looked at while writes wait for their turn, and have it.
  const changing = rulesOfRun({ storage, clock }, rules, pace.ahead(direct));
  const begun = await changing.now();
  const untilBegun = new AbortController(); // Ctrl-C ends it at once: nothing is begun yet
  const counting = { storage, rules: begun.rules, clock, concurrency, signal: untilBegun.signal };
  const toApprove = {
    url,
    world: { ...cloud, rules },
    source: all,
    deps: counting,
    words: wordsOf(url, options),
  };
  const { source, decideAt, run, approved, counted } = await approvedFirst(
    toApprove,
    runFingerprint(target, rules, options, places),
    checkpoint,
    { dryRun: options.dryRun === true, mattersKnown: !begun.isPartial },
  );
  await confirmRun({ url, source, run, counted }, { ...counting, decideAt }, checkpoint, options);
  await refuseUnlessApprovedStill(toApprove, approved);
  const { signal } = stopOnInterrupt();
  if (options.json !== true)
    remark(`progress is kept in ${checkpoint.file}, the report in ${places.report.lines}`);
  const line = progressLine(systemClock);
  const dryRun = options.dryRun === true;
  const ownStorage = dryRun ? readOnly(storage, () => undefined) : storage;
  const guardedStorage =
    !dryRun && mayNeedProtectApproval(rules)
      ? await boundedStorage(cloud, rules, { approved, checkpoint, run })
      : ownStorage;
  // An approval is of the versions: it bounds neither number nor dates of the evidence.
  const evidence = evidenceOf('holdfast protect', { storage: ownStorage, rules, clock, caller });
  await keepApproved(evidence, url, approved);
  try {
    const progress = await protectExisting({
      deps: {
        storage: guardedStorage,
        rules: begun.rules,
        clock,
        concurrency,
        signal,
        rulesNow: rulesFor(changing, decideAt),
        decideAt,
        approach: approachOf(options, rules),
      },
      source,
      target: url,
      checkpoint,
      report: places.report,
      run,
      maxObjects: dryRun ? undefined : options.maxObjects,
      requests: pace.requests,
      onLines: (lines) => evidence.keep(lines.map(({ result, ...about }) => ({ ...about, action: result }))),
      onAnew: () => remark('open matters were not known when it was begun, and are now: it begins anew'),
      onResume: ({ tally }) => remark(`going on after ${quantity(tally.versions, 'version')}`),
      onCounting: (versions) => line.show({ versions, words: 'counting what would change', done: undefined }),
      onProgress: ({ tally }, done) =>
        line.show({
          versions: tally.versions,
          words: `${tally.changed} ${changedWord(options)}, ${tally.failed} failed`,
          done,
        }),
    });
    line.end();
    if (!dryRun) {
      const found = repairSource(options.inventory, inventory?.manifest, progress, clock.now(), approved);
      await recordRepair(
        { storage, clock },
        rules,
        target,
        withMattersKnown(found, changing.unknown(progress.mattersUnknown)),
        progress,
      );
    }
    const stored = await store(storage, places, progress);
    await checkpoint.remove();
    await removePlanned(approved, progress.tally.failed);
    const wouldChange = dryRun && progress.tally.changed > 0;
    if (wouldChange) await refuseUnlocked(storage, target);
    const toBeApproved = wouldChange ? await runToApprove(toApprove) : undefined;
    const failures = progress.tally.failed > 0 ? await failuresIn(rules.cloud, places.report.lines) : [];
    show(
      summary({ progress, places, stored, dryRun, failures, toBeApproved, left: approved?.left }),
      options,
    );
    refuseBeyond(limitOfRun(options.maxObjects, url), progress.tally.changed); // a dry run says what the real run would
    failForUnknown(changing.unknown(progress.mattersUnknown));
  } catch (error) {
    line.end();
    if (!isStop(signal, error)) throw error;
    note(
      `interrupted: what was begun is finished or kept in ${checkpoint.file}; the same command goes on there`,
    );
    process.exitCode = 130;
  }
}

/** A dry run, a limit and an approval have to know what would change, which only a look tells. */
function approachOf({ lookFirst, dryRun, maxObjects }: ProtectOptions, rules: Rules): Approach | undefined {
  const isLimited = maxObjects !== undefined || mayNeedProtectApproval(rules);
  const look = lookFirst === true || dryRun === true || isLimited;
  return look ? undefined : writeFirst();
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
