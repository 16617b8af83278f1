import type { CloudName } from '../../shared/platform/address.ts';
import type { FunctionError } from './messages.ts';

/** One run of a function, as the embedded cloud remembers it. */
export interface Invocation {
  /** A number of its own for each run, in the order of their start. */
  readonly id: number;
  /** The cloud that the function serves: `oss` for one of Function Compute, `obs` for one of FunctionGraph. */
  readonly cloud: CloudName;
  /** It stays the same for all attempts at one event. */
  readonly requestId: string;
  readonly function: string;
  /** The name of the trigger; `api` for a call of the invocation API, `destination` for a failed event. */
  readonly trigger: string;
  /** The event as JSON, or as text if it is none. */
  readonly event: unknown;
  /** 1 for the first. */
  readonly attempt: number;
  /**
   * `failed`: nobody tries again (a synchronous call, or a task that was stopped). `retrying`: a further attempt is scheduled. `dead`: there were
   * no attempts left, or the event was too old.
   */
  readonly status: 'running' | 'succeeded' | 'failed' | 'retrying' | 'dead';
  /** Virtual time, ISO 8601 in UTC. */
  readonly startedAt: string;
  readonly finishedAt?: string;
  /** Real time, waiting for a free instance included. */
  readonly durationMs?: number;
  readonly error?: FunctionError;
  /** Tells whether it had to start an instance; the others were warm. */
  readonly cold?: boolean;
  /** This is what the function answered, as text. */
  readonly result?: string;
  /** The lines it wrote to its output. */
  readonly logs: readonly string[];
}

/** The latest invocations, oldest first. */
export interface InvocationLog {
  start(entry: Omit<Invocation, 'id' | 'status' | 'logs'>): Invocation;
  /** Records how a running invocation ended; returns it as it stands then. */
  finish(running: Invocation, end: Omit<Partial<Invocation>, 'id'>): Invocation;
  list(functionName?: string, cloud?: CloudName): readonly Invocation[];
}

/** Keeps at most `bound` invocations and forgets the oldest. */
export function createInvocationLog(bound: number): InvocationLog {
  const entries = new Map<number, Invocation>();
  let lastId = 0;
  return {
    start(entry) {
      lastId += 1;
      const invocation: Invocation = { id: lastId, ...entry, status: 'running', logs: [] };
      entries.set(lastId, invocation);
      entries.delete(lastId - bound);
      return invocation;
    },
    finish(running, end) {
      const finished = { ...running, ...end };
      if (entries.has(running.id)) entries.set(running.id, finished);
      return finished;
    },
    list: (functionName, cloud) =>
      [...entries.values()].filter(
        (entry) =>
          (functionName ?? entry.function) === entry.function && (cloud ?? entry.cloud) === entry.cloud,
      ),
  };
}
