import pLimit from 'p-limit';
import { type MalformedEvent, malformedEntry, type ObjectEvent } from '../events/object-events.ts';
import { formatAddress } from '../platform/address.ts';
import { failure, HoldfastError } from '../platform/errors.ts';
import { type EventDeps, type HandledEvent, handleEvent } from './handle-event.ts';
import type { ObjectOutcome } from './outcome.ts';

/** This is what became of one entry of a batch. */
export interface EventResult extends HandledEvent {
  readonly event: ObjectEvent | MalformedEvent;
  readonly durationMs: number;
}

export interface BatchDeps extends EventDeps {
  /** No event is begun at or after this instant. */
  readonly deadline: Date;
  /** Remembers from one invocation to the next, as long as the instance lives. */
  readonly memory: BatchMemory;
  /** Between 0 and 1; Math.random unless given. */
  readonly random?: () => number;
}

/** Enough to use the time of waiting for replies, few enough not to be throttled. */
const concurrency = 8;

/**
 * Handles every entry of a batch; a failure of one stops no other. Results come in the batch's order.
 *
 * A batch that is too large for one invocation is repeated until it is through, so each repetition begins elsewhere:
 * what this instance has dealt with comes last, and counts as dealt with when no time is left for a second look.
 */
export async function handleBatch(
  deps: BatchDeps,
  entries: readonly (ObjectEvent | MalformedEvent)[],
): Promise<EventResult[]> {
  const { memory, random = Math.random } = deps;
  const results = new Map<number, EventResult>();
  const limit = pLimit(concurrency);
  const start = Math.floor(random() * entries.length);
  const rotated = [...entries.keys()].map((index) => (start + index) % entries.length);
  const isDone = (index: number) => memory.recall(entries[index]) !== undefined;
  const order = [...rotated.filter((index) => !isDone(index)), ...rotated.filter(isDone)];
  await limit.map(order, async (index) => {
    const entry = entries[index];
    if (entry !== undefined) results.set(index, await handleEntry(deps, entry));
  });
  return [...entries.keys()].flatMap((index) => results.get(index) ?? []);
}

async function handleEntry(deps: BatchDeps, event: ObjectEvent | MalformedEvent): Promise<EventResult> {
  const begin = deps.clock.now();
  if ('malformed' in event) {
    return {
      event,
      outcomes: [],
      error: malformedEntry(event),
      durationMs: 0,
    };
  }
  if (begin >= deps.deadline) return { event, ...unreached(deps, event), durationMs: 0 };
  const looked = await handleEvent(deps, event);
  const errors = errorsOf(looked);
  if (errors.length === 0) deps.memory.keep(event, looked.outcomes);
  const isCutShort = errors.length > 0 && errors.every(isTransient) && deps.clock.now() >= deps.deadline;
  const handled = (isCutShort && recalled(deps.memory, event)) || looked;
  return { event, ...handled, durationMs: deps.clock.now().getTime() - begin.getTime() };
}

const isTransient = (error: unknown): boolean => error instanceof HoldfastError && error.transient;

function unreached({ memory, rules }: BatchDeps, event: ObjectEvent): HandledEvent {
  const { bucket, key } = event;
  const target = formatAddress(rules.cloud, { bucket, key });
  const error = failure('EVENT_OUT_OF_TIME', { target });
  return recalled(memory, event) ?? { outcomes: [], error };
}

function recalled(memory: BatchMemory, event: ObjectEvent): HandledEvent | undefined {
  const outcomes = memory.recall(event);
  return outcomes && { outcomes, error: undefined };
}

/** Returns the errors of a result; none means that the event is dealt with. */
export function errorsOf({ outcomes, error }: HandledEvent): readonly unknown[] {
  const own = error === undefined ? [] : [error];
  return [...outcomes.flatMap((outcome) => outcome.errors), ...own];
}

/** This is what an instance has dealt with, for as long as it lives and as far as memory is bounded. */
export interface BatchMemory {
  keep(event: ObjectEvent, outcomes: readonly ObjectOutcome[]): void;
  /** The outcomes as a second look would show them; undefined when the event was not dealt with. */
  recall(event: ObjectEvent | MalformedEvent | undefined): readonly ObjectOutcome[] | undefined;
}

/** Events that are remembered; more than one payload of an asynchronous invocation has. */
const remembered = 2000;

/** Remembers nothing at first, and the newest events at most. */
export function createBatchMemory(most = remembered): BatchMemory {
  const done = new Map<string, readonly ObjectOutcome[]>();
  return {
    keep(event, outcomes) {
      const id = identityOf(event);
      done.delete(id);
      done.set(id, outcomes.map(asStored));
      const [oldest] = done.keys();
      if (done.size > most && oldest !== undefined) done.delete(oldest);
    },
    recall: (event) =>
      event === undefined || 'malformed' in event ? undefined : done.get(identityOf(event)),
  };
}

/** Takes what was written for stored: retention in COMPLIANCE mode cannot be taken back. */
function asStored(outcome: ObjectOutcome): ObjectOutcome {
  const { receipt: _, hold, ...bare } = outcome;
  const rest: ObjectOutcome = {
    ...bare,
    ...(hold && { hold: { matters: hold.matters, by: hold.by === 'put-on' ? 'already-on' : hold.by } }),
  };
  const { decision } = outcome;
  if (decision.action !== 'protect') return rest;
  return { ...rest, decision: { ...decision, action: 'already-protected', previousUntil: decision.until } };
}

const identityOf = ({ bucket, key, versionId, etag, time, name }: ObjectEvent): string =>
  JSON.stringify([bucket, key, versionId, etag, time, name]);
