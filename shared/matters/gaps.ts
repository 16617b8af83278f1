import type { HoldfastError } from '../platform/errors.ts';
import type { OpenScope } from './matching.ts';

/** The open matters that one read of a run leaves it with. */
export interface MattersReading {
  /** Those that count from now on; where the read failed, those of the read before. */
  readonly open: readonly OpenScope[];
  /** Why there may be more; none when these are all. */
  readonly unknown: readonly HoldfastError[];
}

/** This is what the reads of a run have shown so far. */
export interface MattersSeen {
  readonly open: readonly OpenScope[];
  /** Why the last read did not show all of them. */
  readonly gap: readonly HoldfastError[];
  /** Why reads before had not shown a matter that a later one did: the run may have passed over versions of it. */
  readonly passedOver: readonly HoldfastError[];
}

/**
 * Takes one more read into what a run has seen. A gap in what is known leaves nothing behind, unless a matter is there afterwards
 * that did not count in it: one that counted is kept throughout, and one that was released needs nothing. Pure.
 * @param before undefined at the first read
 */
export function seeMatters(before: MattersSeen | undefined, { open, unknown }: MattersReading): MattersSeen {
  const { gap, passedOver } = before ?? { gap: [], passedOver: [] };
  const counted = new Set(before?.open.map(({ scope }) => scope));
  const isMore = open.some(({ scope }) => !counted.has(scope));
  return {
    open,
    gap: unknown,
    passedOver: isMore ? [...new Set([...passedOver, ...gap])] : passedOver,
  };
}

/** Returns why a run that ended now may have passed over versions of open matters; nothing when it has not. Pure. */
export const whyPassedOver = ({ gap, passedOver }: MattersSeen): readonly HoldfastError[] => [
  ...new Set([...passedOver, ...gap]),
];
