import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { operations } from '../../../local/oss/operations/index.ts';
import { keptWithoutEffect } from '../../../local/oss/operations/kept.ts';
import { postOperation } from '../../../local/oss/operations/post.ts';
import { styleOperations } from '../../../local/oss/operations/style.ts';

/** The rows of the table of operations in docs/embedded-oss-operations.md: names, state, proof. */
function documented(): readonly (readonly [readonly string[], string, string])[] {
  const text = readFileSync('docs/embedded-oss-operations.md', 'utf8');
  const section = text.slice(text.indexOf('## Operations'), text.indexOf('## What is ignored'));
  const rows = section.split('\n').filter((line) => /^\| [A-Z]/.test(line));
  return rows.map((line) => {
    const [, names = '', state = '', proof = ''] = line.split('|').map((cell) => cell.trim());
    return [names.split(', '), state, proof];
  });
}

test('every operation of the server is in the table of operations once, and none that is not there', () => {
  const served = [...new Set([...operations, postOperation].map(({ name }) => name))];
  expect(
    documented()
      .flatMap(([names]) => names)
      .sort(),
  ).toEqual(served.sort());
});

test('what is kept without effect says so, and nothing else does', () => {
  const named = documented()
    .filter(([, state]) => state.startsWith('kept without effect'))
    .flatMap(([names]) => names);
  const kept = [...keptWithoutEffect, ...styleOperations].map(({ name }) => name);
  expect(named.sort()).toEqual(kept.sort());
});

test('every row says its proof', () => {
  for (const [names, state, proof] of documented()) expect([names.join(), state, proof]).not.toContain('');
});
