import { candidates } from '../rules/match.ts';
import type { ObjectRule, Rules } from '../rules/types.ts';
import type { KnownVersion } from './source.ts';

/**
 * Returns the rules that may concern a version, whatever a look at it shows. A matter of which it is known that the version is not of its
 * time, or not in its places, costs no request.
 */
export function concernedBy(rules: Rules, known: KnownVersion): readonly ObjectRule[] {
  const { bucket, key, lastModified } = known;
  const found = candidates(rules, bucket, key);
  if (lastModified === undefined) return found;
  return found.filter(({ matter }) => matter?.covers({ bucket, key, lastModified }) !== false);
}
