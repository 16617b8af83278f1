import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { copyRules } from '../../cli/local/reload.ts';
import { createRetentionBucket, type PlainClient, retainedUntil } from '../../local/plain-client.ts';
import { folderWith, startCli } from '../support/cli.ts';
import { checkDocuments } from '../support/documents.ts';
import { timerTrigger, writeFunctionsIn } from '../support/functions.ts';
import { lineLike, linesOf } from '../support/lines.ts';
import { putInPlace } from '../support/put-in-place.ts';

const rulesFor = (retain: string) =>
  `version: 1\nlimits: { maxRetention: 10y }\nobjects: [{ name: all, match: { bucket: mine }, retain: ${retain} }]\n`;

const health = async (url: string): Promise<unknown> => await (await fetch(`${url}/_local/health`)).json();

it('local follows its rules: a change is in force, and a file with a mistake changes nothing', async () => {
  const cwd = folderWith({ 'mine.yaml': rulesFor('1y') });
  const file = join(cwd, 'mine.yaml');
  const args = ['local', '--port', '0', '--rules', file, '--clock', '2027-03-01T00:00:00Z'];
  const child = startCli(args, { cwd: process.cwd() });
  const said = linesOf(child.stdout);
  const noted = linesOf(child.stderr);
  const [, url = ''] = /^listening on (.*)$/.exec(await said()) ?? [];
  const client = await createRetentionBucket(url, 'mine');
  const uploaded = async (key: string) => await yearOf(client, key, () => lineLike(said, /succeeded/));
  expect(await uploaded('a')).toBe(2028);

  putInPlace(file, rulesFor('2y'));
  expect(await lineLike(said, /reloaded/)).toMatch(
    /^2027-03-01T\S+ .*mine\.yaml reloaded: in force from now on$/,
  );
  expect(await uploaded('b')).toBe(2029);

  putInPlace(file, `${rulesFor('3y')}objekts: []\n`);
  await lineLike(noted, /^error RULES_INVALID: .*mine\.yaml/);
  await lineLike(noted, /mine\.yaml not reloaded: what was in force before stays so$/);
  expect(await uploaded('c')).toBe(2029);

  rmSync(file);
  await lineLike(noted, /^error RULES_UNREADABLE: /);
  putInPlace(file, rulesFor('4y'));
  await lineLike(said, /reloaded/);
  expect(await uploaded('d')).toBe(2031);

  const ended = once(child, 'exit');
  child.kill('SIGINT');
  expect(await ended).toEqual([0, null]);
});

it('local follows s.yaml: functions come, change and go, and one that is broken changes nothing', async () => {
  const code = 'exports.handler = async () => 1;';
  const cwd = folderWith({});
  const f = { code, triggers: [timerTrigger('0 0 * * * *')] };
  const { template } = writeFunctionsIn(cwd, { f, g: { code } });
  const child = startCli(['local', '--port', '0', '--json', '--quiet', '--template', template], { cwd });
  const said = linesOf(child.stdout);
  const { url } = JSON.parse(await said());
  expect(await health(url)).toMatchObject({ functions: ['f', 'g'] });

  rmSync(join(cwd, 'f'), { recursive: true });
  rmSync(join(cwd, 'g'), { recursive: true });
  writeFunctionsIn(cwd, { g: { code }, h: f });
  const reloaded = await said();
  checkDocuments(['local', '--json'], reloaded);
  expect(JSON.parse(reloaded)).toMatchObject({ format: 'holdfast.local.reloaded/1', files: [template] });
  expect(await health(url)).toMatchObject({ functions: ['g', 'h'] });
  const fired = await fetch(`${url}/_local/timer/h`, { method: 'POST' });
  expect(await fired.json()).toMatchObject({ function: 'h', status: 'succeeded', result: '1' });

  putInPlace(template, 'edition: 2\n');
  const broken = await said();
  checkDocuments(['local', '--json'], broken);
  expect(JSON.parse(broken)).toMatchObject({
    format: 'holdfast.local.not-reloaded/1',
    files: [template],
    error: { code: 'TEMPLATE_INVALID' },
  });
  expect(await health(url)).toMatchObject({ functions: ['g', 'h'] });

  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
});

/** Uploads an object, waits for its function, and returns the year until which it is retained. */
async function yearOf(client: PlainClient, key: string, done: () => Promise<unknown>) {
  const { res } = await client.put(key, Buffer.from('x'));
  await done();
  const until = await retainedUntil(client, key, res.headers['x-oss-version-id'] ?? '');
  return until?.getUTCFullYear();
}

it('the rules of a local that serves both clouds may be for either', async () => {
  const cwd = folderWith({ 'mine.yaml': rulesFor('1y').replace('bucket: mine', 'bucket: "obs://mine"') });
  const file = join(cwd, 'mine.yaml');
  const copy = await copyRules(file, ['oss', 'obs']);
  expect(readFileSync(copy.file ?? '', 'utf8')).toContain('obs://mine');
  writeFileSync(file, rulesFor('2y').replace('bucket: mine', 'bucket: "oss://mine"'));
  expect(readFileSync(await copy.renew(file), 'utf8')).toContain('oss://mine');
  writeFileSync(file, `${rulesFor('3y')}objekts: []\n`);
  await expect(copy.renew(file)).rejects.toMatchObject({ code: 'RULES_INVALID' });
  await copy.remove();
  writeFileSync(file, rulesFor('2y').replace('bucket: mine', 'bucket: "obs://mine"'));
  await expect(copyRules(file, ['oss'])).rejects.toMatchObject({ code: 'NO_RULE_FOR_CLOUD' });
});
