import type { ObjectRule, Rules } from './types.ts';
import { ifDecidable, isWithin, keys, keysBetween } from './warnings/language.ts';

/**
 * Tells how much of what a rule protects in a bucket is evidence. The function that writes a file of evidence retains it at
 * once, so evidence needs no trigger; with one, each file would be an event, whose handling is an invocation for nothing.
 *
 * - `all`: the rule is for no other key of that bucket.
 * - `some`: the bucket holds the evidence, and the rule is for other keys of it too.
 * - `none`: the bucket holds no evidence.
 */
export function evidenceShare(rules: Rules, bucket: string, rule: ObjectRule): 'all' | 'some' | 'none' {
  const { audit } = rules;
  if (audit === undefined || audit.bucket !== bucket) return 'none';
  const within = () => isWithin(keys(rule.match.key), keysBetween(audit.prefix, ''));
  return ifDecidable(within, false) ? 'all' : 'some';
}

/** Says what to do about a rule that covers more of the evidence's bucket than the evidence. */
export function keepToEvidence({ audit }: Rules): string {
  return `limit the rule to key "${audit?.prefix ?? ''}**": what else is in that bucket is protected by repairs alone, and a trigger would fire for every file of evidence`;
}
