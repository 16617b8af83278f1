import { randomUUID } from 'node:crypto';
import type { Place } from './environment.ts';
import type { FunctionHost } from './host.ts';
import {
  exitedUnexpectedly,
  type Instance,
  type Outcome,
  startInstance,
  type TimeLimit,
} from './instance.ts';
import type { Credentials, FunctionError } from './messages.ts';
import { createPool } from './pool.ts';
import type { RunFunction } from './run-function.ts';
import type { StartSandbox } from './sandbox.ts';
import { markedLines } from './transcript.ts';
import type { Fate } from './weather.ts';

/** This is how a request to a function ended. */
export type Execution = Ending & {
  readonly logs: readonly string[];
  /** Tells whether it had to start an instance. */
  readonly cold: boolean;
  /** Its log with Function Compute's marker lines. */
  readonly transcript: readonly string[];
};

type Ending =
  | { readonly ok: true; readonly body: Buffer }
  | {
      readonly ok: false;
      readonly error: FunctionError;
      /** It is named as in the header `X-Fc-Error-Type` (Function Compute, error handling; instance lifecycle). */
      readonly condition: 'UnhandledInvocationError' | 'InitializationError';
    };

/** Runs one function: keeps its instances, gives each request its context. */
export interface Executor {
  /** Tells whether there are as many instances as there may be, all of them busy. */
  readonly throttled: boolean;
  /** @param stop kills the instance that serves the request */
  run(event: Buffer, requestId: string, stop?: AbortSignal): Promise<Execution>;
  shift(offsetMs: number): void;
  /** Lets what runs and waits come to its end, and ends the instances; resolves when they are gone. Nothing more may be run. */
  retire(): Promise<void>;
  close(): Promise<void>;
}

export interface ExecutorOptions {
  readonly props: RunFunction;
  readonly host: FunctionHost;
  readonly place: Place;
  readonly codeFolder: string;
  readonly startSandbox: StartSandbox;
  /** Variables set over the function's own. */
  readonly environment: Readonly<Record<string, string>>;
  /** Makes fresh credentials for the function's role. */
  readonly issueCredentials: () => Credentials;
  readonly offsetMs: () => number;
  /** The most instances there may be, after which requests are throttled; see `processLimit` without it. */
  readonly instanceLimit?: number | undefined;
  /**
   * This is how many instances run at the same time where no limit is given, for this machine's sake; further
   * requests wait. 4 unless given.
   */
  readonly processLimit?: number | undefined;
  /** Ends requests that take too long; by the machine's timer unless given. */
  readonly timeLimit?: TimeLimit | undefined;
  /** This is what the weather does to the instance of the next request. */
  readonly fate: () => Fate | undefined;
}

/** Makes the executor of a function. No process starts before the first request. */
export function createExecutor(options: ExecutorOptions): Executor {
  const { props, host, place, issueCredentials, instanceLimit, processLimit = 4 } = options;
  const used = new WeakSet<Instance>();
  const reserved = props.concurrencyConfig?.reservedConcurrency ?? Number.POSITIVE_INFINITY;
  const pool = createPool(Math.min(instanceLimit ?? processLimit, reserved), () =>
    startInstance({
      startSandbox: options.startSandbox,
      codeFolder: options.codeFolder,
      environment: host.environmentOf(
        props,
        place,
        issueCredentials(),
        randomUUID(),
        options.codeFolder,
        options.environment,
      ),
      memorySize: props.memorySize,
      offsetMs: options.offsetMs(),
      timeLimit: options.timeLimit,
    }),
  );
  const contextOf = (requestId: string) =>
    host.contextOf(props, place, issueCredentials(), requestId, options.environment);

  /** Runs the initializer; an instance whose initializer failed is of no use. */
  const initialize = async (instance: Instance, requestId: string): Promise<Outcome | undefined> => {
    const initializer = props.instanceLifecycleConfig?.initializer;
    if (!initializer) return undefined;
    const timeoutMs = (initializer.timeout ?? props.timeout) * 1000;
    const outcome = await instance.initialize(initializer.handler, contextOf(requestId), timeoutMs);
    if (!outcome.ok) await instance.kill();
    return outcome;
  };

  const invoke = async (instance: Instance, event: Buffer, requestId: string): Promise<Outcome> => {
    const fate = options.fate();
    if (fate === 'before') await instance.kill();
    const kill = () => void instance.kill();
    const timer = typeof fate === 'object' ? setTimeout(kill, fate.afterMs) : undefined;
    const outcome = await instance.invoke(props.handler, contextOf(requestId), event, props.timeout * 1000);
    clearTimeout(timer);
    if (fate !== 'after') return outcome;
    await instance.kill();
    return { ok: false, error: exitedUnexpectedly, logs: outcome.logs };
  };

  const serve = async (instance: Instance, event: Buffer, requestId: string): Promise<Execution> => {
    const cold = !used.has(instance);
    used.add(instance);
    const start = cold ? await initialize(instance, requestId) : undefined;
    const started = start ? markedLines('Initialize', requestId, start) : [];
    if (start?.ok === false) {
      return { ...start, condition: 'InitializationError', cold, transcript: started };
    }
    const outcome = await invoke(instance, event, requestId);
    return {
      ...(outcome.ok ? outcome : { ...outcome, condition: 'UnhandledInvocationError' }),
      logs: [...(start?.logs ?? []), ...outcome.logs],
      cold,
      transcript: [...started, ...markedLines('Invoke', requestId, outcome)],
    };
  };

  return {
    get throttled() {
      return instanceLimit !== undefined && pool.full;
    },
    run: (event, requestId, stop) =>
      pool
        .use(async (instance) => {
          const kill = () => void instance.kill();
          stop?.addEventListener('abort', kill);
          if (stop?.aborted) kill();
          return await serve(instance, event, requestId).finally(() =>
            stop?.removeEventListener('abort', kill),
          );
        })
        .catch(platformFailure),
    shift: (offsetMs) => pool.shift(offsetMs),
    retire: () => pool.retire(),
    close: () => pool.close(),
  };
}

/** An invocation that never reached the function's code. */
function platformFailure(cause: unknown): Execution {
  const errorMessage = cause instanceof Error ? cause.message : String(cause);
  const error = { errorMessage, errorType: 'InternalServerError', stackTrace: [] };
  return {
    ok: false,
    error,
    condition: 'UnhandledInvocationError',
    logs: [],
    cold: false,
    transcript: [],
  };
}
