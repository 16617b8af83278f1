/** This is what the runtime and the process of a function instance say to each other: JSON lines over two pipes. */

/** The file descriptor on which an instance gets its orders. It ends when the runtime has gone. */
export const ordersFd = 3;
/** The file descriptor on which it replies. */
export const repliesFd = 4;

/** An error as Function Compute reports it (Function Compute, error handling). */
export interface FunctionError {
  readonly errorMessage: string;
  readonly errorType: string;
  readonly stackTrace: readonly string[];
}

export interface Credentials {
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  readonly securityToken: string;
}

/** The context of an invocation as Function Compute gives it to a Node.js function, without the logger. */
export interface InvocationContext {
  readonly requestId: string;
  readonly credentials: Credentials;
  readonly function: {
    readonly name: string;
    readonly handler: string;
    /** MB */
    readonly memory: number;
    /** seconds */
    readonly timeout: number;
  };
  readonly service: {
    readonly logProject: string;
    readonly logStore: string;
    readonly qualifier: string;
    readonly versionId: string;
  };
  readonly region: string;
  readonly accountId: string;
}

/** The facts of an invocation on FunctionGraph; the instance makes the context with its methods of them. */
export interface GraphInvocationContext {
  readonly platform: 'function-graph';
  readonly requestId: string;
  readonly credentials: Credentials;
  readonly functionName: string;
  readonly projectId: string;
  /** seconds */
  readonly timeout: number;
  readonly userData: Readonly<Record<string, string>>;
}

/** The context of an invocation on either platform. */
export type WorkContext = InvocationContext | GraphInvocationContext;

/** This is what an instance can be told to do, one thing at a time. */
export type Work =
  | { readonly kind: 'initialize'; readonly handler: string; readonly context: WorkContext }
  | {
      readonly kind: 'invoke';
      readonly handler: string;
      readonly context: WorkContext;
      /** The event's bytes as base64: the pipe carries JSON. */
      readonly event: string;
    };

/** From the runtime to the instance; a shift of virtual time may come at any time. */
export type Order = Work | { readonly kind: 'shift'; readonly offsetMs: number };

/** From the instance to the runtime, one for each `initialize` and `invoke`. */
export type Reply =
  | { readonly kind: 'result'; readonly requestId: string; readonly body: string }
  | { readonly kind: 'error'; readonly requestId: string; readonly error: FunctionError };

/**
 * Returns the line that an instance writes to both of its output streams when an invocation is over, so that the
 * runtime knows that it has read everything the invocation wrote.
 */
export function endOfOutput(requestId: string): string {
  return `\u0000end of ${requestId}\u0000`;
}

/** Takes a line of output apart: what the function wrote, and the request that is over with it, if any. */
export function splitOutput(line: string): { text: string; ended?: string } {
  const [, text = '', ended = ''] = /^(.*)\0end of (.+)\0$/s.exec(line) ?? [];
  return ended ? { text, ended } : { text: line };
}
