import type { Command } from 'commander';
import { approvalRecord } from '../shared/approvals/fields.ts';
import { mayNeedProtectApproval } from '../shared/approvals/needed.ts';
import { hashSubjects } from '../shared/approvals/subject.ts';
import { type Approach, writeFirst } from '../shared/backfill/approach.ts';
import { type Checkpoint, fileCheckpoint, type Progress } from '../shared/backfill/checkpoint.ts';
import type { Manifest } from '../shared/backfill/inventory/manifest.ts';
import { inventorySource } from '../shared/backfill/inventory/source.ts';
import { lockFile } from '../shared/backfill/lock.ts';
import { createPace } from '../shared/backfill/pace/pace.ts';
import { whyNoRepair } from '../shared/backfill/repairs.ts';
import { protectExisting } from '../shared/backfill/run.ts';
import type { ShardDeps } from '../shared/backfill/shard.ts';
import { listingSource } from '../shared/backfill/source.ts';
import { formatAddress } from '../shared/platform/address.ts';
import { systemClock } from '../shared/platform/clock.ts';
import { failure, hasCode } from '../shared/platform/errors.ts';
import { keepNewSpaceSmall } from '../shared/platform/memory.ts';
import { quantity } from '../shared/platform/quantity.ts';
import { findCollision } from '../shared/rules/collision.ts';
import { hashRules } from '../shared/rules/hash-rules.ts';
import type { Rules } from '../shared/rules/types.ts';
import { readOnly } from '../shared/storage/dry-run.ts';
import type { ObjectStore } from '../shared/storage/port.ts';
import { boundOf, withinBound } from './approved-writes.ts';
import { addRulesOptions, type Cloud, connect, readRules } from './cloud-options.ts';
import { type Evidence, evidenceOf } from './evidence.ts';
import { addFanOutOptions, type FanOutOptions } from './fan-out-options.ts';
import { isStop, stopOnInterrupt } from './interrupt.ts';
import { rulesWithMatters } from './matter-rules.ts';
import { note, remark, show } from './output.ts';
import { addPassOptions } from './pass-options.ts';
import { progressLine } from './progress.ts';
import {
  type ApprovedRun,
  approvedRun,
  type RunToApprove,
  refuseUnlessApprovedStill,
  runToApprove,
} from './protect-approval.ts';
import {
  confirmCounted,
  countChanges,
  needsConfirmation,
  refuseUnasked,
  wasConfirmed,
} from './protect-confirm.ts';
import { failuresIn } from './protect-failures.ts';
import { fanOut } from './protect-fan-out.ts';
import {
  type Places,
  type ProtectOptions,
  protectPlaces,
  protectUsage,
  readTarget,
  type Target,
} from './protect-options.ts';
import { store } from './protect-store.ts';
import { changedWord, summary } from './protect-summary.ts';
import { readCount } from './read-count.ts';
import { type RepairSource, recordRepair } from './repair-record.ts';

export function configure(command: Command): void {
  const described = command
    .argument('<url>', 'oss://bucket, or oss://bucket/prefix; or obs://…')
    .option('--dry-run', 'say what would be done and write nothing to the cloud')
    .option('--yes', 'do not count and ask before what cannot be undone')
    .option('--look-first', 'look at every version before it is written, so that the report says what it had')
    .option('--max-objects <n>', 'change nothing if more than n versions would change', readCount)
    .option(
      '--report <place>',
      'a file (.jsonl or .csv; the other lies beside it), or a folder of the cloud',
    );
  addRulesOptions(addFanOutOptions(addPassOptions(described)))
    .addHelpText('after', help)
    .action(protect);
}

const help = `
On a terminal it first counts what it would write, and asks for the word to be typed; elsewhere it needs --yes. Stopped
at any moment (Ctrl-C, kill, power), the same command goes on where it was, and on a terminal asks no second time: its
checkpoint is of a run that was confirmed. With --max-objects everything is
read twice: a first pass counts what would change, and only if that is not too much the second one writes.
Repeating a run is harmless: what is protected long enough is not written again.

A version is written without a look where no rule reads tags or extends: one request instead of two, since the service
refuses to shorten. What it refuses is looked at, and a sample of the rest is read back. Where the first versions of a page are
protected already, or it has fewer than 200, all of it is looked at first; so it is with --look-first, --dry-run and --max-objects.

With --fan-out the deployed function does the work: shards of the bucket are its tasks, and --qps is divided among those
that run at once. Plan and results are kept in the folder that the rules name as deadLetters, so any machine can go on.`;

async function protect(url: string, options: ProtectOptions & FanOutOptions): Promise<void> {
  const target = readTarget(options.cloud, url);
  const places = protectPlaces(target, options);
  const rules = await readRules(options);
  const collision = findCollision(rules, target.bucket);
  if (collision !== undefined) throw collision;
  if (options.planOnly === true && options.fanOut !== true) throw protectUsage('--plan-only needs --fan-out');
  if (options.fanOut === true && options.dryRun !== true && mayNeedProtectApproval(rules))
    throw failure('APPROVAL_UNCOUNTED', { target: url });
  if (options.planOnly !== true) await refuseUnasked(url, options);
  if (options.fanOut === true) await fanOut(target, places, rules, options);
  else {
    const release = await lockFile(places.checkpoint);
    await protectHere(target, places, rules, options).finally(release);
  }
}

async function protectHere(
  target: Target,
  places: Places,
  rules: Rules,
  options: ProtectOptions,
): Promise<void> {
  keepNewSpaceSmall();
  const { url } = target;
  const pace = createPace({ clock: systemClock, concurrency: options.concurrency, qps: options.qps });
  const cloud = await connect(options, (each) => pace.around(each));
  const { storage, clock, caller } = cloud;
  const inventory = await inventoryOf(cloud, target, options);
  const all = inventory ?? listingSource(storage, target.bucket, target.prefix);
  const checkpoint = fileCheckpoint(places.checkpoint);
  if (options.restart === true) await checkpoint.remove();

  const { concurrency } = options;
  const ruled = await rulesWithMatters(storage, rules, [target.bucket]);
  const untilBegun = new AbortController(); // Ctrl-C ends it at once: nothing is begun yet
  const counting = { storage, rules: ruled, clock, concurrency, signal: untilBegun.signal };
  const toApprove = {
    url,
    world: { ...cloud, rules },
    source: all,
    deps: counting,
    words: wordsOf(url, options),
  };
  const { source, run, approved, counted } = await approvedFirst(
    toApprove,
    fingerprint(target, rules, options, places),
    checkpoint,
    options,
  );
  await confirmRun({ url, source, run, counted }, counting, checkpoint, options);
  await refuseUnlessApprovedStill(toApprove, approved);
  const { signal } = stopOnInterrupt();
  if (options.json !== true)
    remark(`progress is kept in ${checkpoint.file}, the report in ${places.report.lines}`);
  const line = progressLine(systemClock);
  const bounded = mayNeedProtectApproval(rules)
    ? withinBound(storage, boundOf(rules, approved?.subject, clock.now()))
    : storage;
  const guardedStorage = options.dryRun === true ? readOnly(storage, () => undefined) : bounded;
  const evidence = evidenceOf('holdfast protect', { storage: guardedStorage, rules, clock, caller });
  await keepApproved(evidence, url, approved);
  try {
    const progress = await protectExisting({
      deps: {
        storage: guardedStorage,
        rules: ruled,
        clock,
        concurrency,
        signal,
        approach: approachOf(options, rules),
      },
      source,
      target: url,
      checkpoint,
      report: places.report,
      run,
      maxObjects: options.dryRun === true ? undefined : options.maxObjects,
      requests: pace.requests,
      onLines: (lines) => evidence.keep(lines.map(({ result, ...about }) => ({ ...about, action: result }))),
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
    if (options.dryRun !== true) {
      const about = repairSource(options.inventory, inventory?.manifest, progress, clock.now(), approved);
      await recordRepair({ storage, clock }, rules, target, about, progress);
    }
    const stored = await store(storage, places, progress);
    await checkpoint.remove();
    const wouldChange = options.dryRun === true && progress.tally.changed > 0;
    if (wouldChange) await refuseUnlocked(storage, target);
    const approval = wouldChange ? await runToApprove(toApprove) : undefined;
    const failures = progress.tally.failed > 0 ? await failuresIn(rules.cloud, places.report.lines) : [];
    const dryRun = options.dryRun === true;
    show(summary({ progress, places, stored, dryRun, failures, approval }), options);
    refuseBeyond(options.maxObjects, progress, url); // a dry run says what the real run would
  } catch (error) {
    line.end();
    if (!isStop(signal, error)) throw error;
    note(
      `interrupted: what was begun is finished or kept in ${checkpoint.file}; the same command goes on there`,
    );
    process.exitCode = 130;
  }
}

/** Opens the inventory that the options name, if they do. @throws INVENTORY_INVALID, and what reading throws */
const inventoryOf = async ({ storage, clock }: Cloud, target: Target, options: ProtectOptions) =>
  options.inventory === undefined
    ? undefined
    : await inventorySource(storage, {
        ...target,
        url: options.inventory,
        keysEncoded: options.decodeKeys,
        clock,
      });

type RunToConfirm = Pick<ApprovedRun, 'source' | 'counted'> & { readonly url: string; readonly run: Run };

/** Counts what a run would write, unless that was done, and lets a person type the word for it. @throws NOT_CONFIRMED, and what counting throws */
async function confirmRun(
  { url, source, run, counted }: RunToConfirm,
  counting: ShardDeps,
  checkpoint: Checkpoint,
  options: ProtectOptions,
): Promise<void> {
  if (!needsConfirmation(options) || wasConfirmed((await checkpoint.load(run)) !== undefined)) return;
  await confirmCounted(url, counted ?? (await countChanges(counting, source)));
}

/** Notes in the evidence who has approved a run, before it writes anything. @throws AUDIT_UNWRITTEN */
async function keepApproved(
  evidence: Evidence,
  url: string,
  approved: ApprovedRun['approved'],
): Promise<void> {
  if (approved === undefined) return;
  const { versions } = approved.subject;
  await evidence.keep([
    { action: 'protect-run', target: url, versions, ...approvalRecord(approved.approval) },
  ]);
}

/** A dry run, a limit and an approval have to know what would change, which only a look tells. */
function approachOf({ lookFirst, dryRun, maxObjects }: ProtectOptions, rules: Rules): Approach | undefined {
  const isLimited = maxObjects !== undefined || mayNeedProtectApproval(rules);
  const look = lookFirst === true || dryRun === true || isLimited;
  return look ? undefined : writeFirst();
}

/** @throws TOO_MANY_OBJECTS */
function refuseBeyond(limit: number | undefined, { tally }: Progress, target: string): void {
  if (limit !== undefined && tally.changed > limit) throw failure('TOO_MANY_OBJECTS', { limit, target });
}

/**
 * The first write would show that a bucket takes no retention, and a dry run makes none. Whoever may not look learns it from the run.
 * @throws OBJECT_WORM_OFF, WORM_NOT_OFFERED
 */
async function refuseUnlocked(storage: ObjectStore, { bucket }: Target): Promise<void> {
  const isLocked = await storage.getObjectWorm(bucket).then(
    (worm) => worm !== undefined,
    (error: unknown) => {
      if (!hasCode(error, 'ACCESS_DENIED')) throw error;
      return true;
    },
  );
  if (isLocked) return;
  throw failure('OBJECT_WORM_OFF', { bucket, target: formatAddress(storage.cloud, { bucket }) });
}

/** Tells what the record of the repair says of the source. */
function repairSource(
  url: string | undefined,
  manifest: Manifest | undefined,
  { startedAt }: Progress,
  now: Date,
  approved: ApprovedRun['approved'],
): RepairSource {
  if (url === undefined || manifest === undefined) {
    const cut = approved && new Date(approved.subject.before); // what was uploaded later was left out
    return { source: 'listing', sourceAt: cut ?? startedAt, unrecorded: undefined };
  }
  const unrecorded = approved ? 'what was uploaded after the approved plan was left out' : undefined;
  return { source: url, sourceAt: manifest.takenAt, unrecorded: whyNoRepair(manifest, now) ?? unrecorded };
}

type Run = Progress['run'];

/**
 * Lets a run begin where somebody has approved it, or nobody has to; a dry run needs no approval. The approval is a part of what must be
 * the same for a run to be gone on with.
 * @throws what {@link approvedRun} throws
 */
async function approvedFirst(
  toApprove: RunToApprove,
  run: Run,
  checkpoint: Checkpoint,
  { dryRun }: ProtectOptions,
): Promise<ApprovedRun & { readonly run: Run }> {
  if (dryRun === true) return { source: toApprove.source, approved: undefined, counted: undefined, run };
  const isResumed = async (approval: string) => {
    const kept = await checkpoint.load({ ...run, approval }).catch((error: unknown) => {
      if (!hasCode(error, 'CHECKPOINT_MISMATCH')) throw error; // the run itself will say so
      return undefined;
    });
    return kept !== undefined;
  };
  const begun = await approvedRun(toApprove, isResumed);
  const { approved } = begun;
  return { ...begun, run: approved ? { ...run, approval: hashSubjects([approved.subject]) } : run };
}

/** Returns what of the command says which versions it takes. */
const wordsOf = (url: string, { inventory, decodeKeys }: ProtectOptions): string =>
  [
    url,
    ...(inventory === undefined ? [] : ['--inventory', inventory]),
    ...(decodeKeys ? [] : ['--no-decode-keys']),
  ].join(' ');

/** Tells what must be the same for a run to be gone on with. */
function fingerprint({ url }: Target, rules: Rules, options: ProtectOptions, { report }: Places) {
  return {
    target: url,
    source: options.inventory ?? 'listing',
    rules: hashRules(rules),
    'dry run': String(options.dryRun === true),
    'decoded keys': String(options.decodeKeys),
    endpoint: options.endpoint ?? `of ${options.region}`,
    report: report.lines,
  } satisfies Progress['run'];
}
