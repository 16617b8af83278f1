import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';
import { cloudEnvironment, folderWith, runCli, startCli } from '../support/cli.ts';

const rules = `version: 1
limits: { maxRetention: 10y }
objects:
  - { name: all, match: { bucket: fin-* }, retain: 7y }
`;
const obsRules = rules.replace('fin-*', 'obs://fin-*');
const env = cloudEnvironment('http://127.0.0.1:1');

interface Said {
  readonly error?: { readonly code: string; readonly remedy: string };
}

async function errorOf(args: readonly string[], files = { 'rules.yaml': rules }): Promise<unknown> {
  const { code, stdout } = await runCli([...args, '--json'], { cwd: folderWith(files), env });
  const said: Said = JSON.parse(stdout);
  return [code, said.error?.code];
}

it.each([
  ['explain', 'obs://fin-eu/a', '--modified', '2026-11-20', '--cloud', 'oss'],
  ['explain', 'oss://fin-eu/a', '--modified', '2026-11-20', '--cloud', 'obs'],
  ['retention', 'get', 'obs://fin-eu/a', '--cloud', 'oss'],
  ['policy', 'get', 'obs://fin-eu', '--cloud', 'oss'],
  ['protect', 'obs://fin-eu', '--cloud', 'oss'],
  ['report', 'oss://fin-eu', 'obs://fin-eu'],
  ['explain', 'oss://fin-eu/a', '--modified', '2026-11-20', '--rules', 'obs://rules/rules.yaml'],
])('%s %s: an address of another cloud than the one that is meant is wrong usage', async (...args) => {
  expect(await errorOf(args)).toEqual([2, 'ADDRESS_CLOUD']);
});

it('a scheme that no cloud has is wrong usage', async () => {
  expect(await errorOf(['explain', 's3://fin-eu/a', '--modified', '2026-11-20'])).toEqual([
    2,
    'ADDRESS_SCHEME',
  ]);
});

it('rules for another cloud alone are refused', async () => {
  const args = ['explain', 'oss://fin-eu/a', '--modified', '2026-11-20'];
  expect(await errorOf(args, { 'rules.yaml': obsRules })).toEqual([2, 'NO_RULE_FOR_CLOUD']);
});

it('holdfast local serves OBS beside OSS, and OBS alone', async () => {
  for (const [clouds, count] of [
    ['oss,obs', 2],
    ['obs', 1],
  ] as const) {
    const child = startCli(['local', '--port', '0', '--cloud', clouds, '--json'], { cwd: folderWith({}) });
    const [line] = await once(createInterface({ input: child.stdout }), 'line');
    const { url, obs }: { url: string; obs: { url: string; region: string } } = JSON.parse(String(line));
    expect([new Set([url, obs.url]).size, obs.region]).toEqual([count, 'cn-north-4']);
    const answer = await fetch(`${obs.url}/?apiversion`, { method: 'HEAD' });
    expect(answer.headers.get('x-obs-api')).toBe('3.0');
    child.kill('SIGINT');
    await once(child, 'close');
  }
});

it('an unknown cloud is wrong usage', async () => {
  const { code, stderr } = await runCli(['local', '--cloud', 's3'], { cwd: folderWith({}) });
  expect([code, stderr]).toEqual([2, expect.stringContaining('Expected oss, obs, or oss,obs.')]);
});
