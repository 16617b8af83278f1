/**
 * This is how a version stands towards the rules.
 *
 * - `protected`: held at least as long as they ask; the service said so
 * - `expected`: they give it a date to come; what is stored was not read
 * - `too-short`: held now, and not as long as they ask
 * - `unprotected`: they cover it, and nothing holds it
 * - `unknown`: it could not be found out
 * - `elapsed`: the date they give is past
 * - `uncovered`: no rule covers it; what is stored was not read
 * - `delete-marker`: carries no data
 */
export const standings = [
  'unprotected',
  'too-short',
  'unknown',
  'protected',
  'expected',
  'elapsed',
  'uncovered',
  'delete-marker',
] as const;
export type Standing = (typeof standings)[number];
