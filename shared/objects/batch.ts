import pLimit from 'p-limit';
import type { MalformedEvent, ObjectEvent } from '../events/object-events.ts';
import { failure } from '../platform/errors.ts';
import { protectObject } from './protect.ts';
import type { ObjectDeps, ObjectOutcome } from './settle.ts';

/** What became of one entry of a batch: its outcomes, or the error that prevented any. */
export type EventResult =
  | { readonly event: ObjectEvent; readonly outcomes: readonly ObjectOutcome[]; readonly durationMs: number }
  | {
      readonly event: ObjectEvent | MalformedEvent;
      readonly error: unknown;
      readonly durationMs: number;
    };

/** Enough to use the time of waiting for replies, few enough not to be throttled. */
const concurrency = 8;

/** Handles every entry of a batch; a failure of one stops no other. Results come in the batch's order. */
export async function protectBatch(
  deps: ObjectDeps,
  entries: readonly (ObjectEvent | MalformedEvent)[],
): Promise<EventResult[]> {
  const limit = pLimit(concurrency);
  return await Promise.all(entries.map((event) => limit(handle, deps, event)));
}

async function handle(deps: ObjectDeps, event: ObjectEvent | MalformedEvent): Promise<EventResult> {
  const start = deps.clock.now().getTime();
  const durationMs = () => deps.clock.now().getTime() - start;
  if ('malformed' in event) {
    const error = failure('EVENT_MALFORMED', { reason: event.malformed });
    return { event, error, durationMs: durationMs() };
  }
  try {
    const outcomes = await protectObject(deps, event);
    return { event, outcomes, durationMs: durationMs() };
  } catch (error) {
    return { event, error, durationMs: durationMs() };
  }
}

/** The errors of a result; none means that the event is dealt with. */
export function errorsOf(result: EventResult): readonly unknown[] {
  return 'error' in result ? [result.error] : result.outcomes.flatMap((outcome) => outcome.errors);
}
