import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { warningCodes } from '../../shared/rules/warnings/index.ts';

test('docs/validate.md lists every code of a warning and no other', () => {
  const page = readFileSync('docs/validate.md', 'utf8');
  const listed = [...page.matchAll(/^\| `([a-z-]+)` +\|/gm)].map(([, code]) => code);
  expect(listed.toSorted()).toEqual(Object.keys(warningCodes).sort());
});
