import type { RulesProblem } from '../rules/problem.ts';
import { readStrict } from '../rules/strict-file.ts';
import { testContradictions } from './contradictions.ts';
import { testFile } from './schema.ts';
import type { Case } from './types.ts';

/** A case and its place. Lines and columns count from 1. */
export interface PlacedCase {
  readonly test: Case;
  readonly line: number;
  readonly col: number;
}

export type LoadedCases =
  | { readonly ok: true; readonly cases: readonly PlacedCase[] }
  | { readonly ok: false; readonly problems: readonly RulesProblem[] };

const form = {
  schema: testFile,
  contradictions: testContradictions,
  smallest:
    '{version: 1, now: "2026-11-20T10:00:00Z", cases: [{name: kept, given: {object: oss://my-bucket/k}, expect: {action: protect}}]}',
};

/**
 * Reads a file of test cases, YAML 1.2 or JSON, as strictly as a rules file. Never throws.
 * @param file its name; one that ends in `.json` has to be JSON
 */
export function loadCases(text: string, file: string): LoadedCases {
  const read = readStrict(text, file, form);
  if (!read.ok) return read;
  const cases = read.value.map((test, index) => {
    const { line, col } = read.place({ path: ['cases', index], part: 'value', message: '' });
    return { test, line, col };
  });
  return { ok: true, cases };
}
