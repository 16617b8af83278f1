import { existsSync } from 'node:fs';
import { failure } from '../../shared/platform/errors.ts';
import { createExecutor, type Executor } from './executor.ts';
import type { FunctionHost } from './host.ts';
import { inProcesses } from './process-sandbox.ts';
import type { RunFunction } from './run-function.ts';
import type { RuntimeOptions } from './runtime-options.ts';
import type { StartSandbox } from './sandbox.ts';
import { inThreads } from './thread-sandbox.ts';
import type { Timer } from './timers.ts';
import type { Weather } from './weather.ts';

/** A function that is in place, and what belongs to it. */
export interface Deployed {
  readonly props: RunFunction;
  /** The folder of its code. */
  readonly codeFolder: string;
  readonly executor: Executor;
  readonly timers: readonly Timer[];
  /** This is what its executor was made of. */
  readonly executes: string;
  /** This is what its timers were made of. */
  readonly timed: string;
}

/** Returns the part of a function that its executor is made of: its instances end when it changes. */
export function executionOf({ triggers: _triggers, asyncInvokeConfig: _async, ...execution }: RunFunction) {
  return execution;
}

/** Makes the executor of a function. */
export function startExecutor(
  props: RunFunction,
  codeFolder: string,
  options: RuntimeOptions & { readonly host: FunctionHost },
  weather: Weather,
): Executor {
  return createExecutor({
    props,
    host: options.host,
    place: options.place,
    codeFolder,
    startSandbox: sandboxesOf(options),
    environment: options.environment,
    issueCredentials: () => options.issueCredentials(props.functionName),
    offsetMs: () => options.time.offsetMs,
    instanceLimit: options.instanceLimit,
    processLimit: options.processLimit,
    timeLimit: options.timeLimit,
    fate: weather.fate,
  });
}

function sandboxesOf({ instances, bootstrap }: RuntimeOptions): StartSandbox {
  if (typeof instances === 'function') return instances;
  return (instances === 'threads' ? inThreads : inProcesses)(bootstrap);
}

/** @throws FUNCTION_NOT_BUILT when one of the files is not there */
export function requireFiles(name: string, files: readonly string[]): void {
  const file = files.find((each) => !existsSync(each));
  if (file !== undefined) throw failure('FUNCTION_NOT_BUILT', { name, file });
}
