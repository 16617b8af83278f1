import { mattersRenewedIn } from '../shared/holds/renewed.ts';
import { withMatters } from '../shared/matters/hold-rules.ts';
import { openScopes } from '../shared/matters/matching.ts';
import { unknownOf } from '../shared/matters/state.ts';
import { HoldfastError } from '../shared/platform/errors.ts';
import type { Rules } from '../shared/rules/types.ts';
import type { ObjectStore } from '../shared/storage/port.ts';
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
