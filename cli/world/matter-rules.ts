import type { RulesNow } from '../../shared/backfill/shard.ts';
import { createCurrentMatters } from '../../shared/matters/current.ts';
import { type MattersSeen, seeMatters, whyPassedOver } from '../../shared/matters/gaps.ts';
import { createRulesWithMatters } from '../../shared/matters/hold-rules.ts';
import { openScopes } from '../../shared/matters/matching.ts';
import type { MattersSource } from '../../shared/matters/read.ts';
import { parseMatterRecord } from '../../shared/matters/record.ts';
import { type Matters, unknownOf } from '../../shared/matters/state.ts';
import { HoldfastError } from '../../shared/platform/errors.ts';
import type { Rules } from '../../shared/rules/types.ts';
import type { ObjectStore } from '../../shared/storage/port.ts';
import type { Cloud } from '../options/cloud-options.ts';
import { note } from '../terminal/output.ts';
import { mattersOfRules } from './read-matters.ts';

/** The rules with what open matters ask for, as far as that is known. */
export interface RulesWithMatters {
  readonly rules: Rules;
  /** Why it is not known of some matters. */
  readonly unknown: readonly HoldfastError[];
}

/**
 * Returns the rules with what open matters ask for, so that retention keeps the versions of theirs that no legal hold keeps. What
 * is not known of them is said on standard error, and is not in the rules.
 * @param reading the matters, where they are read already
 */
export async function rulesWithMatters(
  storage: ObjectStore,
  rules: Rules,
  reading = mattersOfRules(storage, rules),
): Promise<RulesWithMatters> {
  const run = rulesOfReading(storage, rules, () => reading);
  return { rules: (await run.now()).rules, unknown: run.unknown() };
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
 * Reads the open matters again and again during a run, as often as a function does, since they are opened and released meanwhile. Where
 * that fails, what was known before counts, and nothing is said of it at the end where the next read shows no matter more.
 * @param reads reads the matters, where that may not wait for its turn
 */
export function rulesOfRun(
  { storage, clock }: Pick<Cloud, 'storage' | 'clock'>,
  rules: Rules,
  reads: MattersSource['storage'] = storage,
): RulesOfRun {
  const { audit: folder } = rules;
  const { current } = createCurrentMatters(clock);
  const load = () => Promise.resolve(parseMatterRecord);
  return rulesOfReading(
    storage,
    rules,
    async () => folder && (await current({ storage: reads, folder, load, withoutPasses: true })),
  );
}

/** @param read returns undefined where the rules have no folder for matters */
function rulesOfReading(
  storage: ObjectStore,
  rules: Rules,
  read: () => Promise<Matters | undefined>,
): RulesOfRun {
  const withOpen = createRulesWithMatters(rules, storage.holds !== undefined);
  const said = new Map<string, HoldfastError>();
  let known: Matters | undefined;
  let seen: MattersSeen | undefined;
  /** Says each reason once, and returns the first error that had it. */
  const say = (error: HoldfastError): HoldfastError => {
    const text = `${error.code}: ${error.message}`;
    const before = said.get(text);
    if (before !== undefined) return before;
    note(`what open matters hold is not known: ${text}`);
    said.set(text, error);
    return error;
  };
  const readNow = async (): Promise<readonly HoldfastError[]> => {
    try {
      known = await read();
      return known === undefined ? [] : unknownOf(known).map(say);
    } catch (error) {
      if (!(error instanceof HoldfastError)) throw error;
      return [say(error)];
    }
  };
  return {
    async now(openedBefore) {
      const unknown = await readNow();
      seen = seeMatters(seen, { open: known === undefined ? [] : openScopes(known, openedBefore), unknown });
      return { rules: withOpen(seen.open), isPartial: whyPassedOver(seen).length > 0 };
    },
    unknown(isMarked = false) {
      const why = seen === undefined ? [] : whyPassedOver(seen);
      return isMarked && why.length === 0 ? [...said.values()] : why;
    },
  };
}
