import type { ReportLine } from '../../shared/existing/entry.ts';
import { createPace } from '../../shared/existing/pace/pace.ts';
import { createDeadline } from '../../shared/fan-out/deadline.ts';
import { isTask, readRequests, type Task } from '../../shared/fan-out/request.ts';
import { type Served, type Service, serveRepair, serveShard } from '../../shared/fan-out/serve.ts';
import { checkRules } from '../../shared/fan-out/work.ts';
import { createInvoker } from '../../shared/invoke/fc2.ts';
import { inOneLine } from '../../shared/platform/error-text.ts';
import { failure } from '../../shared/platform/errors.ts';
import { second } from '../../shared/platform/instant.ts';
import type { FcContext } from '../fc.ts';
import { isKeptAtOnce } from '../permanent-failure.ts';
import { createRuntime, type Invocation } from '../runtime.ts';

const runtime = createRuntime('protect-existing', import.meta.dirname);

/** FC calls this once an instance, before the first event. */
export const initializer = (context: FcContext): Promise<void> => runtime.initialize(context);

/** Some of what an event asked for failed for good, and is kept as a dead letter. */
interface KeptFailure {
  readonly action: 'failed';
  readonly failed: number;
}

/**
 * Protects existing objects: one shard of a run, or what the inventory names whose manifest.json has arrived.
 * @param event a task (shared/fan-out/task.ts), or an OSS event in any of its shapes, as JSON
 * @returns what became of each
 * @throws what a task threw, after all were tried, so that FC repeats and finally keeps the event. What an inventory's arrival
 * asked for and no repetition can mend is kept at once instead.
 */
export const handler = (event: Uint8Array, context: FcContext): Promise<readonly (Served | KeptFailure)[]> =>
  runtime.invoke(context, async (invocation) => {
    const service = serviceOf(invocation, context);
    const requests = await requestsOf(invocation, context, event);
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
    if (!isRepair || !(await isKeptAtOnce(invocation, context, { event, errors, shown }))) throw shown;
    return [...served, { action: 'failed', failed: errors.length }];
  });

/**
 * The run that has started a shard learns from Function Compute whether its task has failed, so a task fails, and is kept
 * by its failure destination. Nobody waits for an event of OSS.
 * @throws EVENT_MALFORMED
 */
async function requestsOf(
  invocation: Invocation,
  context: FcContext,
  event: Uint8Array,
): Promise<Task[] | KeptFailure> {
  try {
    return readRequests(event);
  } catch (error) {
    const failed = { event, errors: [error], shown: error };
    if (isTask(event) || !(await isKeptAtOnce(invocation, context, failed))) throw error;
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

/** Left for what is under way when time is over, and for keeping the progress; less of a short time limit. */
const marginMs = 20 * second;
const marginShare = 0.2;

function serviceOf(invocation: Invocation, context: FcContext): Service {
  const { config, clock, deadline: end, rules, storage: kept } = invocation;
  const leftMs = end.getTime() - clock.now().getTime();
  const deadline = createDeadline(clock, new Date(end.getTime() - Math.min(marginMs, leftMs * marginShare)));
  return {
    deadline,
    dryRun: config.dryRun,
    share: { qps: config.taskQps, concurrency },
    self: config.dryRun ? undefined : selfOf(invocation, context),
    workFor({ qps, concurrency: atOnce }) {
      const pace = createPace({ clock, concurrency: atOnce, qps });
      const storage = invocation.storageWith((each) => pace.around(deadline.around(each)));
      const { signal } = deadline;
      const { requests } = pace;
      const onLines = (lines: readonly ReportLine[]) => logLines(invocation, lines);
      return { storage, kept, rules, clock, concurrency: atOnce, signal, requests, onLines };
    },
  };
}

/** Hands tasks to this function. Where neither account nor address is known there is nobody. */
function selfOf({ config, region }: Invocation, context: FcContext): Service['self'] {
  const { accountId, credentials, function: self } = context;
  const name = self?.name;
  if (name === undefined || (accountId === '' && config.functionsEndpoint === undefined)) return undefined;
  const endpoint = config.functionsEndpoint ?? `https://${accountId}.${region}-internal.fc.aliyuncs.com`;
  return { name, invoker: createInvoker({ region, accountId: accountId || '0', endpoint, credentials }) };
}

/** One line a version that changed, failed or is gone, as for an event. */
function logLines({ decided, log }: Invocation, lines: readonly ReportLine[]): void {
  for (const { result, ...line } of lines) {
    if (result === 'failed') decided('error', { ...line, action: 'failed' }, 'failed');
    else if (result === 'gone') decided('warn', { ...line, action: 'gone' }, 'gone');
    else if (result === 'protected') decided('info', { ...line, action: 'protect' }, 'protect');
    else log.info({ ...line, action: 'protect', dryRun: true }, 'protect');
  }
}

function report({ log }: Invocation, request: Task, served: Served): void {
  if (served.action !== 'repair-done') {
    const unrecorded = 'unrecorded' in served && served.unrecorded !== undefined;
    log[unrecorded ? 'warn' : 'info']({ ...about(request), ...served }, served.action);
    return;
  }
  const { repair, receipt } = served;
  const failed = repair.failed > 0;
  log[failed ? 'error' : 'info'](
    { action: served.action, ...repair, recorded: receipt.sent },
    'the repair is over',
  );
}

function about(request: Task): Record<string, unknown> {
  switch (request.task) {
    case 'check':
      return {};
    case 'repair':
      return { source: request.manifest };
    case 'protect-shard':
      return { plan: `oss://${request.folder.bucket}/${request.folder.prefix}`, shard: request.number };
  }
}

/** One failure fails as itself; several are named together. */
function combined(errors: readonly unknown[], total: number): unknown {
  if (errors.length === 1) return errors[0];
  return failure('EVENTS_FAILED', {
    failed: errors.length,
    total,
    failures: errors.map(inOneLine).join('\n'),
  });
}
