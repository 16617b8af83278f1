import { readObjectEvents } from '../../shared/events/object-events.ts';
import { type EventResult, errorsOf, protectBatch } from '../../shared/objects/batch.ts';
import { objectRecord } from '../../shared/objects/record.ts';
import { inOneLine } from '../../shared/platform/error-text.ts';
import { failure } from '../../shared/platform/errors.ts';
import { errorFields } from '../../shared/platform/log.ts';
import type { FcContext } from '../fc.ts';
import { createRuntime, type Invocation } from '../runtime.ts';

const runtime = createRuntime('object-created', import.meta.dirname);

/** FC calls this once an instance, before the first event. */
export const initializer = (context: FcContext): Promise<void> => runtime.initialize(context);

/**
 * Protects the version that each event speaks of.
 * @param event FC's OSS event, a CloudEvent, or its bare data, as JSON
 * @returns how many versions met with which action
 * @throws when any event failed, after all were tried, so that FC repeats and finally keeps the event
 */
export const handler = (event: Uint8Array, context: FcContext): Promise<Record<string, number>> =>
  runtime.invoke(context, async (invocation) => {
    const results = await protectBatch(invocation, readObjectEvents(event));
    for (const result of results) report(invocation, result);
    const failed = results.filter((result) => errorsOf(result).length > 0);
    if (failed.length > 0) throw batchError(failed, results.length);
    return countActions(results);
  });

function report({ decided }: Invocation, result: EventResult): void {
  const { durationMs } = result;
  if ('error' in result) {
    const where = 'bucket' in result.event ? { bucket: result.event.bucket, key: result.event.key } : {};
    decided('error', { ...where, action: 'failed', ...errorFields(result.error), durationMs }, 'not decided');
    return;
  }
  for (const outcome of result.outcomes) {
    const record = { ...objectRecord(outcome), durationMs };
    if (outcome.errors.length > 0) decided('error', record, 'failed');
    else if ('warnings' in outcome.decision && outcome.decision.warnings.length > 0)
      decided('warn', record, outcome.decision.action);
    else decided('info', record, outcome.decision.action);
  }
}

/** One failed event fails as itself; several are named together. */
function batchError(failed: readonly EventResult[], total: number): unknown {
  const errors = failed.flatMap(errorsOf);
  if (total === 1 && errors.length === 1) return errors[0];
  const failures = errors.map(inOneLine).join('\n');
  return failure('EVENTS_FAILED', { failed: failed.length, total, failures });
}

function countActions(results: readonly EventResult[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const result of results) {
    for (const { decision } of 'outcomes' in result ? result.outcomes : []) {
      counts[decision.action] = (counts[decision.action] ?? 0) + 1;
    }
  }
  return counts;
}
