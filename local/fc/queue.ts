import { randomUUID } from 'node:crypto';
import { hour, minute, second } from '../../shared/platform/instant.ts';
import type { VirtualTime } from '../virtual-time.ts';
import type { DeliveryPolicy, Message } from './delivery.ts';
import { type Burial, failureDestination } from './destination.ts';
import type { Place } from './environment.ts';
import type { Execution } from './executor.ts';
import type { FunctionHost } from './host.ts';
import type { Invocation } from './invocations.ts';
import type { RunFunction } from './run-function.ts';
import { functionGone, type Undelivered } from './undelivered.ts';

/** Runs one attempt; `whenFailed` says what becomes of a failed one, which is part of the record. */
export type Attempt = (
  message: Message,
  attempt: number,
  whenFailed: () => 'retrying' | 'dead' | 'failed',
) => Promise<{ invocation: Invocation; outcome: Execution }>;

/** The queue of asynchronous invocations. */
export interface AsyncQueue {
  /** Takes an event on. */
  submit(message: Message): void;
  /** Takes an event on and runs its first attempt now, whatever the delivery policy and the limit of instances. */
  submitNow(message: Message): Promise<Invocation>;
}

export interface AsyncQueueOptions {
  readonly functions: ReadonlyMap<string, RunFunction>;
  readonly host: FunctionHost;
  readonly place: Place;
  readonly time: VirtualTime;
  readonly attempt: Attempt;
  /** Tells whether a function has as many instances as it may, all of them busy. */
  readonly throttled: (functionName: string) => boolean;
  readonly deliver: DeliveryPolicy;
  /** Refuses to hand a failed event on; nothing lets it pass. */
  readonly refuseDestination: (
    functionName: string,
    target: string,
  ) => Pick<Undelivered, 'code' | 'message'> | undefined;
  readonly onUndelivered: (undelivered: Undelivered) => void;
  /** Registers work that has to be over before the cloud is at rest. */
  readonly track: <Result>(work: Promise<Result>) => Promise<Result>;
}

/**
 * Time before the attempt after attempt n failed: 1, 2, 4 … minutes. Function Compute documents how often it tries
 * again after a function's error (3 times, or maxAsyncRetryAttempts) but not when; this is our reading.
 */
const retryMs = (attempt: number) => minute * 2 ** (attempt - 1);

/** Throttled events wait 0.5, 1, 2, 4 … seconds, for five hours at most (Function Compute, retry policy). */
const throttledMs = (waits: number) => (second / 2) * 2 ** waits;
const longestThrottled = 5 * hour;

/**
 * This is where a message stands: since when it waits, the attempt that comes next, how often it was throttled before
 * it.
 */
interface Standing {
  readonly since: Date;
  readonly attempt: number;
  readonly waits: number;
}

/** Makes the queue: at least once, with each function's own number of attempts and failure destination. */
export function createAsyncQueue(options: AsyncQueueOptions): AsyncQueue {
  const { functions, time, track } = options;

  const propsOf = (functionName: string) => {
    const props = functions.get(functionName);
    if (!props) throw new RangeError(`there is no function ${functionName}`);
    return props;
  };

  /** Tells whether a message may still be tried at an instant. */
  const isYoung = (message: Message, { since, waits }: Standing, at: Date) => {
    const { maxAsyncEventAgeInSeconds } = propsOf(message.function).asyncInvokeConfig;
    const limit = maxAsyncEventAgeInSeconds * second;
    return at.getTime() - since.getTime() <= (waits > 0 ? Math.min(limit, longestThrottled) : limit);
  };

  const take = async (message: Message, standing: Standing): Promise<void> => {
    if (!functions.has(message.function)) {
      return message.report?.({ status: 'Failed', error: functionGone(message.function) });
    }
    if (message.stop?.aborted) return message.report?.({ status: 'Stopped' });
    if (!isYoung(message, standing, time.now())) return expire(message, standing);
    if (!options.throttled(message.function)) return void (await handle(message, standing));
    later(throttledMs(standing.waits), message, { ...standing, waits: standing.waits + 1 });
  };

  const handle = async (message: Message, standing: Standing): Promise<Invocation> => {
    const { attempt } = standing;
    const props = propsOf(message.function);
    const { maxAsyncRetryAttempts } = props.asyncInvokeConfig;
    const next = { ...standing, attempt: attempt + 1, waits: 0 };
    message.report?.({ status: 'Running' });
    const { invocation, outcome } = await options.attempt(message, attempt, () => {
      if (message.stop?.aborted) return 'failed';
      if (!functions.has(message.function)) return 'dead';
      const at = new Date(time.now().getTime() + retryMs(attempt));
      return attempt <= maxAsyncRetryAttempts && isYoung(message, next, at) ? 'retrying' : 'dead';
    });
    if (outcome.ok) message.report?.({ status: 'Succeeded', result: outcome.body.toString('utf8') });
    else if (message.stop?.aborted) message.report?.({ status: 'Stopped' });
    else if (invocation.status === 'retrying') {
      message.report?.({ status: 'Retrying', error: outcome.error });
      later(retryMs(attempt), message, next);
    } else if (invocation.status === 'dead') {
      message.report?.({ status: 'Failed', error: outcome.error });
      bury(props, { message, attempts: attempt, error: outcome.error, condition: outcome.condition });
    }
    return invocation;
  };

  const later = (delayMs: number, message: Message, standing: Standing) => {
    time.at(new Date(time.now().getTime() + delayMs), async () => {
      await track(take(message, standing));
    });
  };

  /** Gives up an event that nobody has tried in time. */
  const expire = (message: Message, { attempt }: Standing) => {
    const errorMessage = 'The event has exceeded its maximum age before it could be tried';
    const error = { errorType: 'EventExpired', errorMessage, stackTrace: [] };
    message.report?.({ status: 'Expired', error });
    bury(propsOf(message.function), {
      message,
      attempts: attempt - 1,
      error,
      condition: 'EventExpired',
    });
  };

  /** Hands a failed event on. A refusal of the destination is final, as every 4xx (fc-docs 064): it is only recorded. */
  const bury = (props: RunFunction, burial: Burial) => {
    const destination = failureDestination(props);
    if (destination === undefined) return;
    const { arn, functionName: name } = destination;
    const refusal = options.refuseDestination(props.functionName, arn) ?? missingDestination(name);
    if (refusal !== undefined) {
      const { requestId, function: source } = burial.message;
      const at = time.now().toISOString();
      options.onUndelivered({
        at,
        kind: 'destination',
        function: source,
        target: arn,
        requestId,
        ...refusal,
      });
      return;
    }
    const event = Buffer.from(JSON.stringify(options.host.envelopeOf(burial, options.place, time.now())));
    submit({ requestId: randomUUID(), function: name, trigger: 'destination', event });
  };

  const missingDestination = (name: string) =>
    functions.has(name) ? undefined : { code: 'FunctionNotFound', message: functionGone(name).errorMessage };

  const submit = (message: Message) => {
    const standing = { since: time.now(), attempt: 1, waits: 0 };
    message.report?.({ status: 'Enqueued' });
    for (const late of options.deliver(message)) {
      const delayMs = late + (message.delayMs ?? 0);
      if (delayMs === 0) void track(take(message, standing));
      else later(delayMs, message, standing);
    }
  };

  return {
    submit,
    submitNow: (message) => track(handle(message, { since: time.now(), attempt: 1, waits: 0 })),
  };
}
