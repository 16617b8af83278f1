import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { keepMatterRecord } from '../shared/audit/matter-record.ts';
import { holdFile } from '../shared/existing/lock.ts';
import { holdCheckpoint } from '../shared/holds/checkpoint.ts';
import { addHoldLines, type HoldCounts, isHoldPassComplete, noHoldCounts } from '../shared/holds/counts.ts';
import type { HoldLine, HoldPassDeps, MatterScopes } from '../shared/holds/deps.ts';
import { type HoldTrouble, type HoldWork, passOverVersions } from '../shared/holds/pass.ts';
import { findHoldTargets, type HoldTargets } from '../shared/holds/targets.ts';
import type { MatterPass } from '../shared/matters/types.ts';
import { systemClock } from '../shared/platform/clock.ts';
import type { HoldfastError } from '../shared/platform/errors.ts';
import { quantity } from '../shared/platform/quantity.ts';
import { evidenceOf } from './evidence.ts';
import type { HoldPassOptions } from './hold-options.ts';
import type { HoldWorld } from './hold-world.ts';
import { onInterrupt } from './interrupt.ts';
import { note, remark } from './output.ts';
import { progressLine } from './progress.ts';

/** This is what a pass has done. */
export interface HoldPassResult {
  readonly counts: HoldCounts;
  readonly targets: HoldTargets;
  readonly troubles: readonly HoldTrouble[];
  readonly complete: boolean;
  /** The record of the pass is not under retention although a rule asks for it. */
  readonly errors: readonly HoldfastError[];
}

/** This is the pass that is to be done. */
export interface HoldPassPlan {
  readonly id: string;
  readonly kind: MatterPass['kind'];
  readonly follows: readonly string[];
  readonly scopes: MatterScopes;
  readonly work: (deps: HoldPassDeps) => HoldWork;
}

/**
 * Goes over all versions that a matter may have, keeps how far it is, and writes what it did: each version as evidence, and
 * the whole as a record of the matter.
 * @throws AUDIT_UNWRITTEN, CHECKPOINT_IN_USE, CHECKPOINT_UNUSABLE, and what listing the buckets throws
 */
export async function runHoldPass(
  world: HoldWorld,
  options: HoldPassOptions,
  plan: HoldPassPlan,
): Promise<HoldPassResult> {
  const { id, kind, follows } = plan;
  const run = {
    matter: id,
    pass: kind,
    follows: follows.join(' '),
    endpoint: options.endpoint ?? options.region,
  };
  const hash = createHash('sha256').update(JSON.stringify(run)).digest('hex').slice(0, 8);
  const checkpoint = holdCheckpoint(join(world.progressFolder, `hold-${id}-${hash}.checkpoint.json`));
  const release = await holdFile(checkpoint.file);
  try {
    return await pass(world, options, plan, checkpoint, run);
  } finally {
    await release();
  }
}

async function pass(
  world: HoldWorld,
  options: HoldPassOptions,
  { id, kind, follows, scopes, work }: HoldPassPlan,
  checkpoint: ReturnType<typeof holdCheckpoint>,
  run: Readonly<Record<string, string>>,
): Promise<HoldPassResult> {
  const { storage, clock, rules, caller, region } = world;
  const dryRun = options.dryRun === true;
  const stopAfterPage = stopOnInterrupt();
  const { signal } = new AbortController(); // a page is finished in any case
  const deps = { storage, concurrency: options.concurrency, signal };
  const targets = await findHoldTargets(storage, scopes, { matter: id, region });
  const before = dryRun ? undefined : await checkpoint.load(run);
  if (before !== undefined) remark(`going on after ${quantity(before.counts.looked, 'version')}`);
  let counts = before?.counts ?? noHoldCounts;
  const troubles: HoldTrouble[] = [];
  const evidence = evidenceOf('holdfast hold', { storage, rules, clock, caller });
  const line = progressLine(systemClock);
  try {
    for await (const page of passOverVersions(deps, targets, work(deps), before?.position)) {
      if ('error' in page) {
        troubles.push(page);
        continue;
      }
      if (!dryRun) await evidence.keep(page.lines.filter(isTelling).map(recordOf));
      counts = addHoldLines(counts, page.lines, page.looked, clock.now());
      if (!dryRun && page.next !== undefined) {
        await checkpoint.save({ version: 1, run, position: page.next, counts });
      }
      stopAfterPage();
      const changed = counts.results.held + counts.results.lifted;
      const words = `${changed} ${kind}, ${counts.results.failed} failed`;
      line.show({ versions: counts.looked, words, done: undefined });
    }
  } finally {
    line.end();
  }
  const complete = isHoldPassComplete(counts) && troubles.length === 0 && targets.elsewhere.length === 0;
  if (dryRun) return { counts, targets, troubles, complete, errors: [] };
  const { results, looked } = counts;
  const { errors } = await keepMatterRecord(
    { storage, rules, clock },
    {
      ...{ kind, id, follows, complete, at: clock.now(), by: caller() },
      counts: { looked, ...results, buckets: targets.buckets.length, troubles: troubles.length },
    },
  );
  await checkpoint.remove();
  return { counts, targets, troubles, complete, errors };
}

/** Ctrl-C lets the page that is worked on be finished; a second one does not. @returns ends the program after the first */
function stopOnInterrupt(): () => void {
  let isStopped = false;
  onInterrupt(() => {
    if (isStopped) process.exit(130);
    isStopped = true;
  });
  return () => {
    if (!isStopped) return;
    note('interrupted: the same command goes on here');
    process.exit(130);
  };
}

/** Evidence is what was written, or should have been. */
const isTelling = ({ result }: HoldLine): boolean => result !== 'not-held' && result !== 'skipped';

function recordOf({ error, requestId, retainUntil, ...line }: HoldLine): Readonly<Record<string, unknown>> {
  return {
    ...line,
    ...(retainUntil !== undefined && { retainUntil: retainUntil.toISOString() }),
    ...(requestId !== undefined && { ossRequestId: requestId }),
    ...(error !== undefined && { code: error.code, message: error.message }),
  };
}
