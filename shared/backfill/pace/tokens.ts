import { second } from '../../platform/instant.ts';

/** A token bucket as one number: the instant (ms) from which the next token is free. Pure. */
export interface Tokens {
  readonly next: number;
}

/** Tokens that were not used are kept for so long, in milliseconds. */
export const keptMs = 100;

/**
 * Takes one token.
 * @param now milliseconds
 * @returns how long to wait for it, in milliseconds
 */
export function take(tokens: Tokens, now: number, perSecond: number): { waitMs: number; tokens: Tokens } {
  const at = Math.max(now - keptMs, tokens.next);
  return { waitMs: Math.max(0, at - now), tokens: { next: at + second / perSecond } };
}
