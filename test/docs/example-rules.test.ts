import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCli } from '../support/cli.ts';

/** Rule sets with their tests, for people to begin with. */
const folders = readdirSync('examples', { withFileTypes: true }).flatMap((entry) =>
  entry.isDirectory() ? [entry.name] : [],
);
const readme = readFileSync('examples/README.md', 'utf8');

it('there are four, and the page names each with its rules', () => {
  expect(folders).toEqual(['accounting-records', 'backups', 'legal', 'sec-17a-4']);
  const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, to = '']) => join('examples', to));
  expect(links.filter((link) => !existsSync(link))).toEqual([]);
  expect(folders.filter((name) => !links.includes(`examples/${name}/rules.yaml`))).toEqual([]);
});

describe.each(folders)('examples/%s', (name) => {
  const cwd = resolve('examples', name);

  it('has rules without mistakes or warnings', async () => {
    expect(await runCli(['validate', '--strict'], { cwd })).toMatchObject({ code: 0 });
  });

  it('decides as its cases say, and has a case for every rule', async () => {
    const { code, stdout } = await runCli(['test', '--require-coverage'], { cwd });
    expect(stdout).toMatch(/cases, none failed/);
    expect(code).toBe(0);
  });

  it('has a schedule that says because of what each rule is there', async () => {
    const { rows } = JSON.parse((await runCli(['schedule', '--json'], { cwd })).stdout);
    expect(rows.length).toBeGreaterThan(2);
    expect(rows.filter(({ because }: { because: string }) => because === '')).toEqual([]);
  });

  it('says where its periods come from, and claims nothing', () => {
    const text = readFileSync(join(cwd, 'rules.yaml'), 'utf8');
    expect(text).toMatch(/^# .*(Source|guide|recommends)/im);
    expect(text + readme).not.toMatch(/\b(is|are|makes you|be) compliant\b/i);
  });
});
