import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join, parse, resolve } from 'node:path';
import type { FunctionProps, Template } from '../../shared/deploy/template.ts';
import { systemClock } from '../../shared/platform/clock.ts';
import { failure } from '../../shared/platform/errors.ts';
import type { VirtualTime } from '../virtual-time.ts';
import type { DeliveryPolicy, Message } from './delivery.ts';
import type { Place } from './environment.ts';
import { createExecutor, type Execution, type Executor } from './executor.ts';
import type { TimeLimit } from './instance.ts';
import { createInvocationLog, type Invocation } from './invocations.ts';
import type { Credentials } from './messages.ts';
import { type Attempt, createAsyncQueue } from './queue.ts';
import { createTasks, type Tasks } from './tasks.ts';
import { startTimers } from './timers.ts';
import { matchTriggers, type OssEvent } from './triggers.ts';
import { createWeather, type Weather, type WeatherRule } from './weather.ts';

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
  /** What goes wrong on the way and in the instances, from the start; more can come through {@link Weather}. */
  readonly weather?: readonly WeatherRule[];
  /** The most instances a function may have; with all of them busy it is throttled. Not throttled unless given. */
  readonly instanceLimit?: number | undefined;
  /** How many instances of a function run at the same time without that limit; 4 unless given. Further requests wait. */
  readonly processLimit?: number | undefined;
  /** Ends requests that take too long; by the machine's timer unless given. */
  readonly timeLimit?: TimeLimit | undefined;
  /** Hears of each invocation when it has finished. */
  readonly onInvocation: (invocation: Invocation) => void;
}

/** Function Compute, as far as an s.yaml of ours needs it. */
export interface FunctionRuntime {
  readonly functions: ReadonlyMap<string, FunctionProps>;
  readonly tasks: Tasks;
  readonly weather: Weather;
  /** Whether a function has as many instances as it may, all of them busy. */
  throttled(functionName: string): boolean;
  /** Runs a function and waits for its answer. The caller knows that the function exists. */
  invoke(functionName: string, event: Buffer): Promise<{ invocation: Invocation; outcome: Execution }>;
  /** Queues an event for a function, for so many milliseconds of virtual time later; returns the request id. */
  submit(functionName: string, event: Buffer, delayMs?: number): string;
  /** The same as a task; nothing, and no request id, when the function has a task of this id already. */
  startTask(functionName: string, taskId: string, event: Buffer, delayMs?: number): string | undefined;
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
 * @throws HoldfastError FUNCTION_NOT_BUILT when the built code of a function or the program of an instance is not there
 */
export function createRuntime(options: RuntimeOptions): FunctionRuntime {
  const { template, place, time } = options;
  const functions = new Map(template.functions.map((props) => [props.functionName, props]));
  const weather = createWeather(options.weather);
  const executors = startExecutors(options, weather);
  const executorOf = (functionName: string) => {
    const executor = executors.get(functionName);
    if (!executor) throw new RangeError(`there is no function ${functionName}`);
    return executor;
  };
  time.onShift((offsetMs) => {
    for (const executor of executors.values()) executor.shift(offsetMs);
  });

  const log = createInvocationLog(remembered);
  const work = new Set<Promise<unknown>>();
  let closing = false;
  const track = <Result>(piece: Promise<Result>): Promise<Result> => {
    work.add(piece);
    return piece.finally(() => work.delete(piece));
  };

  const attempt: Attempt = async (message, count, whenFailed) => {
    const executor = executorOf(message.function);
    const started = systemClock.now().getTime();
    const running = log.start({
      requestId: message.requestId,
      function: message.function,
      trigger: message.trigger,
      event: asJson(message.event),
      attempt: count,
      startedAt: time.now().toISOString(),
    });
    const outcome = await executor.run(message.event, message.requestId, message.stop);
    const invocation = log.finish(running, {
      status: outcome.ok ? 'succeeded' : closing ? 'failed' : whenFailed(),
      finishedAt: time.now().toISOString(),
      durationMs: systemClock.now().getTime() - started,
      cold: outcome.cold,
      logs: outcome.logs,
      ...(outcome.ok ? { result: outcome.body.toString('utf8') } : { error: outcome.error }),
    });
    options.onInvocation(invocation);
    return { invocation, outcome };
  };

  const throttled = (functionName: string) => executorOf(functionName).throttled;
  const deliver: DeliveryPolicy = (message) =>
    options.deliver(message).flatMap((late) => weather.deliver(message).map((later) => late + later));
  const queue = createAsyncQueue({ functions, place, time, attempt, throttled, deliver, track });
  const tasks = createTasks(time, place);
  /** With `asyncTask` every asynchronous invocation is a task, named by its request (Function Compute, async tasks). */
  const recorded = (message: Message): Message => {
    if (functions.get(message.function)?.asyncInvokeConfig.asyncTask !== true) return message;
    return tasks.register(message.requestId, message) ?? message;
  };
  const submit = (functionName: string, trigger: string, event: Buffer) =>
    queue.submit(recorded(messageFor(functionName, trigger, event)));
  const timers = startTimers([...functions.values()], time, submit);

  return {
    functions,
    tasks,
    weather,
    throttled,
    invoke: (functionName, event) =>
      track(attempt(messageFor(functionName, 'api', event), 1, () => 'failed')),
    submit(functionName, event, delayMs = 0) {
      const message = { ...messageFor(functionName, 'api', event), delayMs };
      queue.submit(recorded(message));
      return message.requestId;
    },
    startTask(functionName, taskId, event, delayMs = 0) {
      const message = tasks.register(taskId, { ...messageFor(functionName, 'api', event), delayMs });
      if (message) queue.submit(message);
      return message?.requestId;
    },
    onOssEvent(event) {
      for (const firing of matchTriggers(functions.values(), event, options.everyBucket)) {
        submit(firing.function, firing.trigger, firing.event);
      }
    },
    fireTimer(name) {
      const timer = timers.find((each) => each.trigger === name || each.function === name);
      return timer && queue.submitNow(recorded(messageFor(timer.function, timer.trigger, timer.event())));
    },
    invocations: (functionName) => log.list(functionName),
    async idle() {
      while (work.size > 0) await Promise.allSettled([...work]);
    },
    async close() {
      closing = true;
      await Promise.all([...executors.values()].map((executor) => executor.close()));
      await Promise.allSettled([...work]);
    },
  };
}

function messageFor(functionName: string, trigger: string, event: Buffer): Message {
  return { requestId: randomUUID(), function: functionName, trigger, event };
}

function startExecutors(options: RuntimeOptions, weather: Weather): ReadonlyMap<string, Executor> {
  const executors = options.template.functions.map((props): [string, Executor] => {
    const codeFolder = resolve(options.codeRoot, props.code);
    const { dir, name } = parse(props.handler);
    requireFiles(props.functionName, [options.bootstrap, join(codeFolder, dir, `${name}.js`)]);
    const executor = createExecutor({
      props,
      place: options.place,
      codeFolder,
      bootstrap: options.bootstrap,
      environment: options.environment,
      issueCredentials: () => options.issueCredentials(props.functionName),
      offsetMs: () => options.time.offsetMs,
      instanceLimit: options.instanceLimit,
      processLimit: options.processLimit,
      timeLimit: options.timeLimit,
      fate: weather.fate,
    });
    return [props.functionName, executor];
  });
  return new Map(executors);
}

function requireFiles(name: string, files: readonly string[]): void {
  const file = files.find((each) => !existsSync(each));
  if (file !== undefined) throw failure('FUNCTION_NOT_BUILT', { name, file });
}

/** Levels of brackets that an event may have to be shown as JSON; writing JSON again takes a stack as deep as it is. */
const deepestShown = 200;

/** The event as JSON; as the text it is when it is none, or nested too deeply to be written again. */
function asJson(event: Buffer): unknown {
  const text = event.toString('utf8');
  try {
    return isDeep(text) ? text : JSON.parse(text);
  } catch {
    return text;
  }
}

/** Whether brackets nest beyond what is shown. Brackets inside strings count too, which errs on the safe side. */
function isDeep(text: string): boolean {
  let depth = 0;
  for (const character of text) {
    if (character === '[' || character === '{') depth += 1;
    else if (character === ']' || character === '}') depth -= 1;
    if (depth > deepestShown) return true;
  }
  return false;
}
