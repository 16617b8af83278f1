import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { testJsonSchema } from '../../../shared/rules-test/json-schema.ts';

const accepts = (value: unknown) => z.fromJSONSchema(JSON.parse(testJsonSchema())).safeParse(value).success;
const cases = () => parse(readFileSync('rules.test.yaml', 'utf8'));

test('rules.test.schema.json is the one of this code (else run `npm run schema`)', () => {
  expect(readFileSync('rules.test.schema.json', 'utf8')).toBe(testJsonSchema());
});

test('editors accept the cases that ship, and refuse a misspelt key and an unknown action', () => {
  expect(accepts(cases())).toBe(true);
  expect(accepts({ ...cases(), case: [] })).toBe(false);
  const [first] = cases().cases;
  expect(accepts({ ...cases(), cases: [{ ...first, expect: { action: 'protekt' } }] })).toBe(false);
});
