import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { cloudEnvironment, runCli, startCli } from '../support/cli.ts';
import { protectWorld } from '../support/protect-world.ts';

const evil = 'plain/\u001b]0;x\u0007\u001b[2J\u202e\u200b\r\nprotected oss://records/fake\u009b31m';
/** What a person types; a line feed in it is that person's own. */
const typed = evil.replaceAll('\n', '');
const hidden = /\p{Cf}|(?!\n)\p{Cc}/u;

it('no command prints what a key says as anything but text', async () => {
  const world = await protectWorld();
  await world.upload(evil);
  await world.upload(evil.replace('plain', 'until'), { until: 'soon' });
  const options = { cwd: world.folder, env: cloudEnvironment(world.cloud.url) };
  const url = `oss://records/${evil}`;
  const commands = [
    ['explain', url],
    ['explain', url, '--modified', '2026-11-20'],
    ['explain', `${url}x`],
    ['retention', 'get', url],
    ['retention', 'put', url, '--for', '1d', '--dry-run'],
    ['protect', url, '--dry-run'],
    ['protect', 'oss://records', '--yes'],
    ['report'],
    ['report', '--format', 'text', url],
    ['validate', `${typed}.yaml`],
    ['plan', '--rules', typed],
    ['audit', 'list', `oss://records/${typed}`],
    ['redrive', 'show', typed],
    ['policy', 'get', `oss://${typed}`],
    [typed],
    ['explain', `--${typed}`],
    [evil],
    ['explain', `--${evil}`],
    ['protect', 'oss://records', '--qps', evil],
    ['report', '--format', evil],
    ['schema', evil],
    ['policy', evil],
    ['plan', '--region', evil],
    ['plan', '--endpoint', evil],
    ['plan', '--profile', evil],
    ['plan', '--rules', evil],
    ['validate', evil],
    ['test', evil],
    ['apply', evil],
    ['simulate', '--event', evil],
    ['invoke', evil, '--event', '{}', '--account', '1'],
    ['hold', 'open', evil, '--match', 'oss://records/**', '--reason', 'x'],
    ['hold', 'open', 'a', '--match', evil, '--reason', 'x'],
    ['hold', 'open', 'a', '--match', 'oss://records/**', '--reason', 'x', '--tag', evil],
    ['hold', 'open', 'a', '--match', 'oss://records/**', '--reason', 'x', '--from', evil],
    ['hold', 'show', evil],
    ['explain', 'oss://records/a', '--modified', evil],
    ['retention', 'put', 'oss://records/a', '--until', evil],
    ['retention', 'put', 'oss://records/a', '--retention', evil],
    ['audit', 'list', 'oss://records/a/', '--since', evil],
    ['export', '--out', evil, '--rule', evil],
    ['disposition', 'plan', '--out', evil, evil],
    ['redrive', 'show', evil],
    ['init', '--dir', 'new', '--region', evil, '--object-bucket', evil],
    ['bundle', '--rules', evil],
    ['diff', evil, evil],
    ['schedule', evil],
    ['setup', '--rules', evil],
    ['approve', evil],
    ['doctor', '--template', evil],
    ['local', 'ls', evil],
    ['local', 'cp', evil, evil],
    ['local', 'mb', evil],
  ];
  for (const args of commands) {
    const { stdout, stderr } = await runCli(args, options);
    const said = `${stdout}${stderr}`;
    expect(said, args[0]).not.toMatch(hidden);
    expect(said, args[0]).not.toMatch(/^protected oss:\/\/records\/fake/m);
    expect(said).not.toContain('UNEXPECTED');
  }
  for (const args of [['explain', url], ['report'], ['retention', 'get', url]]) {
    const { stdout } = await runCli([...args, '--json'], options);
    expect(stdout).not.toMatch(hidden);
    expect(stdout).toContain('\\u202e');
    expect(JSON.stringify(JSON.parse(stdout))).toContain('fake');
  }
});

/** Runs a command whose reader goes away after the first bytes, as `| head -c 1` does. */
async function withoutReader(args: readonly string[], options: Parameters<typeof startCli>[1]) {
  const child = startCli(args, options);
  child.stdin.end();
  child.stdout.destroy();
  const stderr = text(child.stderr);
  const [code] = await once(child, 'close');
  return { code, stderr: await stderr };
}

it('a reader that goes away changes no exit code, and no change is left half done', async () => {
  const world = await protectWorld();
  for (let index = 0; index < 300; index += 1) await world.upload(`plain/${index}`);
  const options = { cwd: world.folder, env: cloudEnvironment(world.cloud.url) };
  for (const args of [['report', '--format', 'csv'], ['report'], ['explain', 'oss://records/none']]) {
    expect(await withoutReader(args, options), args[0]).toMatchObject({ code: 1 });
  }
  const protect = await withoutReader(['protect', 'oss://records', '--yes'], options);
  expect(protect.code).toBe(0);
  expect(world.requests()['PutObjectRetention']).toBe(300);
  expect(await withoutReader(['report', '--format', 'csv'], options)).toMatchObject({ code: 0 });
});
