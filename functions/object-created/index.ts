import { type Kept, keepFailure } from '../../shared/dead-letters/keep.ts';
import { objectsOf } from '../../shared/dead-letters/letter.ts';
import {
  type MalformedEvent,
  type ObjectEvent,
  readObjectEvents,
} from '../../shared/events/object-events.ts';
import {
  createBatchMemory,
  type EventResult,
  errorsOf,
  handleBatch,
} from '../../shared/objects/handle-batch.ts';
import { objectRecord } from '../../shared/objects/record.ts';
import { inOneLine } from '../../shared/platform/error-text.ts';
import { failure, HoldfastError } from '../../shared/platform/errors.ts';
import { errorFields } from '../../shared/platform/log.ts';
import type { FcContext } from '../fc.ts';
import { createRuntime, type Invocation } from '../runtime.ts';

const runtime = createRuntime('object-created', import.meta.dirname);
const memory = createBatchMemory();

/** FC calls this once an instance, before the first event. */
export const initializer = (context: FcContext): Promise<void> => runtime.initialize(context);

/**
 * Protects the versions that each event may mean.
 * @param event FC's OSS event, a CloudEvent, or its bare data, as JSON
 * @returns how many versions met with which action; and how many events failed, when they are kept as a dead letter
 * @throws when any event failed, after all were tried, so that FC repeats and finally keeps the event
 */
export const handler = (event: Uint8Array, context: FcContext): Promise<Record<string, number>> =>
  runtime.invoke(context, async (invocation) => {
    const results = await handlePayload(invocation, event);
    for (const result of results) report(invocation, result);
    const failed = results.filter((result) => errorsOf(result).length > 0);
    if (failed.length === 0) return countActions(results);
    const error = batchError(failed, results.length);
    if (!(await isKeptAtOnce(invocation, context, event, failed.flatMap(errorsOf), error))) throw error;
    return { ...countActions(results), failed: failed.length };
  });

async function handlePayload(invocation: Invocation, event: Uint8Array): Promise<EventResult[]> {
  let entries: (ObjectEvent | MalformedEvent)[];
  try {
    entries = readObjectEvents(event);
  } catch (error) {
    return [{ event: { malformed: 'the whole event' }, outcomes: [], error, durationMs: 0 }];
  }
  return await handleBatch({ ...invocation, memory }, entries);
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

/**
 * Keeps a failure as a dead letter at once when no repetition can help, because every error is permanent. Only what
 * Function Compute has invoked is kept: `holdfast simulate` and `redrive` tell their caller.
 * @returns false when Function Compute has to repeat the event, and to keep it in the end
 */
async function isKeptAtOnce(
  { storage, rules, log, clock, config }: Invocation,
  { requestId, accountId, function: self }: FcContext,
  event: Uint8Array,
  errors: readonly unknown[],
  shown: HoldfastError,
): Promise<boolean> {
  const payload = textOf(event);
  const isPermanent = errors.every((error) => error instanceof HoldfastError && !error.transient);
  if (!isPermanent || payload === undefined || config.dryRun) return false;
  if (rules.deadLetters === undefined || accountId === '' || self === undefined) return false;
  const { code, message, remedy } = shown;
  const [failedAt, condition] = [clock.now(), 'PermanentFailure'];
  const failed = { function: self.name, requestId, failedAt, attempts: 1, condition, payload };
  try {
    logLetter(log, await keepFailure(storage, rules, { ...failed, error: { code, message, remedy } }));
    return true;
  } catch (error) {
    log.error(errorFields(error), 'the failure is not kept at once: the event is left to Function Compute');
    return false;
  }
}

function logLetter(log: Invocation['log'], kept: Kept): void {
  const { id, error, payload } = kept.letter;
  const [first] = objectsOf(payload);
  const line = { action: kept.action, id, failedCode: error.code, about: first };
  if (kept.action === 'own') log.error({ ...line, ...errorFields(kept.error) }, 'not kept');
  else
    log.error(
      { ...line, letter: `oss://${kept.at.bucket}/${kept.at.key}`, reason: error.message },
      'a dead letter',
    );
}

/** Undefined for bytes that are no text: a letter would not have the event as it was. */
function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
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
