import { readEnvelope } from '../../shared/dead-letters/envelope.ts';
import { type Kept, keepFailure } from '../../shared/dead-letters/keep.ts';
import { objectsOf } from '../../shared/dead-letters/letter.ts';
import { errorFields, type Logger } from '../../shared/platform/log.ts';
import type { FcContext } from '../fc.ts';
import { createRuntime, type Invocation } from '../runtime.ts';

const runtime = createRuntime('dead-letter', import.meta.dirname);

/** For callers that begin with it. s.yaml names none: a failure in it would come before the envelope is in the log. */
export const initializer = (context: FcContext): Promise<void> => runtime.initialize(context);

/**
 * Keeps the failure of another function as an object that `holdfast redrive` can replay. What cannot be kept is in the
 * log at error level, whole, and fails, so that FC repeats it and its metrics show it.
 * @param event the envelope that FC sends to a failure destination, as JSON
 */
export const handler = (event: Uint8Array, context: FcContext): Promise<Record<string, number>> => {
  const envelope = Buffer.from(event).toString();
  const work = async ({ storage, rules, log }: Invocation) => {
    const kept = await keepFailure(storage, rules, readEnvelope(event));
    report(log, kept, envelope);
    return { [kept.action]: 1 };
  };
  return runtime.invoke(context, work, { envelope });
};

function report(log: Logger, kept: Kept, envelope: string): void {
  const { id, function: failed, requestId: failedRequestId, attempts, error, payload } = kept.letter;
  const record = { action: kept.action, id, failed, failedRequestId, attempts, failedCode: error.code };
  if (kept.action === 'own') {
    // Failing would bring it back for nothing: nobody could keep it the next time either.
    log.error({ ...record, ...errorFields(kept.error), envelope }, 'not kept');
    return;
  }
  const { at, receipt } = kept;
  const [first] = objectsOf(payload);
  const line = { ...record, letter: `oss://${at.bucket}/${at.key}`, about: first, reason: error.message };
  if (receipt.sent) log.warn({ ...line, ossRequestId: receipt.requestId }, 'a dead letter');
  else log.error({ ...line, dryRun: true, envelope }, 'a dead letter, kept in this line alone');
}
