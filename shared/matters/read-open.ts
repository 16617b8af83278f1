import type { Clock } from '../platform/clock.ts';
import { HoldfastError } from '../platform/errors.ts';
import type { Rules } from '../rules/types.ts';
import { createCurrentMatters } from './current.ts';
import type { MattersReading } from './gaps.ts';
import { openScopes } from './matching.ts';
import type { MattersSource } from './read.ts';
import { type Matters, unknownOf } from './state.ts';

/**
 * Reads the open matters as they are now.
 * @param openedBefore leaves out matters that were opened at this instant or later
 */
export type ReadOpenMatters = (openedBefore?: Date) => Promise<MattersReading>;

/**
 * Hears why matters are not known, each reason once.
 * @param what the matter of one record, or all matters
 */
export type TellUnknown = (error: HoldfastError, what: 'record' | 'all') => void;

/**
 * Makes the function that reads the open matters again and again. Where a read fails, those of the read before count.
 * @param read returns undefined where the rules have no folder for matters
 */
export function createOpenMatters(
  read: () => Promise<Matters | undefined>,
  tell: TellUnknown,
): ReadOpenMatters {
  const told = new Map<string, HoldfastError>();
  let known: Matters | undefined;
  /** Tells a reason once, and returns the first error that had it. */
  const once = (error: HoldfastError, what: 'record' | 'all'): HoldfastError => {
    const reason = `${error.code}: ${error.message}`;
    const before = told.get(reason);
    if (before !== undefined) return before;
    told.set(reason, error);
    tell(error, what);
    return error;
  };
  const readNow = async (): Promise<readonly HoldfastError[]> => {
    try {
      known = await read();
      return known === undefined ? [] : unknownOf(known).map((error) => once(error, 'record'));
    } catch (error) {
      if (!(error instanceof HoldfastError)) throw error;
      return [once(error, 'all')];
    }
  };
  return async (openedBefore) => {
    const unknown = await readNow();
    return { open: known === undefined ? [] : openScopes(known, openedBefore), unknown };
  };
}

/** This is what the open matters of some rules are read with. */
export interface OpenMattersDeps extends Pick<MattersSource, 'storage' | 'load'> {
  readonly rules: Pick<Rules, 'audit'>;
  readonly clock: Pick<Clock, 'now'>;
}

/** Makes the same function for the matters of the rules. What was read is used for as long as events use it. */
export function createOpenMattersOfRules(
  { storage, load, rules: { audit: folder }, clock }: OpenMattersDeps,
  tell: TellUnknown,
): ReadOpenMatters {
  const { current } = createCurrentMatters(clock);
  return createOpenMatters(
    async () => folder && (await current({ storage, folder, load, withoutPasses: true })),
    tell,
  );
}
