import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

/** A page is read from its first line to its last, or it is not read: what is longer is split. */
const mostLines = { readme: 150, page: 120 };

const lines = (page: string): number => readFileSync(page, 'utf8').trimEnd().split('\n').length;

it('the README is short', () => {
  expect(lines('README.md')).toBeLessThanOrEqual(mostLines.readme);
});

it('every page of docs/ is short', () => {
  const pages = readdirSync('docs', { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.md'),
  );
  expect(pages.length).toBeGreaterThan(40);
  const long = pages.map((name) => `${name}: ${lines(join('docs', name))}`);
  expect(long.filter((page) => Number(page.split(': ')[1]) > mostLines.page)).toEqual([]);
});
