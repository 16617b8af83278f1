import { expect, it } from 'vitest';
import { folderWith, runCli } from '../support/cli.ts';

const rules = `version: 1
limits: { maxRetention: 10y }
audit: oss://evidence/decisions/
objects:
  - { name: fin, match: { bucket: "fin-*" }, retain: 1y }
`;

it.each([
  ['holdfast protect', ['protect', 'oss://fin-1']],
  ['holdfast hold open', ['hold', 'open', 'a', '--match', 'oss://fin-1', '--reason', 'x']],
  ['holdfast report', ['report', 'oss://fin-1']],
  ['holdfast disposition plan', ['disposition', 'plan', 'oss://fin-1', '--out', 'd']],
  ['holdfast diff', ['diff', 'rules.yaml', 'rules.yaml', '--over', 'oss://fin-1']],
])('%s says its own name where an address has another form, and asks nobody', async (command, args) => {
  const cwd = folderWith({ 'rules.yaml': rules });
  const run = async (...more: string[]) => {
    const env = { HOLDFAST_OSS_ENDPOINT: 'http://127.0.0.1:9', ...keys };
    const { code, stderr } = await runCli([...args, ...more], { cwd, env });
    return [code, stderr.replaceAll(/\s+/g, ' ')];
  };
  const words = (text: string) =>
    expect.stringContaining(
      `error USAGE: "${text}" is not oss://bucket/key what to do: see \`${command} --help\``,
    );
  expect(await run('--inventory', 'manifest.json')).toEqual([2, words('manifest.json')]);
});

it.each([
  ['holdfast protect', ['protect', 'fin-1']],
  ['holdfast report', ['report', 'fin-1']],
  ['holdfast disposition plan', ['disposition', 'plan', 'fin-1', '--out', 'd']],
  ['holdfast diff', ['diff', 'rules.yaml', 'rules.yaml', '--over', 'fin-1']],
])('%s says its own name where a target has another form', async (command, args) => {
  const { code, stderr } = await runCli(args, { cwd: folderWith({ 'rules.yaml': rules }), env: keys });
  expect(code).toBe(2);
  expect(stderr.replaceAll(/\s+/g, ' ')).toContain(`what to do: see \`${command} --help\``);
});

const keys = { ALIBABA_CLOUD_ACCESS_KEY_ID: 'id', ALIBABA_CLOUD_ACCESS_KEY_SECRET: 'secret' };
