import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { nextRun, parseSchedule } from '../../shared/deploy/schedule.ts';
import type { FunctionProps, Template } from '../../shared/deploy/template.ts';
import { systemClock } from '../../shared/platform/clock.ts';
import type { VirtualTime } from '../virtual-time.ts';
import type { Place } from './environment.ts';
import { createExecutor, type Executor } from './executor.ts';
import type { Outcome } from './instance.ts';
import { createInvocationLog, type Invocation } from './invocations.ts';
import type { Credentials } from './messages.ts';
import { type Attempt, createAsyncQueue, type DeliveryPolicy } from './queue.ts';
import { matchTriggers, type OssEvent, timerPayload } from './triggers.ts';

export interface RuntimeOptions {
  readonly template: Template;
  /** The folder that the `code` paths of the template start from. */
  readonly codeRoot: string;
  /** The program of a function instance: local/fc/instance-main.ts, built. */
  readonly bootstrap: string;
  readonly place: Place;
  readonly time: VirtualTime;
  /** Variables set over those of each function. */
  readonly environment: Readonly<Record<string, string>>;
  readonly issueCredentials: (functionName: string) => Credentials;
  readonly everyBucket: boolean;
  readonly deliver: DeliveryPolicy;
  /** Hears of each invocation when it has finished. */
  readonly onInvocation: (invocation: Invocation) => void;
}

/** Function Compute, as far as an s.yaml of ours needs it. */
export interface FunctionRuntime {
  readonly functions: ReadonlyMap<string, FunctionProps>;
  /** Runs a function and waits for its answer. The caller knows that the function exists. */
  invoke(functionName: string, event: Buffer): Promise<{ invocation: Invocation; outcome: Outcome }>;
  /** Queues an event for a function; returns the request id. */
  submit(functionName: string, event: Buffer): string;
  /** Fires what the event of the object store triggers. */
  onOssEvent(event: OssEvent): void;
  /** Fires a timer now, named by its trigger or its function; nothing when there is no such timer. */
  fireTimer(name: string): Promise<Invocation> | undefined;
  invocations(functionName?: string): readonly Invocation[];
  /** Resolves when nothing runs. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

const remembered = 5000;

/**
 * Starts the runtime: its timers are scheduled from now on; processes start with the first requests.
 * @throws Error when the built code of a function or the program of an instance is not there
 */
export function createRuntime(options: RuntimeOptions): FunctionRuntime {
  const { template, place, time } = options;
  requireFile(options.bootstrap);
  const functions = new Map(template.functions.map((props) => [props.functionName, props]));
  const executors = new Map<string, Executor>();
  for (const props of functions.values()) {
    const codeFolder = resolve(options.codeRoot, props.code);
    requireFile(join(codeFolder, `${props.handler.slice(0, props.handler.lastIndexOf('.'))}.js`));
    const executor = createExecutor({
      props,
      place,
      codeFolder,
      bootstrap: options.bootstrap,
      environment: options.environment,
      issueCredentials: () => options.issueCredentials(props.functionName),
      offsetMs: () => time.offsetMs,
    });
    executors.set(props.functionName, executor);
  }
  time.onShift((offsetMs) => {
    for (const executor of executors.values()) executor.shift(offsetMs);
  });

  const log = createInvocationLog(remembered);
  const running = new Set<Promise<unknown>>();
  let closing = false;
  const track = <Result>(work: Promise<Result>): Promise<Result> => {
    running.add(work);
    return work.finally(() => running.delete(work));
  };

  const attempt: Attempt = async (message, count, whenFailed) => {
    const executor = executors.get(message.function);
    if (!executor) throw new RangeError(`there is no function ${message.function}`);
    const started = systemClock.now().getTime();
    const { id } = log.start({
      requestId: message.requestId,
      function: message.function,
      trigger: message.trigger,
      event: asJson(message.event),
      attempt: count,
      startedAt: time.now().toISOString(),
    });
    const outcome = await executor.run(message.event, message.requestId);
    const invocation = log.finish(id, {
      status: outcome.ok ? 'succeeded' : closing ? 'failed' : whenFailed(),
      finishedAt: time.now().toISOString(),
      durationMs: systemClock.now().getTime() - started,
      logs: outcome.logs,
      ...(outcome.ok ? { result: outcome.body.toString('utf8') } : { error: outcome.error }),
    });
    options.onInvocation(invocation);
    return { invocation, outcome };
  };

  const queue = createAsyncQueue({ functions, place, time, attempt, deliver: options.deliver, track });
  const timers = startTimers([...functions.values()], time, queue.submit);

  return {
    functions,
    invoke(functionName, event) {
      const message = { requestId: randomUUID(), function: functionName, trigger: 'api', event };
      return track(attempt(message, 1, () => 'failed'));
    },
    submit: (functionName, event) => queue.submit(functionName, 'api', event),
    onOssEvent(event) {
      for (const firing of matchTriggers(functions.values(), event, options.everyBucket)) {
        queue.submit(firing.function, firing.trigger, firing.event);
      }
    },
    fireTimer(name) {
      const timer = timers.find((each) => each.trigger === name || each.function === name);
      return timer && queue.submitNow(timer.function, timer.trigger, timer.event());
    },
    invocations: (functionName) => log.list(functionName),
    async idle() {
      while (running.size > 0) await Promise.allSettled([...running]);
    },
    async close() {
      closing = true;
      await Promise.all([...executors.values()].map((executor) => executor.close()));
      await Promise.allSettled([...running]);
    },
  };
}

interface Timer {
  readonly function: string;
  readonly trigger: string;
  event(): Buffer;
}

/** Schedules the enabled timers, each anew after it has fired; lists all, for those that fire them by hand. */
function startTimers(
  functions: readonly FunctionProps[],
  time: VirtualTime,
  submit: (functionName: string, trigger: string, event: Buffer) => void,
): Timer[] {
  return functions.flatMap(({ functionName, triggers }) =>
    triggers.flatMap((trigger) => {
      if (trigger.triggerType !== 'timer') return [];
      const { cronExpression, enable, payload } = trigger.triggerConfig;
      const event = () => timerPayload(trigger.triggerName, payload, time.now());
      const schedule = parseSchedule(cronExpression);
      const plan = (from: Date) => {
        const next = nextRun(schedule, from);
        if (!next) return;
        time.at(next, () => {
          submit(functionName, trigger.triggerName, event());
          const following = nextRun(schedule, next);
          plan(following && following > time.now() ? next : time.now());
        });
      };
      if (enable) plan(time.now());
      return [{ function: functionName, trigger: trigger.triggerName, event }];
    }),
  );
}

function requireFile(file: string): void {
  if (!existsSync(file)) throw new Error(`${file} is not there: build it first with \`npm run build\``);
}

function asJson(event: Buffer): unknown {
  const text = event.toString('utf8');
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
