import type * as z from 'zod';
import { type RulesDocument, readDocument } from './document.ts';
import { explainIssues } from './explain.ts';
import { formatProblem, type RulesFinding, type RulesProblem } from './problem.ts';

/** A kind of file that people write by hand. */
export interface FileForm<Value> {
  readonly schema: z.ZodType<Value>;
  /** Tells what is well-formed and still cannot be meant, of the file as plain values. */
  contradictions(file: unknown): RulesFinding[];
  /** The smallest file there is, for who has an empty one. */
  readonly smallest: string;
}

export type Strict<Value> =
  | { readonly ok: true; readonly value: Value; readonly place: (finding: RulesFinding) => RulesProblem }
  | { readonly ok: false; readonly problems: readonly RulesProblem[] };

/**
 * Reads a file, YAML 1.2 or JSON. Never throws: every mistake of the file comes back in one go, in the order of the
 * file.
 * @param file its name; one that ends in `.json` has to be JSON, where texts and keys are quoted
 */
export function readStrict<Value>(text: string, file: string, form: FileForm<Value>): Strict<Value> {
  return checkStrict(readFileOf(text, file, form), form);
}

/** Returns the plain values of a file and their places, before its form is checked; never throws. */
export function readFileOf<Value>(text: string, file: string, form: FileForm<Value>): RulesDocument {
  return readDocument(text, file.endsWith('.json') ? 'json' : 'core', form.smallest);
}

/** Checks a file that {@link readFileOf} has read, as {@link readStrict} does. */
export function checkStrict<Value>(document: RulesDocument, form: FileForm<Value>): Strict<Value> {
  if (document.value === undefined) return refused(document.problems);

  const parsed = form.schema.safeParse(document.value);
  const findings = [
    ...(parsed.success
      ? []
      : explainIssues(form.schema, document.value, parsed.error.issues, document.sourceAt)),
    ...form.contradictions(document.value),
  ];
  if (parsed.success && findings.length === 0 && document.problems.length === 0) {
    return { ok: true, value: parsed.data, place: document.place };
  }
  return refused([...document.problems, ...findings.map(document.place)]);
}

function refused(problems: readonly RulesProblem[]): Strict<never> {
  const inOrder = problems.toSorted((one, other) => one.line - other.line || one.col - other.col);
  // What several parts of the file share by an alias is one mistake.
  const seen = new Set<string>();
  const distinct = inOrder.filter((problem) => {
    const line = formatProblem('', problem);
    return !seen.has(line) && seen.add(line);
  });
  return { ok: false, problems: distinct };
}
