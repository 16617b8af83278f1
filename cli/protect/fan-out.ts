import { openReport } from '../../shared/backfill/report.ts';
import { emptyTally, joinTallies } from '../../shared/backfill/tally.ts';
import { coordinate, type State } from '../../shared/fan-out/coordinate.ts';
import { gather } from '../../shared/fan-out/gather.ts';
import { tasksAt } from '../../shared/fan-out/places.ts';
import type { FanOutPlan } from '../../shared/fan-out/plan.ts';
import { tasksOf } from '../../shared/fan-out/start.ts';
import { keepState, openRun } from '../../shared/fan-out/state.ts';
import type { CheckTask, FanOutRun, ShardTask } from '../../shared/fan-out/task.ts';
import type { FunctionInvoker } from '../../shared/function-compute/port.ts';
import { formatAddress } from '../../shared/platform/address.ts';
import { startStopwatch, systemClock } from '../../shared/platform/clock.ts';
import { partsOf } from '../../shared/platform/error-text.ts';
import { failure } from '../../shared/platform/errors.ts';
import { quantity } from '../../shared/platform/quantity.ts';
import { hashRules } from '../../shared/rules/hash-rules.ts';
import type { ObjectPrefix, Rules } from '../../shared/rules/types.ts';
import type { Storage } from '../../shared/storage/port.ts';
import { connectFunctions } from '../invoke.ts';
import { connect } from '../options/cloud-options.ts';
import { confirmWord } from '../terminal/confirm.ts';
import { isStop, stopOnInterrupt } from '../terminal/interrupt.ts';
import { note, remark, show } from '../terminal/output.ts';
import { progressLine } from '../terminal/progress.ts';
import { functionsElsewhere } from '../world/local-function.ts';
import { needsConfirmation, wasConfirmed } from './confirm.ts';
import { failuresIn } from './failures.ts';
import { checkFanOut, divide, type FanOutOptions } from './fan-out-options.ts';
import { kindOf, planOf } from './fan-out-plan.ts';
import type { Places, ProtectOptions, Target } from './options.ts';
import { type RepairSource, recordRepair } from './repair-record.ts';
import { store } from './store.ts';
import { changedWord, summary } from './summary.ts';

type Options = ProtectOptions & FanOutOptions;

/**
 * Lets functions protect what a run on this machine would, and reports it as that would.
 * @throws USAGE, REPAIR_PLACE_UNSET, INVENTORY_INVALID, REPORT_UNWRITABLE, and what the services throw
 */
export async function fanOut(target: Target, places: Places, rules: Rules, options: Options): Promise<void> {
  if (options.cloud !== 'oss') throw functionsElsewhere('protect --fan-out');
  checkFanOut(options);
  const place = rules.deadLetters;
  if (place === undefined) throw failure('REPAIR_PLACE_UNSET', { what: '--fan-out' });
  const invoker = await connectFunctions({ ...options, endpoint: options.fcEndpoint });
  await askFirst(invoker, options.function, rules);
  const { storage, clock } = await connect(options);
  const elapsed = startStopwatch();

  const kind = kindOf(target, place, rules, options);
  const { state, folder, resumed } = await openRun(storage, kind, options.restart === true);
  if (options.json !== true)
    remark(
      `plan and results are kept in ${formatAddress(rules.cloud, { bucket: folder.bucket, key: folder.prefix })}`,
    );
  const plan = await planOf({ storage, clock }, target, rules, folder, options);
  const { atOnce, ...share } = divide(options, plan.shards.length);
  const { concurrency } = options;
  const tasks = tasksOf(plan, { ...share, concurrency, attempt: state.attempt });
  if (options.planOnly === true) return await showTasks(storage, folder, tasks, options);
  if (needsConfirmation(options) && !wasConfirmed(resumed)) {
    const work = `let ${options.function} retain what the rules cover in ${target.url}`;
    await confirmWord('protect', `${work}, in ${quantity(tasks.length, 'shard')}`);
  }
  const { signal } = stopOnInterrupt();
  if (resumed) remark(`going on with ${quantity(tasks.length, 'shard')}`);

  const line = progressLine(systemClock);
  try {
    const ended = await coordinate({
      storage,
      invoker,
      clock,
      functionName: options.function,
      plan,
      tasks,
      atOnce,
      signal,
      onProgress: (each) => line.show(factsOf(each, tasks.length, options)),
    });
    line.end();
    const report = await openReport(places.report, { lines: 0, table: 0 });
    const gathered = await gather(storage, plan, ended, report).finally(() => report.close());
    const outcome = { ...gathered, elapsedMs: elapsed() };
    const stored = await store(storage, places, outcome);
    if (options.dryRun !== true) {
      await recordRepair({ storage, clock }, rules, target, sourceOf(plan.run, ended), outcome);
    }
    const again = ended.failed.length > 0;
    await keepState(
      storage,
      kind,
      again ? { ...state, attempt: state.attempt + 1 } : { ...state, ended: true },
    );
    const dryRun = options.dryRun === true;
    const failures = outcome.tally.failed > 0 ? await failuresIn(rules.cloud, places.report.lines) : [];
    show(
      summary({ progress: outcome, places, stored, dryRun, failures, shards: shardsOf(ended, plan) }),
      options,
    );
  } catch (error) {
    line.end();
    if (!isStop(signal, error)) throw error;
    note('interrupted: the shards that were begun are finished by the function; the same command goes on');
    process.exitCode = 130;
  }
}

/** Writes the tasks as one JSON array, which a workflow can read, and says where. */
async function showTasks(
  storage: Storage,
  folder: ObjectPrefix,
  tasks: readonly ShardTask[],
  options: Options,
): Promise<void> {
  const at = tasksAt(folder);
  await storage.writeText(at, `${JSON.stringify(tasks)}\n`);
  const url = formatAddress(storage.cloud, at);
  show({ text: `${quantity(tasks.length, 'task')}: ${url}`, json: { tasks: tasks.length, url } }, options);
}

/**
 * A task that cannot succeed is repeated for long before it counts as failed; what each would meet is found out at once.
 * @throws FAN_OUT_REFUSED, and what invoking throws
 */
async function askFirst(invoker: FunctionInvoker, name: string, rules: Rules): Promise<void> {
  const check: CheckTask = { task: 'check', version: 1, rules: hashRules(rules) };
  const answer = await invoker.invoke(name, JSON.stringify(check));
  if (answer.ok) return;
  const { message: reason, remedy } = partsOf(answer.error.errorMessage);
  const code = answer.error.errorType;
  throw failure('FAN_OUT_REFUSED', { name, code, reason, remedy: remedy || 'see the log of the function' });
}

function factsOf({ results, failed }: State, shards: number, options: Options) {
  const tally = [...results.values()].reduce((sum, each) => joinTallies(sum, each.tally), emptyTally);
  const lost = failed.length > 0 ? `, ${quantity(failed.length, 'shard')} failed` : '';
  return {
    versions: tally.versions,
    words: `${tally.changed} ${changedWord(options)}, ${tally.failed} failed, ${results.size} of ${shards} shards${lost}`,
    done: (results.size + failed.length) / shards,
  };
}

/** Tells what the record of the repair says of the source; a shard that failed to the end was not looked at. */
function sourceOf({ source, sourceAt, unrecorded }: FanOutRun, { failed }: State): RepairSource {
  const lost =
    failed.length > 0 ? `${quantity(failed.length, 'shard was', 'shards were')} not done` : undefined;
  return {
    source,
    sourceAt: sourceAt === undefined ? undefined : new Date(sourceAt),
    unrecorded: unrecorded ?? lost,
  };
}

/** Tells what there is to say about shards: how many, and which failed. */
function shardsOf({ failed }: State, { shards }: FanOutPlan) {
  return {
    total: shards.length,
    failed: failed.map(({ number, status, reason }) => ({
      number,
      status,
      reason,
      range: shards[number],
    })),
  };
}
