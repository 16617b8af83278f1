import { failure } from '../platform/errors.ts';
import { formatProblem, type Problem } from './problem.ts';
import type { Rules } from './types.ts';

/** What reading a rules file gives. */
export type Loaded =
  | { readonly ok: true; readonly rules: Rules }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/**
 * The rules that were loaded.
 * @param file its name
 * @throws RULES_INVALID with all mistakes, one a line
 */
export function rulesOrFailure(loaded: Loaded, file: string): Rules {
  if (loaded.ok) return loaded.rules;
  const problems = loaded.problems.map((problem) => formatProblem(file, problem)).join('\n');
  throw failure('RULES_INVALID', { count: loaded.problems.length, file, problems });
}
