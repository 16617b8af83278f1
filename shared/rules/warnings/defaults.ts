import { alwaysLonger } from '../duration.ts';
import { objectRulesOfBucket } from '../match.ts';
import type { DefaultRule, Rules } from '../types.ts';
import { type Warning, warn } from './codes.ts';
import { longest, longestOf } from './lengths.ts';
import type { Comparisons } from './names.ts';

/**
 * Finds default retention that outlasts all that the object rules of a bucket can give: each upload there is kept longer than any rule
 * says, and nobody can shorten that. Told with a bucket of which it is so.
 */
export function longDefaults(rules: Rules, compare: Comparisons): Warning[] {
  return rules.defaults.flatMap((rule, index) => {
    const found = outlasted(rules, rule, compare);
    if (found === undefined) return [];
    const message =
      `rule ${rule.name}: each upload is kept for ${rule.retain.text} by itself, and the object rules of a bucket such as ` +
      `${found.bucket} give ${found.most} at most (rule ${found.rule}); nobody can shorten it afterwards: lower it`;
    return [warn('default-longer', ['defaults', index, 'retain'], message)];
  });
}

function outlasted(rules: Rules, { match, retain }: DefaultRule, compare: Comparisons) {
  const own = compare.bucket(match.bucket);
  if (own === undefined) return undefined;
  for (const object of rules.objects) {
    const other = compare.bucket(object.match.bucket);
    if (other === undefined || compare.disjoint(own, other) !== false) continue;
    const bucket = compare.shared(own, other);
    if (bucket === undefined) continue;
    const lengths = objectRulesOfBucket(rules, bucket).map((rule) => ({
      rule: rule.name,
      most: longest(rule),
    }));
    const isOutlasted = lengths.every(({ most }) => most?.every((length) => alwaysLonger(retain, length)));
    const top = longestOf(lengths.flatMap(({ rule, most = [] }) => most.map((length) => ({ rule, length }))));
    if (isOutlasted && top !== undefined) return { bucket, rule: top.rule, most: top.length.text };
  }
  return undefined;
}
