import type { Rules } from '../rules/types.ts';
import type { ObjectAt, ObjectStore } from '../storage/port.ts';
import type { FailedInvocation } from './envelope.ts';
import { type KeptLetter, keepFailure } from './keep.ts';
import { eventTimeOf } from './letter.ts';

/**
 * Keeps a failure as {@link keepFailure} does, but all attempts at one event in one letter: its key has the time of the event
 * instead of that of the failure, and a letter that is there already stays as it is.
 * @throws as {@link keepFailure}, and what looking for the letter throws
 */
export async function keepFailureOnce(
  storage: Pick<ObjectStore, 'writeText' | 'headObject'>,
  rules: Pick<Rules, 'deadLetters'>,
  failed: FailedInvocation,
): Promise<KeptLetter> {
  const once = {
    async writeText(at: ObjectAt, text: string) {
      const there = await storage.headObject(at);
      return typeof there === 'object'
        ? { sent: true, requestId: undefined }
        : await storage.writeText(at, text);
    },
  };
  return await keepFailure(once, rules, failed, eventTimeOf(failed.payload) ?? failed.failedAt);
}
