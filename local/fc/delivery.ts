import type { FunctionError } from './messages.ts';

/** An event on its way to a function. */
export interface Message {
  /** It stays the same for all attempts at it. */
  readonly requestId: string;
  readonly function: string;
  /** The name of the trigger; `api` for a call of the invocation API, `destination` for a failed event. */
  readonly trigger: string;
  readonly event: Buffer;
  /** Milliseconds of virtual time before its first attempt; none unless given. */
  readonly delayMs?: number;
  /** Ends its attempts, the running one too. */
  readonly stop?: AbortSignal;
  /** Hears what becomes of it. */
  readonly report?: (progress: Progress) => void;
}

/** This is what becomes of a message, in the words of asynchronous tasks (fc20230330, AsyncTaskEvent). */
export type Progress =
  | { readonly status: 'Enqueued' | 'Running' | 'Stopped' }
  | { readonly status: 'Succeeded'; readonly result: string }
  | { readonly status: 'Retrying' | 'Failed' | 'Expired'; readonly error: FunctionError };

/**
 * This is how an event is delivered: the delays in milliseconds of virtual time after which it arrives, one for each
 * copy. `[0]` is once and at once, `[]` is lost, `[0, 0]` is twice.
 */
export type DeliveryPolicy = (message: Message) => readonly number[];
