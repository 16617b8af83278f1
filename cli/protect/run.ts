import { mayNeedProtectApproval } from '../../shared/approvals/needed.ts';
import { type Approach, writeFirst } from '../../shared/backfill/approach.ts';
import { createPace } from '../../shared/backfill/pace/pace.ts';
import { protectExisting, type RunOptions } from '../../shared/backfill/run.ts';
import { listingSource } from '../../shared/backfill/source.ts';
import { systemClock } from '../../shared/platform/clock.ts';
import { keepHeapSmall } from '../../shared/platform/memory.ts';
import { quantity } from '../../shared/platform/quantity.ts';
import type { Rules } from '../../shared/rules/types.ts';
import { readOnly } from '../../shared/storage/dry-run.ts';
import { connect } from '../options/cloud-options.ts';
import { isStop, stopOnInterrupt } from '../terminal/interrupt.ts';
import { note, remark } from '../terminal/output.ts';
import { type ProgressLine, progressLine } from '../terminal/progress.ts';
import { evidenceOf } from '../world/evidence.ts';
import { rulesOfRun } from '../world/matter-rules.ts';
import { refuseUnlessApprovedStill } from './approval.ts';
import { checkpointWithList } from './approved-list-file.ts';
import { approvedFirst, confirmRun, inventoryOf, keepApproved, runFingerprint, wordsOf } from './begin.ts';
import { boundedStorage, rulesFor } from './bound.ts';
import { finishRun } from './finish.ts';
import type { Places, ProtectOptions, Target } from './options.ts';
import { changedWord } from './summary.ts';

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
  const begun = await beginRun(target, places, rules, options);
  const { checkpoint } = begun;
  const { signal } = stopOnInterrupt();
  if (options.json !== true)
    remark(`progress is kept in ${checkpoint.file}, the report in ${places.report.lines}`);
  const line = progressLine(systemClock);
  const pass = await passOf(begun, options, line, signal);
  try {
    const progress = await protectExisting(pass);
    line.end();
    await finishRun(begun, progress, options);
  } catch (error) {
    line.end();
    if (!isStop(signal, error)) throw error;
    note(
      `interrupted: what was begun is finished or kept in ${checkpoint.file}; the same command goes on there`,
    );
    process.exitCode = 130;
  }
}

/** Everything that a run has before its first write. */
type BegunRun = Awaited<ReturnType<typeof beginRun>>;

/** Connects, opens the versions, and finds out that the run may write them: by an approval, by the word of a person. */
async function beginRun(target: Target, places: Places, rules: Rules, options: ProtectOptions) {
  const { url } = target;
  const { concurrency } = options;
  const pace = createPace({ clock: systemClock, concurrency, qps: options.qps, readsFirst: true });
  const { direct, ...cloud } = await connect(options, (each) => pace.around(each));
  const { storage, clock } = cloud;
  const inventory = await inventoryOf(cloud, target, options);
  const all = inventory ?? listingSource(storage, target.bucket, target.prefix);
  const checkpoint = checkpointWithList(places.checkpoint);
  if (options.restart === true) await checkpoint.remove();
  // Matters are looked at while writes wait for their turn, and have it.
  const changing = rulesOfRun({ storage, clock }, rules, pace.ahead(direct));
  const atStart = await changing.now();
  const untilBegun = new AbortController(); // Ctrl-C ends it at once: nothing is begun yet
  const counting = { storage, rules: atStart.rules, clock, concurrency, signal: untilBegun.signal };
  const toApprove = {
    url,
    world: { ...cloud, rules },
    source: all,
    deps: counting,
    words: wordsOf(url, options),
  };
  const dryRun = options.dryRun === true;
  const {
    source,
    decideAt,
    run,
    approved: found,
    counted,
  } = await approvedFirst(toApprove, runFingerprint(target, rules, options, places), checkpoint, {
    dryRun,
    mattersKnown: !atStart.isPartial,
  });
  await confirmRun({ url, source, run, counted }, { ...counting, decideAt }, checkpoint, options);
  const approved = await refuseUnlessApprovedStill(toApprove, found);
  const about = { target, places, rules, cloud, pace, dryRun };
  return { ...about, source, inventory, checkpoint, run, decideAt, approved, toApprove, changing, atStart };
}

/** Says how the versions of a run are gone over. Who has approved it is in the evidence then. @throws AUDIT_UNWRITTEN, CHECKPOINT_UNUSABLE */
async function passOf(
  begun: BegunRun,
  options: ProtectOptions,
  line: ProgressLine,
  signal: AbortSignal,
): Promise<RunOptions> {
  const { target, places, rules, cloud, pace, dryRun, checkpoint, run, decideAt, approved } = begun;
  const { storage, clock, caller } = cloud;
  const ownStorage = dryRun ? readOnly(storage, () => undefined) : storage;
  const guardedStorage =
    !dryRun && mayNeedProtectApproval(rules)
      ? await boundedStorage(cloud, rules, { approved, checkpoint, run })
      : ownStorage;
  // An approval is of the versions: it bounds neither number nor dates of the evidence.
  const evidence = evidenceOf('holdfast protect', { storage: ownStorage, rules, clock, caller });
  await keepApproved(evidence, target.url, approved);
  return {
    deps: {
      storage: guardedStorage,
      rules: begun.atStart.rules,
      clock,
      concurrency: options.concurrency,
      signal,
      rulesNow: rulesFor(begun.changing, decideAt),
      decideAt,
      approach: approachOf(options, rules),
    },
    source: begun.source,
    target: target.url,
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
  };
}

/** A dry run, a limit and an approval have to know what would change, which only a look tells. */
function approachOf({ lookFirst, dryRun, maxObjects }: ProtectOptions, rules: Rules): Approach | undefined {
  const isLimited = maxObjects !== undefined || mayNeedProtectApproval(rules);
  const look = lookFirst === true || dryRun === true || isLimited;
  return look ? undefined : writeFirst();
}
