import type { FunctionError } from './messages.ts';

/** An event that did not get to a function, and that nobody sends again. */
export interface Undelivered {
  /** Virtual time, ISO 8601 in UTC. */
  readonly at: string;
  /** `destination`: a failed event on its way to the failure destination; `trigger`: an event of OSS. */
  readonly kind: 'destination' | 'trigger';
  /** The function whose failed event it was, or the one that the trigger is for. */
  readonly function: string;
  /** The ARN of the function that it was for. */
  readonly target: string;
  /** The request id of the failed event; empty for an event of OSS. */
  readonly requestId: string;
  /** `AccessDenied`, `FunctionNotFound`. */
  readonly code: string;
  readonly message: string;
}

/** Why an event may not be delivered; nothing when it may. */
export type DeliveryRefusal = Pick<Undelivered, 'code' | 'message'> | undefined;

/** Tells who may hand events to functions. Everybody may unless a check is given. */
export interface DeliveryChecks {
  /** For a failed event of a function, which the function's own role hands on (Function Compute, result callback). */
  toDestination(functionName: string, target: string): DeliveryRefusal;
  /** For an event of OSS, which the trigger's invocation role hands over (Function Compute, OSS triggers). */
  byTrigger(invocationRole: string, target: string): DeliveryRefusal;
}

/** Makes the error of an event whose function has been deleted in the meantime. */
export const functionGone = (name: string): FunctionError => ({
  errorType: 'FunctionNotFound',
  errorMessage: `function '${name}' does not exist`,
  stackTrace: [],
});
