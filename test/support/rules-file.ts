import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { CloudName } from '../../shared/platform/address.ts';
import { compiledFile, writeCompiled } from '../../shared/rules/compiled-rules.ts';
import { formatProblem, loadRules } from '../../shared/rules/load.ts';
import type { Rules } from '../../shared/rules/types.ts';

/** The mistakes in a rules file, as the lines that a person sees. */
export function mistakes(text: string, file = 'rules.yaml'): string[] {
  const loaded = loadRules(text, file);
  return loaded.ok ? [] : loaded.problems.map((problem) => formatProblem(file, problem));
}

/** The rules of a text that is expected to be valid. */
export function validRules(text: string, file = 'rules.yaml', cloud: CloudName = 'oss'): Rules {
  const loaded = loadRules(text, file, cloud);
  if (loaded.ok) return loaded.rules;
  throw new Error(loaded.problems.map((problem) => formatProblem(file, problem)).join('\n'));
}

/** Rules as plain data that can be compared: a pattern stands as its globs. */
export function plainRules(rules: Rules): unknown {
  const text = JSON.stringify(rules, (_, value: unknown) => (value instanceof Map ? [...value] : value));
  return JSON.parse(text);
}

/**
 * The files of a rules file: the text and, unless it is wrong, what the build makes of it. A function that finds both starts in
 * about half the time, since it loads nothing that reads rules.
 */
export function rulesFiles(text: string): Readonly<Record<string, string>> {
  const loaded = loadRules(text, 'rules.yaml');
  return {
    'rules.yaml': text,
    ...(loaded.ok ? { [compiledFile]: writeCompiled(loaded.rules, text) } : {}),
  };
}

/** Writes the files of {@link rulesFiles} into a folder; returns the path of the rules file. */
export function writeRules(folder: string, text: string): string {
  for (const [name, content] of Object.entries(rulesFiles(text))) writeFileSync(join(folder, name), content);
  return join(folder, 'rules.yaml');
}

/** Writes a rules file that goes away with the test unless told otherwise; returns its path. */
export function rulesFile(text: string, whenFinished: (end: () => void) => void = onTestFinished): string {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-rules-'));
  whenFinished(() => rmSync(folder, { recursive: true, force: true }));
  return writeRules(folder, text);
}
