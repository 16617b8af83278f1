import type { Matters } from '../matters/state.ts';

/**
 * Returns the matters when it is certain that these are all that are open.
 * @throws MATTER_MALFORMED of a record that may hold: nobody knows what must stay then
 */
export function mattersOpenOrFail(matters: Matters): Matters {
  const unknown = matters.unreadable.find(({ mayHold }) => mayHold);
  if (unknown !== undefined) throw unknown.error;
  return matters;
}
