import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { loadRules } from '../../../shared/rules/load.ts';
import { isMap } from '../../../shared/rules/schema-walk.ts';
import { plainRules, validRules } from '../../support/rules-file.ts';

const shipped = readFileSync('rules.yaml', 'utf8');
const shippedValue: unknown = parse(shipped);

/** Loads, and checks that a refusal says something, in order, at places that exist. */
function loadsOrExplains(text: string): void {
  const loaded = loadRules(text, 'rules.yaml');
  if (loaded.ok) return;
  expect(loaded.problems.length).toBeGreaterThan(0);
  const lines = text.split('\n').length;
  let before = { line: 1, col: 1 };
  for (const problem of loaded.problems) {
    expect(problem.message).toMatch(/^[^\n]+$/);
    expect(problem.message).not.toMatch(/Invalid input|undefined|\[object/);
    expect(problem.line).toBeLessThanOrEqual(lines);
    expect(problem.line * 1e6 + problem.col).toBeGreaterThanOrEqual(before.line * 1e6 + before.col);
    before = problem;
  }
}

test('any text is loaded or explained', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 80 }), loadsOrExplains));
  const yamlish = fc.stringMatching(/^[ab:{}[\],&*!|>'"#%@?\n -]{0,40}$/);
  fc.assert(fc.property(yamlish, loadsOrExplains), { numRuns: 300 });
});

test('the shipped rules with any piece replaced are loaded or explained', () => {
  const piece = fc.oneof(
    fc.string({ maxLength: 5 }),
    fc.constantFrom('\t', '\n', '*', '!', '{', '}', ': ', '- ', '"'),
  );
  fc.assert(
    fc.property(fc.nat(shipped.length), fc.nat(12), piece, (at, length, text) => {
      loadsOrExplains(shipped.slice(0, at) + text + shipped.slice(at + length));
    }),
    { numRuns: 150 },
  );
});

test('the shipped rules with any value replaced are loaded or explained', () => {
  const places = paths(shippedValue);
  const value = fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    fc.constantFrom('7y', '0d', 'a[', -1, 1.5, 1e99, null, [], {}),
  );
  fc.assert(
    fc.property(fc.constantFrom(...places), value, (path, replacement) => {
      loadsOrExplains(JSON.stringify(replaced(shippedValue, path, replacement), null, 1));
    }),
    { numRuns: 300 },
  );
});

test('the order of keys and rules changes nothing but the order', () => {
  const byName = (text: string) => {
    const { limits, objects, buckets, defaults } = validRules(text);
    const sorted = <Rule extends { name: string }>(rules: readonly Rule[]) =>
      rules.toSorted((one, other) => one.name.localeCompare(other.name));
    const lists = { objects: sorted(objects), buckets: sorted(buckets), defaults: sorted(defaults) };
    return plainRules({ cloud: 'oss', limits, ...lists });
  };
  const expected = byName(shipped);
  fc.assert(
    fc.property(fc.infiniteStream(fc.nat()), (choices) => {
      expect(byName(JSON.stringify(shuffled(shippedValue, choices)))).toEqual(expected);
    }),
    { numRuns: 50 },
  );
});

type Path = (string | number)[];

function paths(value: unknown, path: Path = []): Path[] {
  const inner = Array.isArray(value)
    ? value.flatMap((item, index) => paths(item, [...path, index]))
    : isMap(value)
      ? Object.entries(value).flatMap(([key, item]) => paths(item, [...path, key]))
      : [];
  return [path, ...inner];
}

function replaced(value: unknown, [step, ...rest]: Path, replacement: unknown): unknown {
  if (step === undefined) return replacement;
  if (Array.isArray(value)) {
    return value.map((item, at) => (at === step ? replaced(item, rest, replacement) : item));
  }
  if (!isMap(value)) return value;
  const entries = Object.entries(value).map(([key, item]) => [
    key,
    key === step ? replaced(item, rest, replacement) : item,
  ]);
  return Object.fromEntries(entries);
}

/** The same value with the keys of every map, and the rules of each list, in another order. */
function shuffled(value: unknown, choices: Iterator<number>, key = ''): unknown {
  const reordered = <Item>(items: Item[]): Item[] =>
    items
      .map((item) => ({ item, rank: Number(choices.next().value) }))
      .sort((one, other) => one.rank - other.rank)
      .map(({ item }) => item);
  if (Array.isArray(value)) {
    const items = value.map((item) => shuffled(item, choices));
    return ['objects', 'buckets'].includes(key) ? reordered(items) : items;
  }
  if (!isMap(value)) return value;
  const entries = Object.entries(value).map(([name, item]) => [name, shuffled(item, choices, name)] as const);
  return Object.fromEntries(reordered(entries));
}
