import { readFileSync } from 'node:fs';
import stringWidth from 'string-width';
import { expect, it, onTestFinished } from 'vitest';
import { fillClouds } from '../../cli/local/demo.ts';
import { localGreeting } from '../../cli/local/greeting.ts';
import { startCloud } from '../../local/cloud.ts';
import { cloudEnvironment, folderWith, runCli } from '../support/cli.ts';
import { setColumns } from '../support/columns.ts';

/** Widths of a terminal: the usual one, and one below which tables stack. */
const widths = [80, 58] as const;

const commands = [
  'plan',
  'report',
  'doctor --template s.yaml',
  'schedule',
  'explain oss://archive-short',
  'explain oss://fin-eu/ledger/q3.pdf',
  'explain oss://app-records/letter.eml',
  'retention get oss://fin-eu/ledger/q3.pdf',
  'policy get oss://archive-2026',
  'protect oss://fin-eu --dry-run',
  'apply --dry-run',
  'diff rules.yaml other.yaml',
  'simulate --days 400',
  'validate',
  'schema objects.retain',
  'help',
  'help policy lock',
  'help protect',
  'help report',
  'help hold open',
  'help diff',
  'plna',
] as const;

/** A line may be wider only where it is one word, which is copied whole, or a line to paste. */
const isTooWide = (line: string, columns: number): boolean =>
  stringWidth(line) > columns &&
  line.trim().includes(' ') &&
  !/^ {2}(export|curl|endpoint:|accessKeyId:) /.test(line);

it.each(widths)('breaks every line between words on a terminal of %i columns', async (columns) => {
  const cloud = await startCloud({ clock: new Date('2026-11-20T10:00:00Z') });
  onTestFinished(() => cloud.close());
  await fillClouds(cloud, ['oss']);
  const cwd = folderWith({
    'rules.yaml': readFileSync('rules.yaml', 'utf8'),
    's.yaml': readFileSync('s.yaml', 'utf8'),
    'other.yaml': readFileSync('examples/backups/rules.yaml', 'utf8'),
  });
  const wide: string[] = [];
  const look = (command: string, text: string) => {
    for (const line of text.split('\n')) if (isTooWide(line, columns)) wide.push(`${command}: ${line}`);
  };
  setColumns(columns);
  look('local', localGreeting(cloud, 'rules.yaml', undefined, false));
  for (const command of commands) {
    const options = { cwd, env: cloudEnvironment(cloud.url), columns };
    const { stdout, stderr } = await runCli(command.split(' '), options);
    expect(stdout + stderr, command).not.toBe('');
    look(command, stdout + stderr);
  }
  expect(wide).toEqual([]);
});
