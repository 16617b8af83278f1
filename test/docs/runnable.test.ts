import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { createRetentionBucket, plainClient } from '../../local/plain-client.ts';
import { cloudEnvironment, folderWith, runCli } from '../support/cli.ts';
import { commandsIn, docPages, examplesOf } from '../support/doc-examples.ts';
import { holdfastCloud } from '../support/holdfast-cloud.ts';

/** Code fenced as `sh run` is run as it stands, with the shipped rules, in one folder and one cloud a page. */
const pages = docPages
  .map((page) => ({
    page,
    commands: examplesOf(page)
      .filter(({ info }) => info === 'sh run')
      .flatMap(commandsIn),
  }))
  .filter(({ commands }) => commands.length > 0);

it('there are such pages', () => {
  expect(pages.length).toBeGreaterThan(1);
});

/** A line may say how it ends: `# exit code 1`. */
const exitCode = (text: string): number => Number(/# exit code (\d)/.exec(text)?.[1] ?? 0);

it.each(pages)('the commands of $page end as they say', async ({ commands }) => {
  const files = ['rules.yaml', 's.yaml'].map((name) => [name, readFileSync(name, 'utf8')] as const);
  const rules = readFileSync('rules.yaml', 'utf8').replace(/^# audit:/m, 'audit:');
  const cloud = await holdfastCloud(rules, { everyBucket: false });
  const client = await createRetentionBucket(cloud.url, 'fin-eu');
  await createRetentionBucket(cloud.url, 'audit-holdfast');
  for (const bucket of ['holdfast-dead-letters', 'archive-2026'])
    await plainClient(cloud.url, bucket).putBucket(bucket);
  await client.put('ledger/a.parquet', Buffer.from('a'), { headers: { 'x-oss-tagging': 'class=finance' } });
  const cwd = folderWith(
    Object.fromEntries(files.map(([name, text]) => [name, name === 'rules.yaml' ? rules : text])),
  );
  const env = cloudEnvironment(cloud.url);
  for (const { words, text } of commands) {
    const { code, stdout, stderr } = await runCli(words, { cwd, env });
    expect({ text, code, stdout, stderr }).toMatchObject({ text, code: exitCode(text) });
  }
});
