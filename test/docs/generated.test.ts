import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, expect, it, vi } from 'vitest';
import { pages, parts } from '../../scripts/docs/parts.ts';
import { fill } from '../../scripts/docs/sections.ts';
import { errorTable } from '../../shared/platform/error-table.ts';

/** The help of commands shows their defaults, which the environment may set. */
function withoutSettings(): void {
  for (const name of Object.keys(process.env)) if (name.startsWith('HOLDFAST_')) vi.stubEnv(name, undefined);
}
afterEach(() => void vi.unstubAllEnvs());

it.each(pages)('%s says what the code says (npm run docs makes it anew)', async (page) => {
  withoutSettings();
  const text = readFileSync(page, 'utf8');
  expect(text).toContain('<!-- generated: ');
  expect(await fill(text, parts)).toBe(text);
});

it('every command has a page, and there is none of a command that is gone', () => {
  const named = readdirSync('docs/commands').map((name) => `docs/commands/${name}`);
  expect(named.toSorted()).toEqual(pages.filter((page) => page.startsWith('docs/commands/')).toSorted());
});

it('no help shows a default that is no text for people', () => {
  const helps = readdirSync('docs/commands').map((name) => readFileSync(`docs/commands/${name}`, 'utf8'));
  expect(helps.flatMap((help) => help.match(/\(default: (?:\[|undefined|null).*\)/g) ?? [])).toEqual([]);
});

it('every error is on one of the two pages of errors', () => {
  const text = ['docs/errors-a-i.md', 'docs/errors-j-z.md'].map((page) => readFileSync(page, 'utf8')).join();
  const missing = Object.keys(errorTable).filter((code) => !text.includes(`| \`${code}\` |`));
  expect(missing).toEqual([]);
});

it('a generated part that nobody knows is an error, not an empty place', async () => {
  const page = '# A\n<!-- generated: nothing -->\n<!-- end -->\n';
  await expect(fill(page, parts)).rejects.toThrow('nothing');
});

it('what is written by hand stays, and filling twice is filling once', async () => {
  const page = '# A\n\n<!-- generated: a -->\nold\n<!-- end -->\n\nby hand\n';
  const once = await fill(page, { a: () => 'new $& text' });
  expect(once).toBe('# A\n\n<!-- generated: a -->\n\nnew $& text\n\n<!-- end -->\n\nby hand\n');
  expect(await fill(once, { a: () => 'new $& text' })).toBe(once);
});

it('each section about keys of the rules file has a heading of its own, which names the keys that tell a form apart', () => {
  for (const page of ['objects', 'buckets']) {
    const text = readFileSync(`docs/rules-keys-${page}.md`, 'utf8');
    const headings = [...text.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading);
    for (const heading of headings)
      expect(heading).toMatch(/^(?:The file|`[\w.[\]]+`(?: with `\w+`(?: and `\w+`)*)?)$/);
    expect(new Set(headings).size).toBe(headings.length);
  }
});
