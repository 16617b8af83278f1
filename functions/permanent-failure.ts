import { type Kept, keepFailure } from '../shared/dead-letters/keep.ts';
import { objectsOf } from '../shared/dead-letters/letter.ts';
import { HoldfastError } from '../shared/platform/errors.ts';
import { errorFields } from '../shared/platform/log.ts';
import type { FcContext } from './fc.ts';
import type { Invocation } from './runtime.ts';

/** An event that failed in an invocation. */
export interface FailedEvent {
  readonly event: Uint8Array;
  /** All that went wrong. */
  readonly errors: readonly unknown[];
  /** The error that stands for them all in the letter. */
  readonly shown: unknown;
}

/**
 * Keeps a failure as a dead letter at once when no repetition can help, because every error is permanent. Only what
 * Function Compute has invoked is kept: `holdfast simulate` and `redrive` tell their caller.
 * @returns false when Function Compute has to repeat the event, and to keep it in the end
 */
export async function isKeptAtOnce(
  { storage, rules, log, clock, config }: Pick<Invocation, 'storage' | 'rules' | 'log' | 'clock' | 'config'>,
  { requestId, accountId, function: self }: FcContext,
  { event, errors, shown }: FailedEvent,
): Promise<boolean> {
  const payload = textOf(event);
  const isPermanent = errors.every((error) => error instanceof HoldfastError && !error.transient);
  if (!isPermanent || !(shown instanceof HoldfastError) || payload === undefined || config.dryRun)
    return false;
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
  else {
    const letter = `oss://${kept.at.bucket}/${kept.at.key}`;
    log.error({ ...line, letter, reason: error.message, remedy: error.remedy }, 'a dead letter');
  }
}

/** Undefined for bytes that are no text: a letter would not have the event as it was. */
function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
