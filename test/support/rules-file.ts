import { formatProblem, loadRules } from '../../shared/rules/load.ts';
import type { Rules } from '../../shared/rules/types.ts';

/** The mistakes in a rules file, as the lines that a person sees. */
export function mistakes(text: string, file = 'rules.yaml'): string[] {
  const loaded = loadRules(text, file);
  return loaded.ok ? [] : loaded.problems.map((problem) => formatProblem(file, problem));
}

/** The rules of a text that is expected to be valid. */
export function validRules(text: string, file = 'rules.yaml'): Rules {
  const loaded = loadRules(text, file);
  if (loaded.ok) return loaded.rules;
  throw new Error(loaded.problems.map((problem) => formatProblem(file, problem)).join('\n'));
}

/** Rules as plain data that can be compared: a pattern stands as its globs. */
export function plainRules(rules: Rules): unknown {
  const text = JSON.stringify(rules, (_, value: unknown) => (value instanceof Map ? [...value] : value));
  return JSON.parse(text);
}
