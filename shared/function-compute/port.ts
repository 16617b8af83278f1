/** An error as a function threw it (Function Compute, error handling). */
export interface ThrownError {
  readonly errorMessage: string;
  readonly errorType: string;
  readonly stackTrace: readonly string[];
}

/** This is how a synchronous invocation ended. A function that failed is a result, not an error of the call. */
export type InvokeResult = {
  readonly requestId: string;
  /** The last 4 KB of its log, a line each. */
  readonly logs: readonly string[];
} & (
  | { readonly ok: true; readonly body: string }
  /** `condition`: UnhandledInvocationError, or InitializationError when the function never ran. */
  | { readonly ok: false; readonly error: ThrownError; readonly condition: string }
);

/** An asynchronous task that ended without success. */
export interface FailedTask {
  readonly taskId: string;
  /** `Failed`, `Expired` or `Stopped`. */
  readonly status: string;
  /** This is what the function threw last; empty when the service says nothing. */
  readonly reason: string;
}

/** Invokes deployed functions. All calls throw the coded errors of {@link ../platform/errors.ts}. */
export interface FunctionInvoker {
  /** Runs a function and waits for its answer. */
  invoke(name: string, payload: string): Promise<InvokeResult>;
  /**
   * Queues an event for a function, which runs it at least once. With a task id (a letter or _, then letters, digits,
   * _ and -, 128 at most) it is queued once however often it is started.
   */
  start(name: string, payload: string, taskId?: string): Promise<'accepted' | 'already-known'>;
  /** The tasks of a function whose ids begin with `prefix` and that ended without success; kept for seven days. */
  failedTasks(name: string, prefix: string): Promise<FailedTask[]>;
}
