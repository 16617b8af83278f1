import { createHash } from 'node:crypto';
import type { Reasons, Rules } from './types.ts';

const known = new WeakMap<Rules, string>();

/** Returns the fingerprint of rules: of what they mean, not how they are written. Comments, reasons and the order of rules do not count. */
export function hashRules(rules: Rules): string {
  const before = known.get(rules);
  if (before !== undefined) return before;
  const { limits, objects, buckets, defaults, approvals } = rules;
  const hash = hashOfValue({
    limits,
    objects: meaning(objects),
    buckets: meaning(buckets),
    // What rules do not have leaves their fingerprint as it was before there was such a key.
    ...(defaults.length > 0 && { defaults: meaning(defaults) }),
    ...(approvals !== undefined && { approvals }),
  });
  known.set(rules, hash);
  return hash;
}

function meaning<Rule extends Reasons & { readonly name: string }>(rules: readonly Rule[]) {
  const byName = (one: Rule, other: Rule) => (one.name < other.name ? -1 : 1);
  return rules.toSorted(byName).map(({ because, owner, review, ...rule }) => rule);
}

/** Returns the hash of a value: equal values have equal hashes, in whatever order their keys were given. */
export const hashOfValue = (value: unknown): string =>
  `sha256:${createHash('sha256').update(canonical(value)).digest('hex')}`;

/** JSON with keys in order and maps as objects, so that equal values give equal text. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => {
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part;
    const entries: [string, unknown][] = part instanceof Map ? [...part] : Object.entries(part);
    return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
  });
}
