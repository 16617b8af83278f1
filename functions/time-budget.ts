import { second } from '../shared/platform/instant.ts';

/** The instants by which one invocation divides its time. */
export interface TimeBudget {
  /** A look whether the rules have changed ends at this instant. */
  readonly brief: Date;
  /** The evidence is written by then; shortly afterwards the platform ends the call. */
  readonly end: Date;
  /** Work ends then. @param keepsEvidence whether evidence is to be written after it */
  workEnds(keepsEvidence: boolean): Date;
}

/** Left for the last lines and the platform's own overhead before the time limit ends the call. */
const marginMs = 2 * second;

/** Left for writing the evidence. */
const evidenceMs = 3 * second;

/** Neither of the two takes more of a short time limit than this. */
const mostShare = 0.2;

/** A look whether the rules have changed takes no longer. */
const briefMs = 2 * second;

/**
 * Divides the time of an invocation.
 * @param start the instant when it began
 * @param limitMs the platform's time limit for it, in milliseconds
 */
export function timeBudget(start: Date, limitMs: number): TimeBudget {
  const begin = start.getTime();
  const endMs = begin + limitMs - Math.min(marginMs, limitMs * mostShare);
  return {
    brief: new Date(Math.min(begin + briefMs, endMs)),
    end: new Date(endMs),
    workEnds: (keepsEvidence) =>
      new Date(keepsEvidence ? endMs - Math.min(evidenceMs, limitMs * mostShare) : endMs),
  };
}

/** The initializer has a time limit of its own, which the context does not tell; the deployments have 30 seconds. */
const initializerMs = 20 * second;

/** Returns the time limit of an initializer, in milliseconds. @param limitMs the platform's time limit for an invocation */
export const initializerLimit = (limitMs: number): number => Math.min(limitMs, initializerMs);
