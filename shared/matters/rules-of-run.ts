import type { HoldfastError } from '../platform/errors.ts';
import type { Rules } from '../rules/types.ts';
import { type MattersSeen, seeMatters, whyPassedOver } from './gaps.ts';
import { createRulesWithMatters } from './hold-rules.ts';
import type { ReadOpenMatters } from './read-open.ts';

/** The rules with what open matters ask for, at one moment. */
export interface RulesNow {
  readonly rules: Rules;
  /** True where open matters may have more: they are not all known, or were not while versions of one were passed over. */
  readonly isPartial: boolean;
}

/** The rules with open matters during a run. */
export interface RulesOfRun {
  /**
   * Returns the rules as they are now.
   * @param openedBefore leaves out matters that were opened at this instant or later
   */
  readonly now: (openedBefore?: Date) => Promise<RulesNow>;
  /**
   * Returns why versions of open matters may have been passed over.
   * @param isMarked tells that the progress of the run says so, also of processes before this one
   */
  readonly unknown: (isMarked?: boolean) => readonly HoldfastError[];
}

/**
 * Brings what each read of the open matters shows into the rules of a run. Where a read fails, nothing is said of it at the end if the next
 * read shows no matter more.
 * @param hasHolds tells whether the service has legal holds, so that a version has to be looked at first
 */
export function createRulesOfRun(rules: Rules, hasHolds: boolean, read: ReadOpenMatters): RulesOfRun {
  const withOpen = createRulesWithMatters(rules, hasHolds);
  const met = new Set<HoldfastError>();
  let seen: MattersSeen | undefined;
  return {
    async now(openedBefore) {
      const reading = await read(openedBefore); // several are under way at once
      for (const error of reading.unknown) met.add(error);
      seen = seeMatters(seen, reading);
      return { rules: withOpen(seen.open), isPartial: whyPassedOver(seen).length > 0 };
    },
    unknown(isMarked = false) {
      const why = seen === undefined ? [] : whyPassedOver(seen);
      return isMarked && why.length === 0 ? [...met] : why;
    },
  };
}
