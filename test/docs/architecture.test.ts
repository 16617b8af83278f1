import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const architecture = readFileSync('docs/architecture.md', 'utf8');
const code = [...architecture.matchAll(/`([^`\n]+)`/g)].map(([, text = '']) => text);

it('every path that the architecture page names is there', () => {
  const paths = code.filter((text) => /^(shared|functions|cli|local|test|docs|ram)\//.test(text));
  expect(paths.length).toBeGreaterThan(30);
  expect(paths.filter((path) => !existsSync(path))).toEqual([]);
});

it('every folder of shared has its floor on the architecture page', () => {
  const folders = readdirSync('shared', { withFileTypes: true }).filter((entry) => entry.isDirectory());
  expect(folders.map(({ name }) => name).filter((name) => !code.includes(name))).toEqual([]);
});

it('the glossary is in order, and says each word once', () => {
  const rows = readFileSync('docs/glossary.md', 'utf8').matchAll(
    /^\| (?<words>[^|]+) \| (?<meaning>.+\.) \|$/gm,
  );
  const words = [...rows].map(({ groups }) => groups?.['words'] ?? '');
  expect(words.length).toBeGreaterThan(25);
  expect(words).toEqual([...new Set(words)].toSorted((a, b) => a.localeCompare(b, 'en')));
});
