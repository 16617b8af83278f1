import { readLines } from './lines.ts';
import {
  type FunctionError,
  type Order,
  type Reply,
  splitOutput,
  type Work,
  type WorkContext,
} from './messages.ts';
import type { Gone, SandboxOptions, StartSandbox } from './sandbox.ts';

/** This is how an invocation ended, with the lines it wrote. */
export type Outcome = { readonly logs: readonly string[] } & (
  | { readonly ok: true; readonly body: Buffer }
  | { readonly ok: false; readonly error: FunctionError }
);

/** One instance of a function. It serves one request at a time; the caller sees to that. */
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

export interface InstanceOptions extends SandboxOptions {
  readonly startSandbox: StartSandbox;
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

/** Starts an instance of a function. */
export function startInstance({
  startSandbox,
  timeLimit = machineTimeLimit,
  ...options
}: InstanceOptions): Instance {
  const sandbox = startSandbox(options);
  let alive = true;
  let lines: string[] = [];
  let onEnd: (requestId: string) => void = () => undefined;
  const gone = sandbox.gone.then((why) => {
    alive = false;
    return why;
  });
  for (const stream of sandbox.outputs) {
    readLines(stream, (line) => {
      const { text, ended } = splitOutput(line);
      if (text && lines.length < longestLog) lines.push(text);
      if (ended) onEnd(ended);
    });
  }
  const send = (order: Order) => {
    if (alive) sandbox.send(order);
  };

  /** Resolves with the reply once it and the end of both output streams are there. */
  const finished = (requestId: string): Promise<Reply> =>
    new Promise((resolve) => {
      let ends = 0;
      let reply: Reply | undefined;
      const settle = () => {
        if (reply && ends === 2) resolve(reply);
      };
      sandbox.onReply((received) => {
        if (received.requestId === requestId) reply = received;
        settle();
      });
      onEnd = (ended) => {
        if (ended === requestId) ends += 1;
        settle();
      };
    });

  const request = async (work: Work, timeoutMs: number): Promise<Outcome> => {
    let timedOut = false;
    const cancelLimit = timeLimit(timeoutMs, () => {
      timedOut = true;
      sandbox.kill();
    });
    const ended = Promise.race([finished(work.context.requestId), gone]);
    send(work);
    const reply = await ended;
    cancelLimit();
    const logs = lines;
    lines = [];
    if (typeof reply === 'string') return { ok: false, error: whyGone(reply, timedOut, timeoutMs), logs };
    if (reply.kind === 'error') return { ok: false, error: reply.error, logs };
    return { ok: true, body: Buffer.from(reply.body, 'base64'), logs };
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
      sandbox.kill();
      await gone;
    },
  };
}

/** This is what an invocation gets whose instance ended under it (Function Compute, error handling). */
export const exitedUnexpectedly: FunctionError = {
  errorType: 'FunctionUnhandledError',
  errorMessage: 'Process exited unexpectedly before completing request',
  stackTrace: [],
};

/** The words are Function Compute's (error handling; metrics: FunctionTimeoutError, FunctionOOMError). */
function whyGone(gone: Gone, timedOut: boolean, timeoutMs: number): FunctionError {
  const error = (errorType: string, errorMessage: string) => ({ errorType, errorMessage, stackTrace: [] });
  if (timedOut) return error('FunctionTimeoutError', `Function timed out after ${timeoutMs / 1000} seconds`);
  if (gone === 'memory') return error('FunctionOOMError', 'Memory limit exceeded');
  return exitedUnexpectedly;
}
