import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { loadRules } from '../../../shared/rules/load.ts';
import { isMap } from '../../../shared/rules/schema-walk.ts';
import { samples, schemaKeys } from '../../support/schema-samples.ts';

const schema: unknown = JSON.parse(readFileSync('rules.schema.json', 'utf8'));

/** Rules that use every key of the committed schema in every form; a key that is added there is tested by itself. */
const [everyKey] = samples(schema);

type Path = (string | number)[];

/** The path of every key, but for the names of tags, which are the user's own. */
function keyPaths(value: unknown, path: Path = []): Path[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => keyPaths(item, [...path, index]));
  if (!isMap(value) || path.at(-1) === 'tags') return [];
  return Object.entries(value).flatMap(([key, inner]) => [
    [...path, key],
    ...keyPaths(inner, [...path, key]),
  ]);
}

function renamed(value: unknown, [step, ...rest]: Path, name: string): unknown {
  if (Array.isArray(value)) return value.map((item, at) => (at === step ? renamed(item, rest, name) : item));
  if (!isMap(value)) return value;
  const entries = Object.entries(value).map(([key, inner]) => {
    if (key !== step) return [key, inner];
    return rest.length === 0 ? [name, inner] : [key, renamed(inner, rest, name)];
  });
  return Object.fromEntries(entries);
}

/** What fingers do to a name: a letter lost, doubled, changed, swapped with the next, or all in the wrong case. */
function slips(name: string, places: readonly number[]): string[] {
  const each = places.flatMap((at) => {
    const [before, letter, after] = [name.slice(0, at), name.charAt(at), name.slice(at + 1)];
    const swapped = before + name.charAt(at + 1) + letter + name.slice(at + 2);
    return [before + after, before + letter + letter + after, `${before}q${after}`, swapped];
  });
  return [...new Set([...each, name.toUpperCase(), `${name}s`])].filter(
    (slip) => slip !== name && slip !== '',
  );
}

const paths = keyPaths(everyKey);

/** Gives the rules with one rule alone, the one that a path goes through, and the path in it. */
function alone(path: Path): [rules: unknown, path: Path] {
  const [list, at, ...rest] = path;
  if (!isMap(everyKey) || typeof at !== 'number') return [everyKey, path];
  const { objects, buckets, defaults, ...others } = everyKey;
  const rules = new Map(Object.entries({ objects, buckets, defaults })).get(String(list));
  return [
    { ...others, [String(list)]: Array.isArray(rules) ? [rules[at]] : rules },
    [list ?? '', 0, ...rest],
  ];
}

const problemsIn = (file: unknown) => {
  const loaded = loadRules(JSON.stringify(file, null, 1), 'rules.yaml');
  return loaded.ok ? [] : loaded.problems;
};

/** The samples are well-formed and contradict each other, as in two rules of one name. */
const contradictions = new Set(problemsIn(everyKey).map(({ message }) => message));

test('the rules above use every key of the schema, and no key is unknown, missing or of the wrong form', () => {
  const used = new Set(paths.map((path) => path.at(-1)));
  expect(used).toEqual(new Set(schemaKeys(schema)));
  for (const message of contradictions) expect(message).not.toMatch(/unknown|missing|expected/);
});

describe('a misspelt key is one line at that key, with the right name', () => {
  test.each(paths.map((path, index) => [path.join('.'), path, index] as const))('%s', (_, path, index) => {
    const name = String(path.at(-1));
    const seenBefore = paths.slice(0, index).some((earlier) => earlier.at(-1) === name);
    // A load takes ten milliseconds; a letter stands for its neighbours.
    const [rule, place] = alone(path);
    const letter = index % name.length;
    const tried = seenBefore ? slips(name, [letter]).slice(0, 3) : slips(name, [letter, name.length - 1]);
    for (const slip of tried) {
      const file = renamed(rule, place, slip);
      const [problem, ...more] = problemsIn(file).filter(({ message }) => !contradictions.has(message));
      expect([slip, problem?.message, more]).toEqual([
        slip,
        `unknown key "${slip}" (did you mean "${name}"?)`,
        [],
      ]);
      const line = JSON.stringify(file, null, 1).split('\n')[(problem?.line ?? 0) - 1] ?? '';
      expect(line.slice((problem?.col ?? 0) - 1).startsWith(`"${slip}"`)).toBe(true);
    }
  });
});
