import { randomUUID } from 'node:crypto';
import type { FunctionProps } from '../../shared/deploy/template.ts';
import { functionEnvironment, invocationContext, type Place } from './environment.ts';
import { type Instance, type Outcome, startInstance } from './instance.ts';
import type { Credentials } from './messages.ts';
import { createPool } from './pool.ts';

/** Runs one function: keeps its instances, gives each request its context. */
export interface Executor {
  run(event: Buffer, requestId: string): Promise<Outcome>;
  shift(offsetMs: number): void;
  close(): Promise<void>;
}

export interface ExecutorOptions {
  readonly props: FunctionProps;
  readonly place: Place;
  readonly codeFolder: string;
  readonly bootstrap: string;
  /** Variables set over the function's own. */
  readonly environment: Readonly<Record<string, string>>;
  /** Makes fresh credentials for the function's role. */
  readonly issueCredentials: () => Credentials;
  readonly offsetMs: () => number;
}

/** How many instances of a function run at the same time; further requests wait. */
const mostInstances = 4;

/** Makes the executor of a function. No process starts before the first request. */
export function createExecutor(options: ExecutorOptions): Executor {
  const { props, place, issueCredentials } = options;
  const initialized = new WeakSet<Instance>();
  const pool = createPool(mostInstances, () =>
    startInstance({
      bootstrap: options.bootstrap,
      codeFolder: options.codeFolder,
      environment: functionEnvironment(
        props,
        place,
        issueCredentials(),
        randomUUID(),
        options.codeFolder,
        options.environment,
      ),
      memorySize: props.memorySize,
      offsetMs: options.offsetMs(),
    }),
  );
  const initializer = props.instanceLifecycleConfig?.initializer;

  /** Runs the initializer on a new instance; nothing when there is nothing to run or it went well. */
  const prepare = async (instance: Instance, requestId: string): Promise<Outcome | undefined> => {
    if (!initializer || initialized.has(instance)) return undefined;
    const context = invocationContext(props, place, issueCredentials(), requestId);
    const timeoutMs = (initializer.timeout ?? props.timeout) * 1000;
    const outcome = await instance.initialize(initializer.handler, context, timeoutMs);
    if (outcome.ok) initialized.add(instance);
    else await instance.kill();
    return outcome;
  };

  const serve = async (instance: Instance, event: Buffer, requestId: string): Promise<Outcome> => {
    const start = await prepare(instance, requestId);
    if (start?.ok === false) return start;
    const context = invocationContext(props, place, issueCredentials(), requestId);
    const outcome = await instance.invoke(props.handler, context, event, props.timeout * 1000);
    return { ...outcome, logs: [...(start?.logs ?? []), ...outcome.logs] };
  };

  return {
    run: (event, requestId) =>
      pool.use((instance) => serve(instance, event, requestId)).catch(platformFailure),
    shift: (offsetMs) => pool.shift(offsetMs),
    close: () => pool.close(),
  };
}

/** An invocation that never reached the function's code. */
function platformFailure(cause: unknown): Outcome {
  const errorMessage = cause instanceof Error ? cause.message : String(cause);
  return { ok: false, error: { errorMessage, errorType: 'InternalServerError', stackTrace: [] }, logs: [] };
}
