import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { keepMatterRecord } from '../../shared/audit/matter-record.ts';
import { lockFile } from '../../shared/backfill/lock.ts';
import { holdCheckpoint } from '../../shared/holds/checkpoint.ts';
import {
  addHoldLines,
  type HoldCounts,
  isHoldPassComplete,
  noHoldCounts,
} from '../../shared/holds/counts.ts';
import type { HoldLine, HoldPassDeps, MatterScopes } from '../../shared/holds/deps.ts';
import {
  type HoldPage,
  type HoldPosition,
  type HoldTrouble,
  type HoldWork,
  passOverVersions,
} from '../../shared/holds/pass.ts';
import { findHoldTargets, type HoldTargets } from '../../shared/holds/targets.ts';
import type { MatterPass } from '../../shared/matters/types.ts';
import { systemClock } from '../../shared/platform/clock.ts';
import type { HoldfastError } from '../../shared/platform/errors.ts';
import { formatInstant } from '../../shared/platform/instant.ts';
import { quantity } from '../../shared/platform/quantity.ts';
import { onInterrupt } from '../terminal/interrupt.ts';
import { note, remark } from '../terminal/output.ts';
import { progressLine } from '../terminal/progress.ts';
import { evidenceOf } from '../world/evidence.ts';
import { aboutInventory, type HoldInventory, type HoldInventoryAbout } from './inventory.ts';
import type { HoldPassOptions } from './options.ts';
import type { HoldWorld } from './world.ts';

/** This is what a pass has done. */
export interface HoldPassResult {
  readonly counts: HoldCounts;
  readonly targets: HoldTargets;
  readonly troubles: readonly HoldTrouble[];
  readonly complete: boolean;
  /** True also where it is not complete because the inventory is older than the matter. */
  readonly isWorkDone: boolean;
  /** True when it was interrupted before its end: the same command goes on there. */
  readonly interrupted: boolean;
  /** The record of the pass is not under retention although a rule asks for it. */
  readonly errors: readonly HoldfastError[];
  /** The inventory that named versions, where it was not a list alone. */
  readonly inventory: HoldInventoryAbout | undefined;
}

/** This is the pass that is to be done. */
export interface HoldPassPlan {
  readonly id: string;
  readonly kind: MatterPass['kind'];
  readonly follows: readonly string[];
  readonly scopes: MatterScopes;
  /** True when all versions are gone over, however far an earlier run had come. */
  readonly anew: boolean;
  /** Why a released matter is gone over again. Only a pass that was begun for this reason is gone on with then. */
  readonly again?: string | undefined;
  readonly work: (deps: HoldPassDeps) => HoldWork;
  /** Names the versions of its bucket, with the times when people opened the matter. */
  readonly inventory?: (HoldInventory & { readonly opened: readonly Date[] }) | undefined;
}

/**
 * Goes over all versions that a matter may have, keeps how far it is, and writes what it did: each version as evidence, and
 * the whole as a record of the matter.
 * @throws AUDIT_UNWRITTEN, CHECKPOINT_IN_USE, CHECKPOINT_MISMATCH for another inventory than it was begun with, CHECKPOINT_UNUSABLE, and what listing the buckets throws
 */
export async function runHoldPass(
  world: HoldWorld,
  options: HoldPassOptions,
  plan: HoldPassPlan,
): Promise<HoldPassResult> {
  const { id, kind, follows, inventory, again } = plan;
  const about = {
    matter: id,
    pass: kind,
    ...(again !== undefined && { again }),
    follows: follows.join(' '),
    endpoint: options.endpoint ?? options.region,
  };
  const hash = createHash('sha256').update(JSON.stringify(about)).digest('hex').slice(0, 8);
  const checkpoint = holdCheckpoint(join(world.progressFolder, `hold-${id}-${hash}.checkpoint.json`));
  // It is no part of the name of the file, so that a pass which was begun with another one is found.
  const run = {
    ...about,
    ...(inventory && { source: inventory.url, 'decoded keys': String(inventory.keysEncoded) }),
  };
  const release = await lockFile(checkpoint.file);
  try {
    return await pass(world, options, plan, checkpoint, run);
  } finally {
    await release();
  }
}

async function pass(
  world: HoldWorld,
  options: HoldPassOptions,
  { id, kind, follows, scopes, anew, again, work, inventory: from }: HoldPassPlan,
  checkpoint: ReturnType<typeof holdCheckpoint>,
  run: Readonly<Record<string, string>>,
): Promise<HoldPassResult> {
  const { storage, clock, rules, caller, region } = world;
  const dryRun = options.dryRun === true;
  const stop = new AbortController();
  onInterrupt(() => (stop.signal.aborted ? process.exit(130) : stop.abort()));
  const { signal } = new AbortController(); // a page is finished in any case
  const deps = { storage, rules, clock, concurrency: options.concurrency, signal };
  const targets = await findHoldTargets(storage, scopes, { matter: id, region });
  if (anew && !dryRun) await checkpoint.remove();
  const before = dryRun ? undefined : await checkpoint.load(run);
  if (before !== undefined) remark(`going on after ${quantity(before.counts.looked, 'version')}`);
  const evidence = evidenceOf('holdfast hold', { storage, rules, clock, caller });
  const line = progressLine(systemClock);
  const rows = from && { ...from, matter: id, scopes };
  const pages = passOverVersions(deps, targets, work(deps), before?.position, rows);
  const { counts, troubles, interrupted } = await goOver(pages, before?.counts ?? noHoldCounts, {
    signal: stop.signal,
    now: () => clock.now(),
    keep: async (lines) => (dryRun ? undefined : await evidence.keep(lines.filter(isTelling).map(recordOf))),
    save: async (position, counts) =>
      dryRun ? undefined : await checkpoint.save({ version: 1, run, position, counts }),
    show: (sofar) => line.show({ versions: sofar.looked, words: wordsSoFar(kind, sofar), done: undefined }),
  }).finally(() => line.end());
  if (interrupted) note(`interrupted: the same command ${anew || dryRun ? 'begins anew' : 'goes on here'}`);
  const inventory = from && aboutInventory(from, from.opened, clock.now());
  const isWorkDone = isAllDone({ counts, targets, troubles, interrupted });
  const complete = isWorkDone && inventory?.isEnough !== false;
  const result = { counts, targets, troubles, complete, isWorkDone, interrupted, inventory };
  if (dryRun || interrupted) return { ...result, errors: [] };
  const errors = await recordPass(world, { id, kind, follows, again }, result);
  await checkpoint.remove();
  return { ...result, errors };
}

const isAllDone = ({
  counts,
  targets,
  troubles,
  interrupted,
}: Pick<HoldPassResult, 'counts' | 'targets' | 'troubles' | 'interrupted'>): boolean =>
  isHoldPassComplete(counts) && troubles.length === 0 && targets.elsewhere.length === 0 && !interrupted;

/** Says how far a pass is. */
function wordsSoFar(
  kind: MatterPass['kind'],
  { results: { held, lifted, retained, failed } }: HoldCounts,
): string {
  const kept = retained === 0 ? '' : `, ${retained} by retention`;
  return `${held + lifted} ${kind}${kept}, ${failed} failed`;
}

/** A record of a matter has a limit of its bytes, and names of more buckets than that could go beyond it. */
const mostBucketsNamed = 1000;

const isNamed = (buckets: readonly string[]): boolean =>
  buckets.length > 0 && buckets.length <= mostBucketsNamed;

/** Writes what a pass has done as a record of the matter. @returns why it is not under retention */
async function recordPass(
  { storage, rules, clock, caller }: HoldWorld,
  { again: reason, ...about }: Pick<HoldPassPlan, 'id' | 'kind' | 'follows' | 'again'>,
  { counts, complete, targets, troubles }: Omit<HoldPassResult, 'errors'>,
): Promise<readonly HoldfastError[]> {
  const { results, looked, overCap, withHolds } = counts;
  const withoutHolds = counts.withoutHolds.filter((bucket) => !counts.withHolds.includes(bucket));
  const partlyHeld = counts.withoutHolds.filter((bucket) => counts.withHolds.includes(bucket));
  const { errors } = await keepMatterRecord(
    { storage, rules, clock },
    {
      ...{ ...about, complete, at: clock.now(), by: caller() },
      counts: {
        looked,
        ...results,
        'over-cap': overCap,
        ...{ buckets: targets.buckets.length, troubles: troubles.length },
      },
      ...(isNamed(withHolds) && { withHolds }),
      ...(isNamed(withoutHolds) && { withoutHolds }),
      ...(isNamed(partlyHeld) && { partlyHeld }),
      ...(reason !== undefined && { reason }),
    },
  );
  return errors;
}

/** This is what is done with each page, beside the work on its versions. */
interface PageSteps {
  /** Once it is aborted, no page is begun. */
  readonly signal: AbortSignal;
  readonly now: () => Date;
  readonly keep: (lines: readonly HoldLine[]) => Promise<void>;
  readonly save: (position: HoldPosition, counts: HoldCounts) => Promise<void>;
  readonly show: (counts: HoldCounts) => void;
}

async function goOver(
  pages: AsyncIterable<HoldPage | HoldTrouble>,
  start: HoldCounts,
  { signal, now, keep, save, show }: PageSteps,
): Promise<Pick<HoldPassResult, 'counts' | 'troubles' | 'interrupted'>> {
  let counts = start;
  const troubles: HoldTrouble[] = [];
  for await (const page of pages) {
    if ('error' in page) {
      troubles.push(page);
      continue;
    }
    const { lines, looked, next } = page;
    await keep(lines);
    counts = addHoldLines(counts, lines, looked, now());
    // What failed is repeated when the pass is gone on with, so no position behind it is saved.
    if (next !== undefined && troubles.length === 0) await save(next, counts);
    show(counts);
    if (next !== undefined && signal.aborted) return { counts, troubles, interrupted: true };
  }
  return { counts, troubles, interrupted: false };
}

/** Says of one version that a matter keeps it for longer than the rules would ever. */
const overCapWords = 'kept longer than limits.maxRetention after Last-Modified, while the matter is open';

/** Evidence is what was written, or should have been. */
const isTelling = ({ result }: HoldLine): boolean => result !== 'not-held' && result !== 'skipped';

function recordOf({
  error,
  requestId,
  retainUntil,
  isOverCap,
  ...line
}: HoldLine): Readonly<Record<string, unknown>> {
  return {
    ...line,
    ...(isOverCap && { reason: overCapWords }),
    ...(retainUntil !== undefined && { retainUntil: formatInstant(retainUntil) }),
    ...(requestId !== undefined && { ossRequestId: requestId }),
    ...(error !== undefined && { code: error.code, message: error.message }),
  };
}
