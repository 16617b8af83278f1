import { expect, test } from 'vitest';
import * as z from 'zod';
import { firstIssue } from '../../../shared/platform/first-issue.ts';
import { readForm } from '../../../shared/platform/read-form.ts';
import { jsonIn, readJson } from '../../../shared/platform/read-json.ts';

const form = z.strictObject({ at: z.object({ day: z.int({ error: 'expected a day' }) }) });

test.each<[what: string, value: unknown, told: string]>([
  ['the place and the words of the form', { at: { day: 'x' } }, 'at.day: expected a day'],
  [
    'the name of the whole where all of it is wrong',
    [],
    'the answer: Invalid input: expected object, received array',
  ],
  ['the first of two', { at: {}, more: 1 }, 'at.day: expected a day'],
])('the first thing that is wrong is told with %s', (_what, value, told) => {
  const { error } = form.safeParse(value);
  expect(error && firstIssue(error, 'the answer')).toBe(told);
});

test('JSON is read, and a text that is none is undefined or refused with the reason of the parser', () => {
  const refuse = (reason: string, cause: unknown) => new Error(`no JSON: ${reason}`, { cause });
  expect([jsonIn('{"a":[1]}'), jsonIn('null'), jsonIn('{'), jsonIn('')]).toEqual([
    { a: [1] },
    null,
    undefined,
    undefined,
  ]);
  expect(readJson('[1]', refuse)).toEqual([1]);
  expect(() => readJson('{', refuse)).toThrow(/^no JSON: Expected property name/);
});

test('a text of a known form is read, and another refused with the first thing that is wrong', () => {
  const refuse = (reason: string, cause?: unknown) => new Error(reason, { cause });
  expect(readForm('{"at":{"day":1}}', form, refuse)).toEqual({ at: { day: 1 } });
  expect(() => readForm('{', form, refuse)).toThrow(/^it is not JSON$/);
  expect(() => readForm('{"at":{}}', form, refuse)).toThrow(/^at\.day: expected a day$/);
  expect(() => readForm('1', form, refuse)).toThrow(/^the file: Invalid input/);
});
