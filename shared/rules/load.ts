import type { CloudName } from '../platform/address.ts';
import { rulesContradictions } from './contradictions.ts';
import type { RulesDocument } from './document.ts';
import type { Loaded } from './loaded.ts';
import { narrowRules } from './narrow.ts';
import { formatProblem, type RulesProblem } from './problem.ts';
import { rulesFile } from './schema/file.ts';
import { checkStrict, type FileForm, readFileOf } from './strict-file.ts';
import type { WrittenRules } from './types.ts';

export { formatProblem, type Loaded, type RulesProblem as Problem };

const form: FileForm<WrittenRules> = {
  schema: rulesFile,
  contradictions: rulesContradictions,
  smallest:
    '{version: 1, limits: {maxRetention: 10y}, objects: [{name: all, match: {bucket: my-bucket}, retain: 1y}]}',
};

/** This is what reading a rules file gives before it is narrowed to one cloud. */
export type LoadedWritten =
  | { readonly ok: true; readonly written: WrittenRules }
  | { readonly ok: false; readonly problems: readonly RulesProblem[] };

/**
 * Reads a rules file, YAML 1.2 or JSON, and narrows it to one cloud. Never throws: every mistake of the file comes back in one
 * go, in the order of the file.
 * @param file its name; one that ends in `.json` has to be JSON, where texts and keys are quoted
 * @example
 * const loaded = loadRules(await readFile('rules.yaml', 'utf8'), 'rules.yaml');
 * if (!loaded.ok) for (const { message } of loaded.problems) console.error(message);
 */
export function loadRules(text: string, file: string, cloud: CloudName = 'oss'): Loaded {
  const loaded = loadRulesOf(readRulesDocument(text, file));
  return loaded.ok ? { ok: true, rules: narrowRules(loaded.written, cloud).rules } : loaded;
}

/**
 * Returns the values of a rules file and their places, for who needs both them and the rules: {@link loadRulesOf}
 * checks them.
 */
export function readRulesDocument(text: string, file: string): RulesDocument {
  return readFileOf(text, file, form);
}

/** Returns the rules of a file that {@link readRulesDocument} has read, or all its mistakes. Never throws. */
export function loadRulesOf(document: RulesDocument): LoadedWritten {
  const read = checkStrict(document, form);
  return read.ok ? { ok: true, written: read.value } : read;
}
