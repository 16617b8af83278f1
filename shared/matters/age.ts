import { second } from '../platform/instant.ts';

/**
 * A function knows of a matter at the latest this long after its record was written: what it has read is used for no longer.
 */
export const mostMattersAgeMs = 2 * second;

/**
 * A command waits so long between the record and its list of versions. An upload that a function has decided about without the
 * matter is in that list, so none falls between the two.
 */
export const mattersSettleMs = mostMattersAgeMs + second;
