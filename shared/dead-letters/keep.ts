import { failure, hasCode } from '../platform/errors.ts';
import type { Rules } from '../rules/types.ts';
import type { ObjectAt, Receipt, StorageWrites } from '../storage/port.ts';
import type { FailedInvocation } from './envelope.ts';
import { letterAt } from './keys.ts';
import { type DeadLetter, isOwn, letterOf, letterText } from './letter.ts';

/** This is what became of a failure. */
export type KeptLetter =
  | { readonly action: 'kept'; readonly letter: DeadLetter; readonly at: ObjectAt; readonly receipt: Receipt }
  /** It is about dead letters themselves: the error says so, and there is no further letter. */
  | { readonly action: 'own'; readonly letter: DeadLetter; readonly error: Error };

/**
 * Keeps the failure of a function as one object, where the rules say. The same failure delivered again is written
 * again to the same key with the same content.
 * @param keyTime the instant that the letter's key has; that of the failure unless given
 * @throws DEAD_LETTERS_UNSET, and what writing throws, such as NO_SUCH_BUCKET
 */
export async function keepFailure(
  storage: Pick<StorageWrites, 'writeText'>,
  rules: Pick<Rules, 'deadLetters'>,
  failed: FailedInvocation,
  keyTime = failed.failedAt,
): Promise<KeptLetter> {
  const letter = letterOf(failed);
  const { function: name, requestId, error } = letter;
  const place = rules.deadLetters;
  if (place === undefined) throw failure('DEAD_LETTERS_UNSET', { function: name, requestId });
  if (isOwn(letter.payload, place)) {
    const reason = `${error.code}: ${error.message}`;
    return {
      action: 'own',
      letter,
      error: failure('DEAD_LETTER_OWN', { function: name, requestId, reason }),
    };
  }
  const at = letterAt(place, letter.id, keyTime);
  return { action: 'kept', letter, at, receipt: await write(storage, at, letter) };
}

/** A key that is protected already holds this letter: nobody else writes to it. */
async function write(
  storage: Pick<StorageWrites, 'writeText'>,
  at: ObjectAt,
  letter: DeadLetter,
): Promise<Receipt> {
  try {
    return await storage.writeText(at, letterText(letter));
  } catch (error) {
    if (!hasCode(error, 'IMMUTABLE')) throw error;
    return { sent: true, requestId: error.reply.requestId };
  }
}
