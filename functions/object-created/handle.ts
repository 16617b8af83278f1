import type { MalformedEvent, ObjectEvent } from '../../shared/events/object-events.ts';
import { createCurrentMatters } from '../../shared/matters/current.ts';
import {
  createBatchMemory,
  type EventResult,
  errorsOf,
  handleBatch,
} from '../../shared/objects/handle-batch.ts';
import { objectRecord } from '../../shared/objects/record.ts';
import { systemClock } from '../../shared/platform/clock.ts';
import { inOneLine } from '../../shared/platform/error-text.ts';
import { failure, HoldfastError } from '../../shared/platform/errors.ts';
import { errorFields } from '../../shared/platform/log.ts';
import { isKeptAtOnce } from '../failed-event.ts';
import type { Invocation } from '../invocation.ts';
import { loadMatterParser } from '../open-matters.ts';

const memory = createBatchMemory();
const matters = createCurrentMatters(systemClock);

/** Reads the events of an invocation. @throws EVENT_MALFORMED, OBS_EVENT_MALFORMED */
type ReadEvents = () => (ObjectEvent | MalformedEvent)[];

/**
 * Protects the versions that each event may mean.
 * @param text the event as text, for a dead letter
 * @returns how many versions met with which action; and how many events failed, when they are kept as a dead letter
 * @throws when any event failed, after all were tried, so that the platform repeats and finally keeps the event
 */
export async function protectUploads(
  invocation: Invocation,
  read: ReadEvents,
  text: string | undefined,
): Promise<Record<string, number>> {
  const results = await handlePayload(invocation, read);
  for (const result of results) report(invocation, result);
  const failed = results.filter((result) => errorsOf(result).length > 0);
  if (failed.length === 0) return countActions(results);
  const error = batchError(failed, results.length);
  const kept = { text, errors: failed.flatMap(errorsOf), shown: error };
  if (!(await isKeptAtOnce(invocation, kept))) throw error;
  return { ...countActions(results), failed: failed.length };
}

async function handlePayload(invocation: Invocation, read: ReadEvents): Promise<EventResult[]> {
  let entries: ReturnType<ReadEvents>;
  try {
    entries = read();
  } catch (error) {
    return [{ event: { malformed: 'the whole event' }, outcomes: [], error, durationMs: 0 }];
  }
  const { storage, rules } = invocation;
  const folder = rules.audit;
  const readMatters =
    folder === undefined
      ? undefined
      : () => matters.current({ storage, folder, load: loadMatterParser, withoutPasses: true });
  return await handleBatch({ ...invocation, memory, readMatters }, entries);
}

function report({ decided }: Invocation, { event, outcomes, error, durationMs }: EventResult): void {
  for (const outcome of outcomes) {
    const record = { ...objectRecord(outcome), durationMs };
    const { decision } = outcome;
    if (outcome.errors.length > 0) decided('error', record, 'failed');
    else if ('warnings' in decision && (decision.warnings?.length ?? 0) > 0)
      decided('warn', record, decision.action);
    else decided('info', record, decision.action);
  }
  if (error === undefined) return;
  const where = 'bucket' in event ? { bucket: event.bucket, key: event.key } : {};
  decided('error', { ...where, action: 'failed', ...errorFields(error), durationMs }, 'not decided');
}

/** Names every failed event. One that failed alone, and with one error, fails as that. */
function batchError(failed: readonly EventResult[], total: number): HoldfastError {
  const errors = failed.flatMap(errorsOf);
  const [first] = errors;
  if (total === 1 && errors.length === 1 && first instanceof HoldfastError) return first;
  const failures = errors.map(inOneLine).join('\n');
  return failure('EVENTS_FAILED', { failed: failed.length, total, failures }, { cause: first });
}

function countActions(results: readonly EventResult[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { decision } of results.flatMap(({ outcomes }) => outcomes)) {
    counts[decision.action] = (counts[decision.action] ?? 0) + 1;
  }
  return counts;
}
