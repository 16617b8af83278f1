import { type Matters, unknownOf } from '../matters/state.ts';

/**
 * Returns the matters when it is certain that these are all that are open.
 * @throws MATTER_MALFORMED of a record that may hold: nobody knows what must stay then
 */
export function mattersOpenOrFail(matters: Matters): Matters {
  const [unknown] = unknownOf(matters);
  if (unknown !== undefined) throw unknown;
  return matters;
}
