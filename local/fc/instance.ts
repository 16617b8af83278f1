import { type ChildProcess, fork } from 'node:child_process';
import type { Readable } from 'node:stream';
import {
  type FunctionError,
  type InvocationContext,
  type Order,
  type Reply,
  splitOutput,
} from './messages.ts';

/** How an invocation ended, with the lines it wrote. */
export type Outcome = { readonly logs: readonly string[] } & (
  | { readonly ok: true; readonly body: Buffer }
  | { readonly ok: false; readonly error: FunctionError }
);

/** The process of one function instance. It serves one request at a time; the caller sees to that. */
export interface Instance {
  /** Whether it can still take a request. */
  readonly alive: boolean;
  initialize(handler: string, context: InvocationContext, timeoutMs: number): Promise<Outcome>;
  invoke(handler: string, context: InvocationContext, event: Buffer, timeoutMs: number): Promise<Outcome>;
  /** Tells it the offset of virtual time. */
  shift(offsetMs: number): void;
  /** Ends it at once; resolves when it is gone. */
  kill(): Promise<void>;
}

export interface InstanceOptions {
  /** The program to run: local/fc/instance-main.ts, built. */
  readonly bootstrap: string;
  readonly codeFolder: string;
  readonly environment: Readonly<Record<string, string>>;
  /** MB of heap. */
  readonly memorySize: number;
  readonly offsetMs: number;
}

const longestLog = 10_000;

/** Starts the process of a function instance. */
export function startInstance(options: InstanceOptions): Instance {
  const child = fork(options.bootstrap, [], {
    cwd: options.codeFolder,
    env: { ...options.environment, HOLDFAST_LOCAL_OFFSET_MS: String(options.offsetMs) },
    execArgv: [`--max-old-space-size=${options.memorySize}`, '--enable-source-maps'],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let alive = true;
  let lines: string[] = [];
  let onEnd: (requestId: string) => void = () => undefined;
  const gone = new Promise<void>((resolve) => {
    child.once('error', () => resolve());
    child.once('close', () => resolve());
  }).then(() => {
    alive = false;
  });
  for (const stream of [child.stdout, child.stderr]) {
    readLines(stream, (line) => {
      const { text, ended } = splitOutput(line);
      if (text && lines.length < longestLog) lines.push(text);
      if (ended) onEnd(ended);
    });
  }

  const call = async (order: Exclude<Order, { kind: 'shift' }>, timeoutMs: number): Promise<Outcome> => {
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      child.kill('SIGKILL');
    }, timeoutMs);
    const reply = await Promise.race([
      finished(child, order.context.requestId, (listener) => {
        onEnd = listener;
      }),
      gone,
    ]);
    clearTimeout(timer);
    const logs = lines;
    lines = [];
    if (reply?.kind === 'result') return { ok: true, body: Buffer.from(reply.body, 'base64'), logs };
    const error = reply?.kind === 'error' ? reply.error : whyGone(child, timedOut, timeoutMs);
    return { ok: false, error, logs };
  };

  const send = (order: Order) => {
    if (child.connected) child.send(order, () => undefined);
  };
  const request = (order: Exclude<Order, { kind: 'shift' }>, timeoutMs: number) => {
    const outcome = call(order, timeoutMs);
    send(order);
    return outcome;
  };

  return {
    get alive() {
      return alive && child.connected;
    },
    initialize: (handler, context, timeoutMs) => request({ kind: 'initialize', handler, context }, timeoutMs),
    invoke: (handler, context, event, timeoutMs) =>
      request({ kind: 'invoke', handler, context, event: event.toString('base64') }, timeoutMs),
    shift: (offsetMs) => send({ kind: 'shift', offsetMs }),
    async kill() {
      child.kill('SIGKILL');
      await gone;
    },
  };
}

/** Resolves with the reply once it and the end of both output streams are there. */
function finished(
  child: ChildProcess,
  requestId: string,
  watchEnds: (listener: (requestId: string) => void) => void,
): Promise<Reply> {
  return new Promise((resolve) => {
    let ends = 0;
    let reply: Reply | undefined;
    const settle = () => {
      if (!reply || ends < 2) return;
      child.off('message', onMessage);
      resolve(reply);
    };
    const onMessage = (message: Reply) => {
      if (message.requestId !== requestId) return;
      reply = message;
      settle();
    };
    child.on('message', onMessage);
    watchEnds((ended) => {
      if (ended === requestId) ends += 1;
      settle();
    });
  });
}

/** The words are Function Compute's (error handling; metrics: FunctionTimeoutError, FunctionOOMError). */
function whyGone(child: ChildProcess, timedOut: boolean, timeoutMs: number): FunctionError {
  const error = (errorType: string, errorMessage: string) => ({ errorType, errorMessage, stackTrace: [] });
  if (timedOut) return error('FunctionTimeoutError', `Function timed out after ${timeoutMs / 1000} seconds`);
  if (child.signalCode === 'SIGABRT') return error('FunctionOOMError', 'Memory limit exceeded');
  return error('FunctionUnhandledError', 'Process exited unexpectedly before completing request');
}

/** Splits at line feeds only: a line may hold any other character. */
function readLines(stream: Readable | null, onLine: (line: string) => void): void {
  let rest = '';
  stream?.setEncoding('utf8');
  stream?.on('data', (chunk: string) => {
    const parts = (rest + chunk).split('\n');
    rest = parts.pop() ?? '';
    parts.forEach(onLine);
  });
  stream?.on('end', () => rest && onLine(rest));
}
