import { contradictions } from './contradictions.ts';
import { readDocument } from './document.ts';
import { explainIssues } from './explain.ts';
import { formatProblem, type Problem } from './problem.ts';
import { rulesFile } from './schema/file.ts';
import type { Rules } from './types.ts';

export { formatProblem, type Problem };

export type Loaded =
  | { readonly ok: true; readonly rules: Rules }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/**
 * Reads a rules file, YAML 1.2 or JSON. Never throws: every mistake of the file comes back in one go, in the
 * order of the file.
 * @param file its name; one that ends in `.json` has to be JSON, where texts and keys are quoted
 */
export function loadRules(text: string, file: string): Loaded {
  const document = readDocument(text, file.endsWith('.json') ? 'json' : 'core');
  if (document.value === undefined) return refused(document.problems);

  const parsed = rulesFile.safeParse(document.value);
  const findings = [
    ...(parsed.success ? [] : explainIssues(rulesFile, document.value, parsed.error.issues)),
    ...contradictions(document.value),
  ];
  if (parsed.success && findings.length === 0 && document.problems.length === 0) {
    return { ok: true, rules: parsed.data };
  }
  return refused([...document.problems, ...findings.map(document.place)]);
}

function refused(problems: readonly Problem[]): Loaded {
  const inOrder = problems.toSorted((one, other) => one.line - other.line || one.col - other.col);
  // What several rules share by an alias is one mistake.
  const seen = new Set<string>();
  const distinct = inOrder.filter((problem) => {
    const line = formatProblem('', problem);
    return !seen.has(line) && seen.add(line);
  });
  return { ok: false, problems: distinct };
}
