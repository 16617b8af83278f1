import type { Clock } from './clock.ts';
import { failure } from './errors.ts';

/**
 * Waits for work, and never beyond an instant; what hangs is left behind.
 * @param what the work, as a noun phrase for the error
 * @throws STEP_UNFINISHED when the instant comes first, or is past already: then the work is not begun
 */
export async function finishBy<Result>(
  clock: Clock,
  until: Date,
  what: string,
  work: () => Promise<Result>,
): Promise<Result> {
  const left = until.getTime() - clock.now().getTime();
  if (left <= 0) throw failure('STEP_UNFINISHED', { what });
  const late = clock.sleep(left).then(() => {
    throw failure('STEP_UNFINISHED', { what });
  });
  return await Promise.race([work(), late]);
}
