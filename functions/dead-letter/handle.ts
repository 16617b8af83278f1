import type { FailedInvocation } from '../../shared/dead-letters/envelope.ts';
import { type KeptLetter, keepFailure } from '../../shared/dead-letters/keep.ts';
import { keepFailureOnce } from '../../shared/dead-letters/keep-once.ts';
import { objectsOf } from '../../shared/dead-letters/letter.ts';
import { formatAddress } from '../../shared/platform/address.ts';
import { errorFields } from '../../shared/platform/log.ts';
import type { Invocation } from '../invocation.ts';

/**
 * Keeps the failure of another function as an object that `holdfast redrive` can replay. What cannot be kept is in the
 * log at error level, whole, and fails, so that the platform repeats it and its metrics show it.
 * @param read reads what the platform sends to a failure destination
 * @param envelope the same as text
 */
export async function keepEnvelope(
  invocation: Invocation,
  read: () => FailedInvocation,
  envelope: string,
): Promise<Record<string, number>> {
  const { storage, rules, keepsBeforeRepetition } = invocation;
  const keep = keepsBeforeRepetition ? keepFailureOnce : keepFailure;
  const kept = await keep(storage, rules, read());
  report(invocation, kept, envelope);
  return { [kept.action]: 1 };
}

function report({ log, cloud }: Invocation, kept: KeptLetter, envelope: string): void {
  const { id, function: failed, requestId: failedRequestId, attempts, error, payload } = kept.letter;
  const record = { action: kept.action, id, failed, failedRequestId, attempts, failedCode: error.code };
  if (kept.action === 'own') {
    // Failing would bring it back for nothing: nobody could keep it the next time either.
    log.error({ ...record, ...errorFields(kept.error), envelope }, 'not kept');
    return;
  }
  const { at, receipt } = kept;
  const [first] = objectsOf(payload);
  const line = { ...record, letter: formatAddress(cloud, at), about: first, reason: error.message };
  if (receipt.sent) log.warn({ ...line, ossRequestId: receipt.requestId }, 'a dead letter');
  else log.error({ ...line, dryRun: true, envelope }, 'a dead letter, kept in this line alone');
}
