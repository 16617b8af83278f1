import { type ChildProcess, spawn } from 'node:child_process';
import { Readable, Writable } from 'node:stream';
import { readLines } from './lines.ts';
import { clockVariables } from './machine-clock.ts';
import {
  type FunctionError,
  type Order,
  ordersFd,
  type Reply,
  repliesFd,
  splitOutput,
  type Work,
  type WorkContext,
} from './messages.ts';

/** This is how an invocation ended, with the lines it wrote. */
export type Outcome = { readonly logs: readonly string[] } & (
  | { readonly ok: true; readonly body: Buffer }
  | { readonly ok: false; readonly error: FunctionError }
);

/** The process of one function instance. It serves one request at a time; the caller sees to that. */
export interface Instance {
  /** Tells whether it can still take a request. */
  readonly alive: boolean;
  initialize(handler: string, context: WorkContext, timeoutMs: number): Promise<Outcome>;
  invoke(handler: string, context: WorkContext, event: Buffer, timeoutMs: number): Promise<Outcome>;
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
  /** MB that the process may take, its heap and all the rest. */
  readonly memorySize: number;
  readonly offsetMs: number;
  /** Ends a request that takes too long; by the machine's timer unless given. */
  readonly timeLimit?: TimeLimit | undefined;
}

/** Calls `expire` after so many milliseconds, unless what it returns is called before. */
export type TimeLimit = (ms: number, expire: () => void) => () => void;

const machineTimeLimit: TimeLimit = (ms, expire) => {
  const timer = setTimeout(expire, ms);
  return () => clearTimeout(timer);
};

const longestLog = 10_000;

/** Starts the process of a function instance. */
export function startInstance(options: InstanceOptions): Instance {
  const { timeLimit = machineTimeLimit } = options;
  const flags = [`--max-old-space-size=${options.memorySize}`];
  const child = spawn(process.execPath, [...flags, options.bootstrap], {
    cwd: options.codeFolder,
    env: {
      ...clockVariables(),
      ...options.environment,
      HOLDFAST_LOCAL_OFFSET_MS: String(options.offsetMs),
      HOLDFAST_LOCAL_MEMORY_MB: String(options.memorySize),
    },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe'],
  });
  const orders = child.stdio[ordersFd];
  const replies = child.stdio[repliesFd];
  let alive = true;
  let lines: string[] = [];
  let onEnd: (requestId: string) => void = () => undefined;
  let onReply: (reply: Reply) => void = () => undefined;
  const die = () => {
    alive = false;
  };
  child.once('exit', die);
  const gone = new Promise<void>((resolve) => {
    child.once('error', () => resolve());
    child.once('close', () => resolve());
  }).then(die);
  for (const stream of [child.stdout, child.stderr]) {
    if (!stream) continue; // null where stdio has no pipe
    readLines(stream, (line) => {
      const { text, ended } = splitOutput(line);
      if (text && lines.length < longestLog) lines.push(text);
      if (ended) onEnd(ended);
    });
  }
  if (replies instanceof Readable) readLines(replies, (line) => onReply(JSON.parse(line)));
  // What cannot be written any more finds out from `gone`.
  for (const stream of [orders, replies]) stream?.on('error', () => undefined);

  const send = (order: Order) => {
    if (alive && orders instanceof Writable) orders.write(`${JSON.stringify(order)}\n`);
  };

  /** Resolves with the reply once it and the end of both output streams are there. */
  const finished = (requestId: string): Promise<Reply> =>
    new Promise((resolve) => {
      let ends = 0;
      let reply: Reply | undefined;
      const settle = () => {
        if (reply && ends === 2) resolve(reply);
      };
      onReply = (received) => {
        if (received.requestId === requestId) reply = received;
        settle();
      };
      onEnd = (ended) => {
        if (ended === requestId) ends += 1;
        settle();
      };
    });

  const request = async (work: Work, timeoutMs: number): Promise<Outcome> => {
    let timedOut = false;
    const cancelLimit = timeLimit(timeoutMs, () => {
      timedOut = true;
      child.kill('SIGKILL');
    });
    const ended = Promise.race([finished(work.context.requestId), gone]);
    send(work);
    const reply = await ended;
    cancelLimit();
    const logs = lines;
    lines = [];
    if (reply?.kind === 'result') return { ok: true, body: Buffer.from(reply.body, 'base64'), logs };
    const error = reply?.kind === 'error' ? reply.error : whyGone(child, timedOut, timeoutMs);
    return { ok: false, error, logs };
  };

  return {
    get alive() {
      return alive;
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

/** This is what an invocation gets whose process ended under it (Function Compute, error handling). */
export const exitedUnexpectedly: FunctionError = {
  errorType: 'FunctionUnhandledError',
  errorMessage: 'Process exited unexpectedly before completing request',
  stackTrace: [],
};

/** The words are Function Compute's (error handling; metrics: FunctionTimeoutError, FunctionOOMError). */
function whyGone(child: ChildProcess, timedOut: boolean, timeoutMs: number): FunctionError {
  const error = (errorType: string, errorMessage: string) => ({ errorType, errorMessage, stackTrace: [] });
  if (timedOut) return error('FunctionTimeoutError', `Function timed out after ${timeoutMs / 1000} seconds`);
  if (child.signalCode === 'SIGABRT') return error('FunctionOOMError', 'Memory limit exceeded');
  return exitedUnexpectedly;
}
