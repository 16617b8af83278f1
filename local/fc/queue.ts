import { randomUUID } from 'node:crypto';
import type { FunctionProps } from '../../shared/deploy/template.ts';
import { minute, second } from '../../shared/platform/instant.ts';
import type { VirtualTime } from '../virtual-time.ts';
import type { Place } from './environment.ts';
import type { Outcome } from './instance.ts';
import type { Invocation } from './invocations.ts';
import type { FunctionError } from './messages.ts';

/** An event on its way to a function. */
export interface Message {
  readonly requestId: string;
  readonly function: string;
  readonly trigger: string;
  readonly event: Buffer;
}

/**
 * How an event is delivered: the delays in milliseconds of virtual time after which it arrives, one for each copy.
 * `[0]` is once and at once, `[]` is lost, `[0, 0]` is twice.
 */
export type DeliveryPolicy = (message: Message) => readonly number[];

/** Runs one attempt; `whenFailed` says what becomes of a failed one, which is part of the record. */
export type Attempt = (
  message: Message,
  attempt: number,
  whenFailed: () => 'retrying' | 'dead' | 'failed',
) => Promise<{ invocation: Invocation; outcome: Outcome }>;

/** The queue of asynchronous invocations. */
export interface AsyncQueue {
  /** Takes an event on; returns its request id. */
  submit(functionName: string, trigger: string, event: Buffer): string;
  /** Takes an event on and runs its first attempt now, whatever the delivery policy. */
  submitNow(functionName: string, trigger: string, event: Buffer): Promise<Invocation>;
}

/**
 * Time before the attempt after attempt n failed: 1, 2, 4 … minutes. Function Compute documents how often it tries
 * again after a function's error (3 times, or maxAsyncRetryAttempts) but not when; this is our reading.
 */
function backoffMs(attempt: number): number {
  return minute * 2 ** (attempt - 1);
}

/** Makes the queue: at least once, with each function's own number of attempts and failure destination. */
export function createAsyncQueue(options: {
  functions: ReadonlyMap<string, FunctionProps>;
  place: Place;
  time: VirtualTime;
  attempt: Attempt;
  deliver: DeliveryPolicy;
  /** Registers work that has to be over before the cloud is at rest. */
  track: <Result>(work: Promise<Result>) => Promise<Result>;
}): AsyncQueue {
  const { functions, time, track } = options;

  const configOf = (functionName: string) => {
    const props = functions.get(functionName);
    if (!props) throw new RangeError(`there is no function ${functionName}`);
    return props.asyncInvokeConfig;
  };

  const handle = async (message: Message, since: Date, attempt: number): Promise<Invocation> => {
    const { maxAsyncRetryAttempts, maxAsyncEventAgeInSeconds } = configOf(message.function);
    let retryAt: Date | undefined;
    const { invocation, outcome } = await options.attempt(message, attempt, () => {
      const at = new Date(time.now().getTime() + backoffMs(attempt));
      const young = at.getTime() - since.getTime() <= maxAsyncEventAgeInSeconds * second;
      retryAt = attempt <= maxAsyncRetryAttempts && young ? at : undefined;
      return retryAt ? 'retrying' : 'dead';
    });
    if (retryAt) later(retryAt, message, since, attempt + 1);
    else if (!outcome.ok && invocation.status === 'dead') bury(message, attempt, outcome.error);
    return invocation;
  };

  const later = (when: Date, message: Message, since: Date, attempt: number) => {
    time.at(when, async () => {
      await track(handle(message, since, attempt));
    });
  };

  const bury = (message: Message, attempts: number, error: FunctionError) => {
    const target = configOf(message.function).destinationConfig?.onFailure.destination;
    const name = target?.split('functions/')[1];
    if (name === undefined) return;
    const envelope = failureEnvelope(message, attempts, error, options.place, time.now());
    submit(name, 'destination', Buffer.from(JSON.stringify(envelope)));
  };

  const submit = (functionName: string, trigger: string, event: Buffer): string => {
    const message = { requestId: randomUUID(), function: functionName, trigger, event };
    const now = time.now();
    for (const delay of options.deliver(message)) {
      if (delay === 0) void track(handle(message, now, 1));
      else later(new Date(now.getTime() + delay), message, now, 1);
    }
    return message.requestId;
  };

  return {
    submit,
    submitNow: (functionName, trigger, event) => {
      const message = { requestId: randomUUID(), function: functionName, trigger, event };
      return track(handle(message, time.now(), 1));
    },
  };
}

/** What a failure destination receives (Function Compute, result callback). */
function failureEnvelope(message: Message, attempts: number, error: FunctionError, place: Place, now: Date) {
  return {
    timestamp: now.getTime(),
    requestContext: {
      requestId: message.requestId,
      functionArn: `acs:fc:${place.region}:${place.accountId}:functions/${message.function}`,
      condition: 'UnhandledInvocationError',
      approximateInvokeCount: attempts,
    },
    requestPayload: message.event.toString('utf8'),
    responseContext: { statusCode: 200, functionError: 'UnhandledInvocationError' },
    responsePayload: JSON.stringify(error),
  };
}
