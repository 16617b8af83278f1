import { writeFirst } from '../backfill/approach.ts';
import { type Progress, progressFormat } from '../backfill/checkpoint.ts';
import type { ReportLine } from '../backfill/entry.ts';
import { isUnknownSince } from '../backfill/known-until.ts';
import { type PassOptions, protectSource } from '../backfill/run.ts';
import type { ShardDeps } from '../backfill/shard.ts';
import { needsLook } from '../backfill/unseen.ts';
import { withMatters } from '../matters/hold-rules.ts';
import type { ReadOpenMatters } from '../matters/read-open.ts';
import { createRulesOfRun } from '../matters/rules-of-run.ts';
import { formatAddress } from '../platform/address.ts';
import { failure, type HoldfastError } from '../platform/errors.ts';
import { day } from '../platform/instant.ts';
import { findCollision } from '../rules/collision.ts';
import { hashRules } from '../rules/hash-rules.ts';
import { objectRulesOfBucket } from '../rules/match.ts';
import type { Rules } from '../rules/types.ts';
import { readOnly } from '../storage/dry-run.ts';
import type { ObjectStore } from '../storage/port.ts';
import { progressAt } from './places.ts';
import type { Share } from './plan.ts';
import { keepResult, openLines, plannedRows, readResult, type ShardResult } from './result.ts';
import { parseRunObject, readTextIfThere } from './run-objects.ts';
import { sourceOf } from './source.ts';
import { type FanOutRun, hashRange } from './task.ts';

export interface WorkDeps extends ShardDeps {
  /** Reads the open matters: what no legal hold keeps of theirs is kept by retention, beside the rules. */
  readonly openMatters: ReadOpenMatters;
  /** Keeps progress and results. Its requests do not count, and are sent after the time is over too. */
  readonly kept: ObjectStore;
  /** Requests sent so far. */
  requests(): number;
  /** Hears of every version that changed or failed, once its line is kept; after a kill maybe twice. */
  onLines(lines: readonly ReportLine[]): void;
}

/** This is what one invocation has come to: the whole shard, or a part of it, with the rest still to be done. */
export type Worked =
  | { readonly done: ShardResult }
  | { readonly unfinished: Progress['tally'] }
  /** The whole shard by the rules; open matters may ask for more, so that no result is kept. */
  | { readonly unknown: HoldfastError };

/**
 * Protects the versions of one shard, by the same code as `holdfast protect`. Its progress is kept after every page, so
 * that whatever ends it, the next invocation goes on; a shard that is done is not begun again.
 * @throws RULES_DIFFER, RULES_COLLIDE, TOO_SLOW, CHECKPOINT_UNUSABLE, what the source throws, and what would hit every version
 */
export async function workShard(deps: WorkDeps, share: Share): Promise<Worked> {
  const { plan, number, range } = share;
  const { run } = plan;
  const before = await readResult(deps.kept, share);
  if (before !== undefined) return { done: before };
  if (run.rules !== undefined) checkRules(deps.rules, run.rules);
  const collision = findCollision(deps.rules, run.bucket);
  if (collision !== undefined) throw collision;
  let missed: HoldfastError | undefined; // the first one: each look may come upon it again
  const readNow = async () => {
    const reading = await deps.openMatters();
    missed ??= reading.unknown[0];
    return reading;
  };
  const atStart = await readNow();
  const leftBefore = missed !== undefined ? new Date(deps.clock.now().getTime() - day) : undefined;
  const checkpoint = checkpointOf(deps.kept, share, leftBefore);
  const hasHolds = deps.storage.holds !== undefined;
  const changing = createRulesOfRun(deps.rules, hasHolds, readNow);
  const { approach, lookAhead } = orderOf(run, withMatters(deps.rules, atStart.open, hasHolds));
  try {
    const { tally, report, requests, elapsedMs, rows, mattersUnknown } = await protectSource({
      deps: {
        ...deps,
        storage: run.dryRun ? readOnly(deps.storage, () => undefined) : deps.storage,
        approach,
        rulesNow: () => changing.now(),
      },
      source: await sourceOf(deps.storage, share, deps.clock),
      checkpoint,
      run: identityOf(share),
      openReport: (size) => Promise.resolve(openLines(deps.kept, run.folder, number, size, deps.onLines)),
      requests: deps.requests,
      lookAhead,
      onResume: () => undefined,
      onProgress: () => undefined,
    });
    // Progress that was marked before is gone on with only where this invocation began without knowing them either.
    const unknown = changing.unknown()[0] ?? missed;
    if (mattersUnknown && unknown !== undefined) return { unknown };
    const planned = plannedRows(range);
    if (rows !== planned) {
      const reason = `it has ${rows} rows of a shard of ${planned}`;
      throw failure('CHECKPOINT_UNUSABLE', {
        file: formatAddress(deps.kept.cloud, progressAt(run.folder, number)),
        reason,
      });
    }
    const result = { rows, finishedAt: deps.clock.now(), tally, parts: report.lines, requests, elapsedMs };
    return { done: await keepResult(deps.kept, share, result) };
  } catch (error) {
    if (!deps.signal.aborted) throw error;
    const reached = checkpoint.reached();
    const what = `shard ${number} of bucket ${run.bucket}`;
    if (reached === undefined) throw failure('TOO_SLOW', { what }, { cause: error });
    return { unfinished: reached.tally };
  }
}

/**
 * Decides in which order a shard is looked at and written. A dry run finds out what would change, which a write that is not sent
 * does not tell. An invocation ends soon, and what it has looked at ahead is lost then: so nothing is where each version has to be
 * looked at.
 */
function orderOf(
  { bucket, dryRun, lookFirst }: FanOutRun,
  rules: Rules,
): Pick<ShardDeps, 'approach'> & { readonly lookAhead: boolean } {
  if (dryRun || lookFirst !== false) return { approach: undefined, lookAhead: false };
  return { approach: writeFirst(), lookAhead: !objectRulesOfBucket(rules, bucket).some(needsLook) };
}

/** @throws RULES_DIFFER */
export function checkRules(rules: Rules, asked: string): void {
  const here = hashRules(rules);
  if (asked !== here) throw failure('RULES_DIFFER', { asked, here });
}

/** Tells what progress must say of itself to belong to a shard. */
const identityOf = ({ plan, range }: Share): Progress['run'] => ({
  plan: plan.hash,
  shard: hashRange(range),
});

/**
 * Tells how far a shard has come; undefined when it was not begun. Progress of another plan or shard counts for
 * nothing.
 * @throws CHECKPOINT_UNUSABLE, and what reading throws
 */
export async function readProgress(
  storage: Pick<ObjectStore, 'cloud' | 'readText'>,
  share: Share,
): Promise<Progress | undefined> {
  const at = progressAt(share.plan.run.folder, share.number);
  const text = await readTextIfThere(storage, at);
  if (text === undefined) return undefined;
  const progress = parseRunObject(storage, text, at, (json) => progressFormat.parse(json));
  const { plan, shard } = identityOf(share);
  return progress.run['plan'] === plan && progress.run['shard'] === shard ? progress : undefined;
}

/**
 * Keeps the progress of a shard as an object.
 * @param leftBefore is given while not all matters are known: then progress during which they were not either, since before that, is begun
 * anew, so that the rules are carried out once a day, as repairs are
 */
function checkpointOf(storage: ObjectStore, share: Share, leftBefore: Date | undefined) {
  const at = progressAt(share.plan.run.folder, share.number);
  let first: Progress | undefined;
  let last: Progress | undefined;
  return {
    async load() {
      const progress = await readProgress(storage, share);
      return progress !== undefined && isUnknownSince(progress, leftBefore) ? undefined : progress;
    },
    async save(progress) {
      await storage.writeText(at, progressFormat.text(progress));
      first ??= progress;
      last = progress;
    },
    /** This is what is kept now, if at least a page was finished. */
    reached: () => (first?.position === last?.position ? undefined : last),
  } satisfies PassOptions['checkpoint'] & { reached(): Progress | undefined };
}
