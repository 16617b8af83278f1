import { takesHolds } from '../shared/holds/takes-holds.ts';
import { withMatters } from '../shared/matters/hold-rules.ts';
import { openScopes } from '../shared/matters/matching.ts';
import { placesReach } from '../shared/matters/places.ts';
import { readMatters } from '../shared/matters/read.ts';
import { parseMatterRecord } from '../shared/matters/record.ts';
import { HoldfastError } from '../shared/platform/errors.ts';
import type { Rules } from '../shared/rules/types.ts';
import type { ObjectStore } from '../shared/storage/port.ts';
import { note } from './output.ts';

/**
 * Returns the rules with what open matters ask for in buckets that take no legal hold, so that retention keeps their versions. Where
 * matters cannot be read, that is said on standard error, and the rules are as they were.
 * @param buckets whose versions are looked at
 */
export async function rulesWithMatters(
  storage: ObjectStore,
  rules: Rules,
  buckets: readonly string[],
): Promise<Rules> {
  const { audit: folder } = rules;
  if (folder === undefined) return rules;
  try {
    const load = () => Promise.resolve(parseMatterRecord);
    const matters = await readMatters({ storage, folder, load, withoutPasses: true });
    for (const { mayHold, error } of matters.unreadable) if (mayHold) note(`${error.code}: ${error.message}`);
    const open = openScopes(matters);
    const without = new Set<string>();
    for (const bucket of new Set(buckets)) {
      const isReached = open.some(({ scope }) => placesReach(scope.places, bucket));
      if (isReached && !(await takesHolds(storage, bucket))) without.add(bucket);
    }
    return without.size === 0 ? rules : withMatters(rules, open, (bucket) => without.has(bucket));
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error;
    note(`what open matters hold is not known: ${error.code}: ${error.message}`);
    return rules;
  }
}
