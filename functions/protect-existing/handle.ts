import type { Task } from '../../shared/fan-out/request.ts';
import { type Served, type Service, serveRepair, serveShard } from '../../shared/fan-out/serve.ts';
import { checkRules } from '../../shared/fan-out/work.ts';
import { type CloudName, formatAddress } from '../../shared/platform/address.ts';
import { inOneLine } from '../../shared/platform/error-text.ts';
import { failure } from '../../shared/platform/errors.ts';
import type { ObjectPrefix } from '../../shared/rules/types.ts';
import { isKeptAtOnce } from '../failed-event.ts';
import type { Invocation } from '../invocation.ts';
import { createMattersToRenew } from '../open-matters.ts';
import { workDeadline, workDeps } from '../work.ts';

/** Some of what an event asked for failed for good, and is kept as a dead letter. */
export interface KeptFailure {
  readonly action: 'failed';
  readonly failed: number;
}

/** An event of `protect-existing`, as its platform has handed it over. */
export interface ProtectEvent {
  /** Reads what it asks for. @throws EVENT_MALFORMED, OBS_EVENT_MALFORMED */
  read(): readonly Task[];
  /** Tells whether it claims to be a task of Holdfast's own. */
  readonly isTask: boolean;
  /** The event as text, for a dead letter. */
  readonly text: string | undefined;
  /** Hands tasks to the function itself; undefined where there is nobody to hand them to. */
  readonly self: Service['self'];
}

/**
 * Protects existing objects: one shard of a run, or what the inventory names whose manifest.json has arrived.
 * @returns what became of each
 * @throws what a task threw, after all were tried, so that the platform repeats and finally keeps the event. What an
 * inventory's arrival asked for and no repetition can fix is kept at once instead.
 */
export async function protectExistingObjects(
  invocation: Invocation,
  event: ProtectEvent,
): Promise<readonly (Served | KeptFailure)[]> {
  const service = serviceOf(invocation, event);
  const requests = await requestsOf(invocation, event);
  if ('action' in requests) return [requests];
  const served: Served[] = [];
  const errors: unknown[] = [];
  for (const request of requests) {
    try {
      const outcomes = await serve(invocation, service, request);
      for (const outcome of outcomes) report(invocation, request, outcome);
      served.push(...outcomes);
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length === 0) return served;
  const shown = combined(errors, requests.length);
  const isRepair = requests.every(({ task }) => task === 'repair');
  const { text } = event;
  if (!isRepair || !(await isKeptAtOnce(invocation, { text, errors, shown }))) throw shown;
  return [...served, { action: 'failed', failed: errors.length }];
}

/**
 * The run that has started a shard learns from Function Compute whether its task has failed, so a task fails, and is kept
 * by its failure destination. Nobody waits for an event of the object store.
 * @throws EVENT_MALFORMED, OBS_EVENT_MALFORMED
 */
async function requestsOf(
  invocation: Invocation,
  { read, isTask, text }: ProtectEvent,
): Promise<readonly Task[] | KeptFailure> {
  try {
    return read();
  } catch (error) {
    const failed = { text, errors: [error], shown: error };
    if (isTask || !(await isKeptAtOnce(invocation, failed))) throw error;
    return { action: 'failed', failed: 1 };
  }
}

async function serve(
  { config, rules }: Invocation,
  service: Service,
  request: Task,
): Promise<readonly Served[]> {
  if (request.task === 'repair') return await serveRepair(service, request);
  if (config.dryRun) {
    const reason = 'it keeps back the result of a shard too: deploy without it, and fan out with --dry-run';
    throw failure('CONFIG_INVALID', { name: 'HOLDFAST_DRY_RUN', reason });
  }
  if (request.task === 'protect-shard') return [await serveShard(service, request)];
  checkRules(rules, request.rules);
  return [{ action: 'ready' }];
}

/** Requests under way at once in an invocation that repairs. */
const concurrency = 32;

function serviceOf(invocation: Invocation, { self }: ProtectEvent): Service {
  const { config } = invocation;
  const deadline = workDeadline(invocation);
  const openMatters = createMattersToRenew(invocation);
  return {
    deadline,
    dryRun: config.dryRun,
    share: { qps: config.taskQps, concurrency },
    self: config.dryRun ? undefined : self,
    workFor: (share) => workDeps(invocation, deadline, share, openMatters),
  };
}

function report({ log, cloud }: Invocation, request: Task, served: Served): void {
  if (served.action !== 'repair-done') {
    const unrecorded = 'unrecorded' in served && served.unrecorded !== undefined;
    log[unrecorded ? 'warn' : 'info']({ ...about(cloud, request), ...served }, served.action);
    return;
  }
  const { repair, receipt } = served;
  const failed = repair.failed > 0;
  log[failed ? 'error' : 'info'](
    { action: served.action, ...repair, recorded: receipt.sent },
    'the repair is over',
  );
}

function about(cloud: CloudName, request: Task): Record<string, unknown> {
  switch (request.task) {
    case 'check':
      return {};
    case 'repair':
      return { source: request.manifest };
    case 'protect-shard':
      return { plan: planAddress(cloud, request.folder), shard: request.number };
  }
}

const planAddress = (cloud: CloudName, { bucket, prefix }: ObjectPrefix): string =>
  formatAddress(cloud, { bucket, key: prefix });

/** One failure fails as itself; several are named together. */
function combined(errors: readonly unknown[], total: number): unknown {
  if (errors.length === 1) return errors[0];
  return failure('EVENTS_FAILED', {
    failed: errors.length,
    total,
    failures: errors.map(inOneLine).join('\n'),
  });
}
