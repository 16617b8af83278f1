import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { rulesJsonSchema } from '../../../shared/rules/json-schema.ts';
import { child, isMap } from '../../../shared/rules/schema-walk.ts';

const schema: unknown = JSON.parse(rulesJsonSchema());
const accepts = (value: unknown) => z.fromJSONSchema(JSON.parse(rulesJsonSchema())).safeParse(value).success;
const rules = () => parse(readFileSync('rules.yaml', 'utf8'));

test('rules.schema.json is the one of this code (else run `npm run schema`)', () => {
  expect(readFileSync('rules.schema.json', 'utf8')).toBe(rulesJsonSchema());
});

test('accepts the rules that ship, as YAML and with a $schema', () => {
  expect(accepts(rules())).toBe(true);
  expect(accepts({ $schema: './rules.schema.json', ...rules() })).toBe(true);
});

describe('refuses the rules that ship', () => {
  test.each([
    ['with an unknown key', { ...rules(), extra: 1 }],
    ['with a duration without unit', { ...rules(), limits: { maxRetention: '10' } }],
    ['without limits', { ...rules(), limits: undefined }],
    [
      'with two forms of retain',
      { ...rules(), objects: [{ ...rules().objects[0], retain: { forTag: 'a', untilTag: 'b' } }] },
    ],
    [
      'with an unknown mismatch',
      { ...rules(), buckets: [{ ...rules().buckets[0], policy: { days: 1, mismatch: 'x' } }] },
    ],
  ])('%s', (_, value) => {
    expect(accepts(value)).toBe(false);
  });
});

test('describes every key', () => {
  const bare = properties(schema).filter(
    ([, property]) => typeof child(property, 'description') !== 'string',
  );
  expect(bare.map(([name]) => name)).toEqual([]);
});

function properties(part: unknown): [name: string, schema: unknown][] {
  if (Array.isArray(part)) return part.flatMap(properties);
  if (!isMap(part)) return [];
  const own = child(part, 'properties');
  return [...(isMap(own) ? Object.entries(own) : []), ...Object.values(part).flatMap(properties)];
}
