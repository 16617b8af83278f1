import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { commandLine, withSubcommands } from '../../scripts/docs/command-line.ts';
import { loadRules } from '../../shared/rules/load.ts';
import { commandsIn, docPages, type Example, examplesOf } from '../support/doc-examples.ts';
import { mistakes } from '../support/rules-file.ts';

const examples = docPages.flatMap(examplesOf);
const commands = examples.flatMap(commandsIn);
const place = ({ page, line }: { readonly page: string; readonly line: number }) => `${page}:${line}`;

/** Commands that do something without the name of one of their operations too. */
const runsItself: ReadonlySet<string> = new Set(['local']);

/** The command line, that does nothing when it is called. */
let program: Command;
beforeAll(async () => {
  program = await commandLine();
  for (const command of withSubcommands(program)) {
    command.exitOverride().configureOutput({ outputError: () => undefined, writeErr: () => undefined });
    if (command.commands.length === 0 || runsItself.has(command.name())) command.action(() => undefined);
  }
});

describe('a command in the docs is one that there is, with options that it knows', () => {
  it('there are such commands', () => {
    expect(commands.length).toBeGreaterThan(20);
  });

  it.each(commands.map((command) => [place(command), command.text, command] as const))(
    '%s %s',
    async (_place, _text, { words }) => {
      await program.parseAsync([...words], { from: 'user' });
    },
  );
});

/** Lists and maps that are parts of a rules file, made whole. */
function wholeRules(text: string): string | undefined {
  const head = 'version: 1\nlimits: { maxRetention: 10y }\n';
  const rule = '\nobjects: [{ name: rule-of-the-test, match: { bucket: bucket-of-the-test }, retain: 1y }]\n';
  const indented = text.replace(/^/gm, '  ');
  if (/^ *- (name:|\{ *name:)/m.test(text) && /^\s*-/.test(text.replace(/^#.*\n/gm, ''))) {
    return /\bpolicy:/.test(text) ? `${head}buckets:\n${indented}` : `${head}objects:\n${indented}`;
  }
  if (/^ *perGbMonth:/m.test(text)) return undefined; // the prices of `holdfast diff`, which have buckets of their own
  const keys = [...text.matchAll(/^([A-Za-z$]+):/gm)].map(([, key]) => key);
  if (!keys.some((key) => key !== undefined && rulesKeys.has(key))) return undefined;
  const withHead = keys.includes('version')
    ? text
    : `${keys.includes('limits') ? 'version: 1\n' : head}${text}`;
  return keys.includes('objects') || keys.includes('buckets') ? withHead : `${withHead}${rule}`;
}

const rulesKeys: ReadonlySet<string> = new Set(['limits', 'objects', 'buckets', 'deadLetters', 'audit']);

/** Fenced as YAML, or indented and plainly so. */
const isYaml = ({ info, text }: Example): boolean =>
  info === 'yaml' ||
  info === 'yml' ||
  (info === '' && /^(deadLetters|audit|objects|buckets|limits):/.test(text));

describe('YAML in the docs can be read, and rules are valid', () => {
  const yaml = examples.filter(isYaml);
  const rules = yaml.flatMap((example) => {
    const whole = wholeRules(example.text);
    return whole === undefined ? [] : [[place(example), whole] as const];
  });

  it('there are such examples', () => {
    expect(rules.length).toBeGreaterThan(5);
  });

  it.each(yaml.map((example) => [place(example), example.text] as const))('%s is YAML', (_place, text) => {
    expect([...parseAllDocuments(text)].flatMap(({ errors }) => errors)).toEqual([]);
  });

  it.each(rules)('%s are rules', (_place, whole) => {
    expect(mistakes(whole)).toEqual([]);
  });
});

describe('a link between pages leads somewhere', () => {
  it.each(docPages)('%s', (page) => {
    const links = [...readFileSync(page, 'utf8').matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)];
    const targets = links.map(([, to = '']) => join(dirname(page), to));
    expect(targets.filter((target) => !existsSync(target))).toEqual([]);
  });
});

it('the test would see a renamed option and a broken rule', async () => {
  await expect(program.parseAsync(['audit', '--sinse', '1d'], { from: 'user' })).rejects.toThrow('sinse');
  expect(loadRules(wholeRules('objects:\n  - { nam: x }') ?? '', 'rules.yaml').ok).toBe(false);
});
