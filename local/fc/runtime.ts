import { randomUUID } from 'node:crypto';
import type { Template } from '../../shared/deploy/template.ts';
import { systemClock } from '../../shared/platform/clock.ts';
import type { DeliveryPolicy, Message } from './delivery.ts';
import type { Execution } from './executor.ts';
import { functionComputeHost } from './host.ts';
import { createInvocationLog, type Invocation } from './invocations.ts';
import { createPlacement } from './placement.ts';
import { type Attempt, createAsyncQueue } from './queue.ts';
import type { RunFunction } from './run-function.ts';
import type { RuntimeOptions } from './runtime-options.ts';
import { asJson } from './shown-event.ts';
import { createTasks, type Tasks } from './tasks.ts';
import { type Firing, matchTriggers, type OssEvent } from './triggers.ts';
import type { Undelivered } from './undelivered.ts';
import { createWeather, type Weather } from './weather.ts';

/** Function Compute, as far as an s.yaml of ours needs it. */
export interface FunctionRuntime {
  /** The functions that are in place now. */
  readonly functions: ReadonlyMap<string, RunFunction>;
  /**
   * Puts a function in place, or in the place of the one of its name. Requests under way end on the code that they began
   * with. Instances go on when nothing of what they run has changed, and timers when none has changed. Its OSS triggers
   * stand for their own buckets only, whatever `everyBucket` says of those of the template.
   * @returns resolves when nothing runs the former code any more
   */
  deploy(props: RunFunction, codeFolder: string): Promise<void>;
  /**
   * Removes a function with its timers. Requests under way come to their end; events that wait for it are dropped.
   * @returns resolves when nothing runs its code any more
   */
  remove(functionName: string): Promise<void>;
  /**
   * Runs the functions of another template, with other variables. Functions that were deployed by hand stay, with the new
   * variables. Requests under way end on what they began with.
   * @throws FUNCTION_NOT_BUILT, and then nothing changes
   */
  reload(template: Template, environment: Readonly<Record<string, string>>): void;
  /** The latest events that could not be delivered, oldest first. */
  undelivered(): readonly Undelivered[];
  readonly tasks: Tasks;
  readonly weather: Weather;
  /** Tells whether a function has as many instances as it may, all of them busy. */
  throttled(functionName: string): boolean;
  /** Runs a function and waits for its answer. The caller knows that the function exists. */
  invoke(functionName: string, event: Buffer): Promise<{ invocation: Invocation; outcome: Execution }>;
  /** Queues an event for a function, for so many milliseconds of virtual time later; returns the request id. */
  submit(functionName: string, event: Buffer, delayMs?: number): string;
  /** Starts it as a task; nothing, and no request id, when the function has a task of this id already. */
  startTask(functionName: string, taskId: string, event: Buffer, delayMs?: number): string | undefined;
  /** Queues the event of a trigger that matched it. */
  hand(functionName: string, trigger: string, event: Buffer): void;
  /** Fires what the event of the object store triggers. */
  onOssEvent(event: OssEvent): void;
  /** Fires a timer now, named by its trigger or its function; nothing when there is no such timer. */
  fireTimer(name: string): Promise<Invocation> | undefined;
  invocations(functionName?: string): readonly Invocation[];
  /** Resolves when nothing runs. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

/** Invocations and events that are remembered. */
export const remembered = 5000;

/**
 * Starts the runtime: its timers are scheduled from now on; processes start with the first requests.
 * @throws HoldfastError FUNCTION_NOT_BUILT when the built code of a function or the program of an instance is not there
 */
export function createRuntime(options: RuntimeOptions): FunctionRuntime {
  const { place, time, host = functionComputeHost } = options;
  const weather = createWeather(options.weather);
  const functions = new Map<string, RunFunction>();
  const log = options.log ?? createInvocationLog(remembered);
  const work = new Set<Promise<unknown>>();
  let closing = false;
  const track = <Result>(piece: Promise<Result>): Promise<Result> => {
    work.add(piece);
    return piece.finally(() => work.delete(piece));
  };

  const attempt: Attempt = async (message, count, whenFailed) => {
    const executor = placement.executorOf(message.function);
    const started = systemClock.now().getTime();
    const running = log.start({
      cloud: host.cloud,
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

  const throttled = (functionName: string) => placement.executorOf(functionName).throttled;
  const deliver: DeliveryPolicy = (message) =>
    options.deliver(message).flatMap((late) => weather.deliver(message).map((later) => late + later));
  const undelivered: Undelivered[] = [];
  const onUndelivered = (event: Undelivered) => {
    undelivered.push(event);
    undelivered.splice(0, undelivered.length - remembered);
    options.onUndelivered?.(event);
  };
  const refuseDestination = (functionName: string, target: string) =>
    options.checks?.toDestination(functionName, target);
  const queue = createAsyncQueue({
    functions,
    host,
    place,
    time,
    attempt,
    throttled,
    deliver,
    refuseDestination,
    onUndelivered,
    track,
  });
  const tasks = createTasks(time, place);
  /**
   * Records a message. With `asyncTask` every asynchronous invocation is a task, named by its request (Function
   * Compute, async tasks).
   */
  const recorded = (message: Message): Message => {
    if (functions.get(message.function)?.asyncInvokeConfig.asyncTask !== true) return message;
    return tasks.register(message.requestId, message) ?? message;
  };
  const submit = (functionName: string, trigger: string, event: Buffer) =>
    queue.submit(recorded(messageFor(functionName, trigger, event)));

  const refuseFiring = ({ function: name, invocationRole }: Firing): Undelivered | undefined => {
    if (invocationRole === undefined) return undefined;
    const target = host.nameOf(place, name);
    const refusal = options.checks?.byTrigger(invocationRole, target);
    const at = time.now().toISOString();
    return refusal && { at, kind: 'trigger', function: name, target, requestId: '', ...refusal };
  };

  const placement = createPlacement({ options: { ...options, host }, weather, functions, submit });
  return {
    functions,
    deploy: placement.deploy,
    remove: placement.remove,
    reload: placement.reload,
    undelivered: () => undelivered,
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
    hand: submit,
    onOssEvent(event) {
      const all = [...functions.values()];
      const isLax = ({ functionName }: RunFunction) =>
        options.everyBucket && placement.isOfTemplate(functionName);
      const firings = [
        ...matchTriggers(all.filter(isLax), event, true),
        ...matchTriggers(
          all.filter((each) => !isLax(each)),
          event,
          false,
        ),
      ];
      for (const firing of firings) {
        const refusal = refuseFiring(firing);
        if (refusal === undefined) submit(firing.function, firing.trigger, weather.garble(firing.event));
        else onUndelivered(refusal);
      }
    },
    fireTimer(name) {
      const timer = placement.timers().find((each) => each.trigger === name || each.function === name);
      return timer && queue.submitNow(recorded(messageFor(timer.function, timer.trigger, timer.event())));
    },
    invocations: (functionName) => log.list(functionName, host.cloud),
    async idle() {
      while (work.size > 0) await Promise.allSettled([...work]);
    },
    async close() {
      closing = true;
      await placement.close();
      await Promise.allSettled([...work]);
    },
  };
}

function messageFor(functionName: string, trigger: string, event: Buffer): Message {
  return { requestId: randomUUID(), function: functionName, trigger, event };
}
