import type { RulesNow } from '../shared/backfill/carry-out.ts';
import { mattersRenewedIn } from '../shared/holds/renewed.ts';
import { createTakesHolds } from '../shared/holds/takes-holds.ts';
import { createCurrentMatters } from '../shared/matters/current.ts';
import { createRulesWithMatters, withMatters } from '../shared/matters/hold-rules.ts';
import { type OpenScope, openScopes } from '../shared/matters/matching.ts';
import type { MattersSource } from '../shared/matters/read.ts';
import { parseMatterRecord } from '../shared/matters/record.ts';
import { unknownOf } from '../shared/matters/state.ts';
import { HoldfastError } from '../shared/platform/errors.ts';
import type { Rules } from '../shared/rules/types.ts';
import type { ObjectStore } from '../shared/storage/port.ts';
import type { Cloud } from './cloud-options.ts';
import { note } from './output.ts';
import { mattersOfRules } from './read-matters.ts';

/** The rules with what open matters ask for, as far as that is known. */
export interface RulesWithMatters {
  readonly rules: Rules;
  /** Why it is not known of some matters, or of some buckets. */
  readonly unknown: readonly HoldfastError[];
}

/**
 * Returns the rules with what open matters ask for in buckets that take no legal hold, so that retention keeps their versions. What
 * is not known of them is said on standard error, and is not in the rules.
 * @param buckets whose versions are looked at
 * @param reading the matters, where they are read already
 */
export async function rulesWithMatters(
  storage: ObjectStore,
  rules: Rules,
  buckets: readonly string[],
  reading = mattersOfRules(storage, rules),
): Promise<RulesWithMatters> {
  const unknown: HoldfastError[] = [];
  /** Returns undefined for what is not known. */
  const known = async <Known>(asked: Promise<Known>): Promise<Known | undefined> => {
    try {
      return await asked;
    } catch (error) {
      if (!(error instanceof HoldfastError)) throw error;
      unknown.push(error);
      return undefined;
    }
  };
  const matters = await known(reading);
  const without = new Set<string>();
  if (matters !== undefined) {
    unknown.push(...unknownOf(matters));
    for (const bucket of new Set(buckets)) {
      const renewed = await known(mattersRenewedIn(storage, matters, bucket));
      if (renewed !== undefined && renewed.length > 0) without.add(bucket);
    }
  }
  for (const { code, message } of unknown) note(`what open matters hold is not known: ${code}: ${message}`);
  if (matters === undefined || without.size === 0) return { rules, unknown };
  return { rules: withMatters(rules, openScopes(matters), (bucket) => without.has(bucket)), unknown };
}

/** The rules with open matters during a run over a bucket. */
export interface RulesOfRun {
  /** Returns the rules as they are now. */
  readonly now: () => Promise<RulesNow>;
  /** Returns why not all open matters were known, at any moment so far. */
  readonly unknown: () => readonly HoldfastError[];
}

/**
 * Reads the open matters again and again during a run, as often as a function does, since they are opened and released meanwhile. Where
 * that fails, what was known before counts.
 */
export function rulesOfRun(
  { storage, clock }: Pick<Cloud, 'storage' | 'clock'>,
  rules: Rules,
  bucket: string,
): RulesOfRun {
  const { audit: folder } = rules;
  const { current } = createCurrentMatters(clock);
  const takes = createTakesHolds(storage);
  const withOpen = createRulesWithMatters(rules);
  const unknown = new Map<string, HoldfastError>();
  let open: readonly OpenScope[] = [];
  const say = (error: HoldfastError) => {
    const text = `${error.code}: ${error.message}`;
    if (!unknown.has(text)) note(`what open matters hold is not known: ${text}`);
    unknown.set(text, error);
  };
  const read = async (source: MattersSource): Promise<boolean> => {
    try {
      const matters = await current(source);
      const errors = unknownOf(matters);
      errors.forEach(say);
      open = await mattersRenewedIn(storage, matters, bucket, takes);
      return errors.length === 0;
    } catch (error) {
      if (!(error instanceof HoldfastError)) throw error;
      say(error);
      return false;
    }
  };
  return {
    async now() {
      const isKnown =
        folder === undefined ||
        (await read({ storage, folder, load: () => Promise.resolve(parseMatterRecord) }));
      return { rules: withOpen(open), isPartial: !isKnown };
    },
    unknown: () => [...unknown.values()],
  };
}
