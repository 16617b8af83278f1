import { type KeptLetter, keepFailure } from '../shared/dead-letters/keep.ts';
import { keepFailureOnce } from '../shared/dead-letters/keep-once.ts';
import { markAt } from '../shared/dead-letters/keys.ts';
import { objectsOf } from '../shared/dead-letters/letter.ts';
import { formatAddress } from '../shared/platform/address.ts';
import { HoldfastError } from '../shared/platform/errors.ts';
import { formatInstant } from '../shared/platform/instant.ts';
import { errorFields } from '../shared/platform/log.ts';
import type { Invocation } from './invocation.ts';

/** An event that failed in an invocation. */
export interface FailedEvent {
  /** The event as text; undefined for bytes that are no text. */
  readonly text: string | undefined;
  /** All that went wrong. */
  readonly errors: readonly unknown[];
  /** The error that stands for them all in the letter. */
  readonly shown: unknown;
}

/** This is what keeping a failure works with. */
export type KeepDeps = Pick<
  Invocation,
  'storage' | 'rules' | 'log' | 'clock' | 'config' | 'cloud' | 'call' | 'keepsBeforeRepetition' | 'kept'
>;

/**
 * Keeps a failure as a dead letter at once when no repetition can help, because every error is permanent. Only what
 * the platform has invoked is kept: `holdfast simulate` and `redrive` tell their caller.
 *
 * FunctionGraph repeats a function's error three times at most, and does not say which attempt is the last. So there every
 * failure is kept before it is repeated, all attempts in one letter; a later success on this instance closes it.
 *
 * @returns false when the platform has to repeat the event, and to keep it in the end
 */
export async function isKeptAtOnce(deps: KeepDeps, { text, errors, shown }: FailedEvent): Promise<boolean> {
  const { storage, rules, log, clock, config, call } = deps;
  const isPermanent = errors.every((error) => error instanceof HoldfastError && !error.transient);
  if (!isPermanent && !deps.keepsBeforeRepetition) return false;
  if (!(shown instanceof HoldfastError) || text === undefined || config.dryRun) return false;
  if (rules.deadLetters === undefined || !call.isDeployed || call.functionName === undefined) return false;
  const { code, message, remedy } = shown;
  const failed = {
    function: call.functionName,
    requestId: call.requestId,
    failedAt: clock.now(),
    attempts: 1,
    condition: isPermanent ? 'PermanentFailure' : 'BeforeRepetition',
    payload: text,
    error: { code, message, remedy },
  };
  try {
    const keep = deps.keepsBeforeRepetition ? keepFailureOnce : keepFailure;
    const kept = await keep(storage, rules, failed);
    logLetter(deps, kept, isPermanent);
    if (!isPermanent && kept.action === 'kept') remember(deps, kept.letter.id);
    return isPermanent;
  } catch (error) {
    log.error(errorFields(error), 'the failure is not kept at once: the event is left to the platform');
    return false;
  }
}

/** More requests than this are never under way at once; what is forgotten stays open, and a replay of it is harmless. */
const mostRemembered = 1000;

function remember({ kept, call }: KeepDeps, id: string): void {
  kept.set(call.requestId, id);
  const [oldest] = kept.keys();
  if (kept.size > mostRemembered && oldest !== undefined) kept.delete(oldest);
}

/** Notes beside a letter that was kept before a repetition that the repetition has succeeded. It never throws. */
export async function closeLetter({ storage, rules, log, clock, call, kept }: KeepDeps): Promise<void> {
  const id = kept.get(call.requestId);
  if (id === undefined || rules.deadLetters === undefined) return;
  kept.delete(call.requestId);
  const at = clock.now();
  const detail = { by: 'a repetition of the platform', requestId: call.requestId };
  const mark = { version: 1, id, outcome: 'replayed', at: formatInstant(at), detail };
  try {
    await storage.writeText(
      markAt(rules.deadLetters, id, 'replayed', at),
      `${JSON.stringify(mark, null, 2)}\n`,
    );
  } catch (error) {
    log.warn({ id, ...errorFields(error) }, 'the dead letter stays open, although its event has succeeded');
  }
}

function logLetter({ log, cloud }: KeepDeps, kept: KeptLetter, isPermanent: boolean): void {
  const { id, error, payload } = kept.letter;
  const [first] = objectsOf(payload);
  const line = { action: kept.action, id, failedCode: error.code, about: first };
  if (kept.action === 'own') {
    log.error({ ...line, ...errorFields(kept.error) }, 'not kept');
    return;
  }
  const fields = {
    ...line,
    letter: formatAddress(cloud, kept.at),
    reason: error.message,
    remedy: error.remedy,
  };
  if (isPermanent) log.error(fields, 'a dead letter');
  else log.warn(fields, 'a dead letter, before the platform repeats the event');
}
