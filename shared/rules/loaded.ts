import type { CloudName } from '../platform/address.ts';
import { failure, type HoldfastError } from '../platform/errors.ts';
import { formatProblem, type RulesProblem } from './problem.ts';
import type { Rules } from './types.ts';

/** This is what reading a rules file gives. */
export type Loaded =
  | { readonly ok: true; readonly rules: Rules }
  | { readonly ok: false; readonly problems: readonly RulesProblem[] };

/**
 * Returns the rules that were loaded.
 * @param file its name
 * @throws RULES_INVALID with all mistakes, one a line; NO_RULE_FOR_CLOUD
 */
export function rulesOrFailure(loaded: Loaded, file: string, cloud: CloudName): Rules {
  if (loaded.ok) return someRules(loaded.rules, file, cloud);
  throw invalidRules(loaded.problems, file);
}

/** RULES_INVALID with all mistakes of a file, one a line. */
export const invalidRules = (problems: readonly RulesProblem[], file: string): HoldfastError =>
  failure('RULES_INVALID', {
    count: problems.length,
    file,
    problems: problems.map((problem) => formatProblem(file, problem)).join('\n'),
  });

/**
 * Rules for one cloud, of which there has to be one: a file without any is refused when it is checked, so that here all of its
 * rules are for the other cloud, and nothing would be protected.
 * @throws NO_RULE_FOR_CLOUD
 */
export function someRules(rules: Rules, file: string, cloud: CloudName): Rules {
  if (rules.objects.length + rules.buckets.length + rules.defaults.length > 0) return rules;
  throw failure('NO_RULE_FOR_CLOUD', { file, served: cloud });
}
