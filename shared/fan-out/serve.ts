import { type Inventory, openInventory } from '../backfill/inventory/source.ts';
import { whyNoRepair } from '../backfill/repairs.ts';
import type { FunctionInvoker } from '../function-compute/port.ts';
import type { MattersReading } from '../matters/gaps.ts';
import { withMatters } from '../matters/hold-rules.ts';
import { failure, type HoldfastError } from '../platform/errors.ts';
import { findCollision } from '../rules/collision.ts';
import { objectRulesOfBucket } from '../rules/match.ts';
import type { ObjectPrefix, Rules } from '../rules/types.ts';
import { type Completed, completeRepair } from './complete.ts';
import type { WorkDeadline } from './deadline.ts';
import { type Share, shareOf } from './plan.ts';
import { planRepair } from './repair.ts';
import { startTasks, tasksOf } from './start.ts';
import { nameOfShard, planId, type RepairTask, type ShardTask, taskId } from './task.ts';
import { type WorkDeps, type Worked, workShard } from './work.ts';

/** This is what an invocation of `protect-existing` works with. */
export interface Service {
  /** For one task, at its pace. */
  workFor(task: Pick<ShardTask, 'qps' | 'concurrency'>): WorkDeps;
  readonly deadline: WorkDeadline;
  readonly dryRun: boolean;
  /** Hands tasks to this function itself; undefined: there is nobody to hand them to, as in a dry run. */
  readonly self: { readonly name: string; readonly invoker: Pick<FunctionInvoker, 'start'> } | undefined;
  /** It is the share of each shard of a repair. */
  readonly share: Pick<ShardTask, 'qps' | 'concurrency'>;
}

/** This is what became of a task. */
export type Served =
  | { readonly action: 'ready' }
  | {
      readonly action: 'shard-done';
      readonly versions: number;
      readonly changed: number;
      readonly failed: number;
      readonly gone: number;
      /** Why what was done is no repair of its bucket. */
      readonly unrecorded?: string | undefined;
    }
  | ({ readonly action: 'repair-done' } & Completed)
  /** Every shard of a repair is some invocation's task now. */
  | { readonly action: 'handed-out'; readonly shards: number; readonly unrecorded?: string | undefined }
  /** Time was over; a further invocation has the rest. */
  | { readonly action: 'goes-on'; readonly leg: number }
  | { readonly action: 'no-rule'; readonly bucket: string }
  /** An inventory that nothing can be done by. */
  | { readonly action: 'set-aside'; readonly bucket: string; readonly reason: string };

/**
 * Works on one shard until it is done or time is over; then a further invocation goes on.
 * @throws TASK_REFUSED, UNFINISHED when there is nobody to go on, what is not known of open matters, and as {@link workShard}
 */
export async function serveShard(service: Service, task: ShardTask): Promise<Served> {
  const deps = service.workFor(task);
  const served = await serveShare(service, deps, await shareOf(deps.kept, deps.rules, task), task);
  if ('unknown' in served) throw served.unknown;
  return served;
}

async function serveShare(
  service: Service,
  deps: WorkDeps,
  share: Share,
  task: ShardTask,
): Promise<Served | Extract<Worked, { unknown: unknown }>> {
  const worked = await workShard(deps, share);
  if ('unknown' in worked) return worked;
  if ('unfinished' in worked) {
    const next = { ...task, leg: task.leg + 1 };
    return await continueInNextInvocation(service, next, taskId(next), nameOfShard(deps.kept.cloud, task));
  }
  const { repair, unrecorded } = share.plan.run;
  const completed = repair ? await completeRepair(deps.kept, share.plan, placeOf(deps.rules)) : undefined;
  if (completed !== undefined) return { action: 'repair-done', ...completed };
  const { versions, changed, failed, gone } = worked.done.tally;
  return { action: 'shard-done', versions, changed, failed, gone, unrecorded };
}

/**
 * Repairs a bucket by an inventory of it: hands out its shards, or does a single one itself. An incremental inventory says
 * what has changed in some minutes, so it is a second source of events: what it names is looked at, and nothing recorded.
 * @throws REPAIR_PLACE_UNSET, RULES_COLLIDE, INVENTORY_INVALID, TOO_SLOW, and as {@link serveShard}
 */
export async function serveRepair(service: Service, task: RepairTask): Promise<Served[]> {
  const { deadline, self, share, dryRun } = service;
  const deps = service.workFor(share);
  const { kept, rules, clock } = deps;
  const place = placeOf(rules);
  const inventory = await openInventory(kept, task.manifest);
  const { bucket } = inventory.manifest;
  const collision = findCollision(rules, bucket);
  if (collision !== undefined) throw collision;
  const matters = await deps.openMatters();
  if (!isConcerned(deps, matters, bucket)) return [{ action: 'no-rule', bucket }];
  const useless = whyUseless(inventory);
  if (useless !== undefined) return [{ action: 'set-aside', bucket, reason: useless }];
  const unrecorded = whyNoRepair(inventory.manifest, clock.now());
  const plan = await planRepair(kept, inventory, place, deadline, unrecorded);
  if (plan === undefined) {
    const next = { ...task, leg: task.leg + 1 };
    return [
      await continueInNextInvocation(
        service,
        next,
        planId(task.manifest, next.leg),
        `the plan of ${task.manifest}`,
      ),
    ];
  }
  // What a dry run keeps back, nobody could go on with.
  const run = dryRun ? { ...plan.run, dryRun, repair: false } : plan.run;
  const tasks = tasksOf(plan, { ...share, attempt: 0 });
  if (self !== undefined && tasks.length > 1) {
    await startTasks(self.invoker, self.name, tasks);
    return [{ action: 'handed-out', shards: tasks.length, unrecorded }];
  }
  const served: Served[] = [];
  const unknown: HoldfastError[] = [];
  for (const [number, range] of plan.shards.entries()) {
    const [each] = tasks.slice(number);
    if (each !== undefined) {
      const one = await serveShare(service, deps, { plan: { ...plan, run }, number, range }, each);
      if ('unknown' in one) unknown.push(one.unknown);
      else served.push(one);
    }
  }
  // Every shard is done by the rules; only then it fails.
  throwUnknown(unknown);
  return served;
}

/** Tells whether a rule or an open matter has something of a bucket. @throws what is not known of matters, where no rule has */
function isConcerned({ rules, storage }: WorkDeps, matters: MattersReading, bucket: string): boolean {
  const all = withMatters(rules, matters.open, storage.holds !== undefined);
  const isRuled = objectRulesOfBucket(all, bucket).length > 0;
  if (!isRuled) throwUnknown(matters.unknown);
  return isRuled;
}

function throwUnknown([unknown]: readonly HoldfastError[]): void {
  if (unknown !== undefined) throw unknown;
}

/** Why nothing can be done by an inventory; undefined when something can. */
function whyUseless({ manifest: { kind, columns, files } }: Inventory): string | undefined {
  if (kind === 'full') return undefined;
  if (files.length === 0) return 'it is incremental, and nothing has changed in its time';
  const missing = (['RecordType', 'VersionId'] as const).filter((column) => !columns.at.has(column));
  if (missing.length === 0) return undefined;
  return `it is incremental and has no column ${missing.join(' and none ')}, so it does not say which versions were created`;
}

/** Lets a further invocation have the rest. @throws UNFINISHED when there is nobody */
async function continueInNextInvocation(
  { self }: Service,
  next: ShardTask | RepairTask,
  id: string,
  what: string,
): Promise<Served> {
  if (self === undefined) throw failure('UNFINISHED', { what });
  await self.invoker.start(self.name, JSON.stringify(next), id);
  return { action: 'goes-on', leg: next.leg };
}

function placeOf({ deadLetters }: Rules): ObjectPrefix {
  if (deadLetters === undefined) throw failure('REPAIR_PLACE_UNSET', { what: 'a repair' });
  return deadLetters;
}
