import { describe, expect, test } from 'vitest';
import { rulesJsonSchema } from '../../../shared/rules/json-schema.ts';
import { loadRules } from '../../../shared/rules/load.ts';
import { child, isMap } from '../../../shared/rules/schema-walk.ts';

/** Rules that use every key there is. */
const everyKey = {
  $schema: './rules.schema.json',
  version: 1,
  limits: { maxRetention: '10y' },
  deadLetters: 'oss://bucket/prefix/',
  audit: 'oss://bucket/audit/',
  objects: [
    {
      name: 'a',
      match: { bucket: 'b', key: 'k', tags: { t: 'v' } },
      retain: '1y',
      extend: { within: '30d', by: '90d', upTo: '9y' },
    },
    {
      name: 'b',
      match: { bucket: 'b' },
      retain: { forTag: 't', atLeast: '1d', atMost: '9d', otherwise: '5d' },
    },
    {
      name: 'c',
      match: { bucket: 'b' },
      retain: { untilTag: 't', atLeast: '1d', atMost: '9d', otherwise: '5d' },
    },
    {
      name: 'd',
      match: { bucket: 'b' },
      retain: { for: '5d', fromTag: 't', atLeast: '1d', otherwise: '5d' },
    },
  ],
  buckets: [
    {
      name: 'e',
      match: { bucket: 'w' },
      policy: {
        days: { atLeast: 1, atMost: 9 },
        initiate: false,
        lock: { after: '1h' },
        mismatch: 'abort',
        extend: { within: '1d', by: '1d', upTo: '9d', measure: 'oldest-object' },
      },
    },
    {
      name: 'f',
      match: { bucket: 'w' },
      policy: { days: 1, extend: { keepUntil: '2036-12-31', upTo: '9d' } },
    },
  ],
};

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

/** What fingers do to a name: a letter lost, doubled, changed, swapped with the next, or in the wrong case. */
function slips(name: string): string[] {
  const letters = [...name];
  const each = letters.flatMap((letter, at) => {
    const [before, after] = [name.slice(0, at), name.slice(at + 1)];
    const swapped = before + (letters[at + 1] ?? '') + letter + name.slice(at + 2);
    return [before + after, before + letter + letter + after, `${before}q${after}`, swapped];
  });
  return [...new Set([...each, name.toUpperCase(), `${name}s`])].filter(
    (slip) => slip !== name && slip !== '',
  );
}

const paths = keyPaths(everyKey);

test('the file above is valid and uses every key of the schema', () => {
  expect(loadRules(JSON.stringify(everyKey), 'rules.yaml')).toHaveProperty('ok', true);
  const used = new Set(paths.map((path) => path.at(-1)));
  for (const key of schemaKeys(JSON.parse(rulesJsonSchema()))) expect(used).toContain(key);
});

function schemaKeys(schema: unknown): string[] {
  if (Array.isArray(schema)) return schema.flatMap(schemaKeys);
  if (!isMap(schema)) return [];
  const properties = child(schema, 'properties');
  return [
    ...(isMap(properties) ? Object.keys(properties) : []),
    ...Object.values(schema).flatMap(schemaKeys),
  ];
}

describe('a misspelt key is one line at that key, with the right name', () => {
  test.each(paths.map((path) => [path.join('.'), path] as const))('%s', (_, path) => {
    const name = String(path.at(-1));
    for (const slip of slips(name)) {
      const text = JSON.stringify(renamed(everyKey, path, slip), null, 1);
      const loaded = loadRules(text, 'rules.yaml');
      expect(loaded).toMatchObject({
        problems: [{ message: `unknown key "${slip}" (did you mean "${name}"?)` }],
      });
      if (loaded.ok) continue;
      expect(loaded.problems).toHaveLength(1);
      const [problem] = loaded.problems;
      const line = text.split('\n')[(problem?.line ?? 0) - 1] ?? '';
      expect(line.slice((problem?.col ?? 0) - 1).startsWith(`"${slip}"`)).toBe(true);
    }
  });
});
