import type { MattersSource } from '../../shared/matters/read.ts';
import { loadedParser, mattersOfRules } from '../../shared/matters/read-loaded.ts';
import { createOpenMatters, createOpenMattersOfRules } from '../../shared/matters/read-open.ts';
import { createRulesOfRun, type RulesOfRun } from '../../shared/matters/rules-of-run.ts';
import { inOneLine } from '../../shared/platform/error-text.ts';
import type { HoldfastError } from '../../shared/platform/errors.ts';
import type { Rules } from '../../shared/rules/types.ts';
import type { ObjectStore } from '../../shared/storage/port.ts';
import type { Cloud } from '../options/cloud-options.ts';
import { note } from '../terminal/output.ts';

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
  const read = createOpenMatters(() => reading, noteUnknown);
  const run = createRulesOfRun(rules, storage.holds !== undefined, read);
  return { rules: (await run.now()).rules, unknown: run.unknown() };
}

/**
 * Reads the open matters again and again during a run, as often as a function does, since they are opened and released meanwhile.
 * @param reads reads the matters, where that may not wait for its turn
 */
export function rulesOfRun(
  { storage, clock }: Pick<Cloud, 'storage' | 'clock'>,
  rules: Rules,
  reads: MattersSource['storage'] = storage,
): RulesOfRun {
  const read = createOpenMattersOfRules({ storage: reads, rules, clock, load: loadedParser }, noteUnknown);
  return createRulesOfRun(rules, storage.holds !== undefined, read);
}

const noteUnknown = (error: HoldfastError): void =>
  note(`what open matters hold is not known: ${inOneLine(error)}`);
