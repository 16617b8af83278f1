import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { cloudEnvironment, runCli, runProcess, startCli } from '../support/cli.ts';

const names = ['validate', 'explain', 'plan', 'apply', 'simulate', 'redrive', 'local'];

describe('holdfast', () => {
  it('lists every command with --help', async () => {
    const { code, stdout, stderr } = await runProcess(['--help']);
    expect(code).toBe(0);
    expect(stderr).toBe('');
    for (const name of names) expect(stdout).toContain(`  ${name} `);
  });

  it.each(names)('explains the options of %s with --help', async (name) => {
    const { code, stdout } = await runCli([name, '--help']);
    expect(code).toBe(0);
    expect(stdout).toContain(`Usage: holdfast ${name}`);
    expect(stdout).toContain('--json');
  });

  it('explains the same with the command help', async () => {
    expect((await runCli(['help', 'plan'])).stdout).toBe((await runCli(['plan', '--help'])).stdout);
  });

  it.each([
    {
      said: 'an unknown command, with the nearest',
      args: ['explian'],
      message: "unknown command 'explian' (Did you mean explain?)",
    },
    {
      said: 'an unknown command whose help is asked for',
      args: ['explian', '--help'],
      message: "unknown command 'explian' (Did you mean explain?)",
    },
    {
      said: 'a key of the rules that every object of JavaScript has',
      args: ['schema', '__proto__'],
      message: 'there is no key "__proto__"',
    },
    {
      said: 'what is no choice of an argument',
      args: ['audit', 'x'],
      message: "expected one of verify, list, found 'x'",
    },
    {
      said: 'an unknown option, with the nearest',
      args: ['plan', '--reigon', 'x'],
      message: "unknown option '--reigon' (Did you mean --region?)",
    },
    {
      said: 'an unknown operation of local, with the nearest',
      args: ['local', 'lss'],
      message: "unknown command 'lss' (Did you mean ls?)",
    },
    {
      said: 'an operation with too many arguments',
      args: ['local', 'mb', 'one-1', 'two-2'],
      message: "too many arguments for 'mb'. Expected 1 argument but got 2.",
    },
    {
      said: 'help about an unknown command, with the nearest',
      args: ['help', 'polcy'],
      message: "unknown command 'polcy' (Did you mean policy?)",
    },
    {
      said: 'a value that is no choice, with the nearest',
      args: ['redrive', 'shwo', 'x'],
      message: '(Did you mean show?)',
    },
    { said: 'a missing argument', args: ['explain'], message: 'it takes an address' },
    { said: 'an argument too many', args: ['plan', 'more'], message: "too many arguments for 'plan'" },
    {
      said: 'an option without its value',
      args: ['plan', '--out'],
      message: "option '--out <file>' argument missing",
    },
    {
      said: 'a missing option',
      args: ['simulate'],
      message: "required option '-e, --event <file>' not specified",
    },
  ])('refuses $said', async ({ args, message }) => {
    const { code, stdout, stderr } = await runCli(args);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^error USAGE: /);
    expect(stderr).toContain(message);
    expect(stderr).toMatch(/\nwhat to do: see `holdfast( \w+)* --help`\n$/);
  });

  it.each([
    ['hold open', ['hold', 'open', 'a', '--match', 'fin', '--reason', 'x']],
    ['hold open', ['hold', 'open', 'a', '--reason', 'x']],
    ['hold open', ['hold', 'open', 'a', 'b', '--match', 'oss://fin/**', '--reason', 'x']],
    ['hold list', ['hold', 'list', '--bogus', 'open']],
    ['hold', ['hold', 'opne']],
    ['retention get', ['retention', 'get', 'fin']],
    ['policy lock', ['policy', 'lock', 'fin']],
    ['policy lock', ['policy', 'lock', '--days', '3', 'oss://fin']],
    ['disposition approve', ['disposition', 'approve', 'none', '--reason', ' ', '--for', '7d']],
    ['local cp', ['local', 'cp', 'one', 'other']],
    ['redrive', ['redrive', 'replay', '--cloud', 'obs', '--invoke']],
    ['explain', ['explain', 'policy', '--tag', 'x']],
  ])('names the help of %s to whoever uses it wrongly', async (name, args) => {
    const { code, stderr } = await runCli(args);
    expect(stderr).toMatch(/^error USAGE: /);
    expect(stderr).toContain(`\nwhat to do: see \`holdfast ${name} --help\`\n`);
    expect(code).toBe(2);
  });

  it('prints its help and fails when no command is named', async () => {
    const { code, stderr } = await runProcess([]);
    expect(code).toBe(2);
    expect(stderr).toContain('Usage: holdfast');
  });

  it('says errors as JSON with --json', async () => {
    const { code, stdout, stderr } = await runProcess(['plan', '--nonsense', '--json']);
    expect(code).toBe(2);
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual({
      format: 'holdfast.error/1',
      error: { code: 'USAGE', message: "unknown option '--nonsense'", remedy: 'see `holdfast plan --help`' },
    });
  });

  it('says how to give credentials when there are none', async () => {
    const { code, stdout, stderr } = await runProcess(['plan']);
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toContain('error CREDENTIALS_MISSING');
    expect(stderr).toContain('ALIBABA_CLOUD_ACCESS_KEY_ID');
  });

  // Most tests run the command in a process that has run others before, see test/support/command-host.ts.
  it.each([
    { args: ['validate'], input: '' },
    { args: ['validate', '--json', '--rules', 'no-such-file.yaml'], input: '' },
    { args: ['test'], input: '' },
    { args: ['plan', '--reigon', 'x'], input: '' },
    { args: ['simulate', '--event', '-'], input: '{' },
    { args: ['report', '--bucket', 'fin-eu'], input: '' },
  ])('does the same in a process that has run other commands: $args', async ({ args, input }) => {
    const env = cloudEnvironment('http://127.0.0.1:9'); // nothing listens there
    expect(await runCli(args, { env, input })).toEqual(await runProcess(args, { env, input }));
  });

  it('takes half a pair of credentials for none', async () => {
    const env = { ALIBABA_CLOUD_ACCESS_KEY_ID: 'one', OSS_ACCESS_KEY_SECRET: 'other' };
    expect((await runCli(['plan'], { env })).stderr).toContain('error CREDENTIALS_MISSING');
  });

  it('shows that a path is empty, and says to correct a name for which nothing was sent', async () => {
    const env = cloudEnvironment('http://127.0.0.1:9'); // nothing listens there
    expect((await runCli(['plan', '--rules', ''], { env })).stderr).toContain(
      'cannot read the rules from "": ',
    );
    const { stderr } = await runCli(['retention', 'get', 'oss://b/k'], { env });
    expect(stderr).toContain('is refused: not sent (a bucket name is 3 to 63 of a-z, 0-9 and -)\n');
    expect(stderr).toContain('what to do: correct the name; no request was made\n');
  });

  it('refuses a region that is none', async () => {
    const env = { OSS_ACCESS_KEY_ID: 'id', OSS_ACCESS_KEY_SECRET: 'secret' };
    const { code, stderr } = await runCli(['plan', '--region', 'Mars'], { env });
    expect(code).toBe(2);
    expect(stderr).toContain('error CONFIG_INVALID');
  });

  it('writes no colour into a pipe, also in CI, and colour when it is forced', async () => {
    const args = ['explain', 'oss://fin-eu/ledger/a', '--tag', 'class=finance'];
    const colour = String.fromCharCode(27);
    expect((await runCli(args, { env: { CI: 'true' } })).stdout).not.toContain(colour);
    expect((await runCli(args, { env: { FORCE_COLOR: '1' } })).stdout).toContain(colour);
    expect((await runCli(args, { env: { FORCE_COLOR: '1', NO_COLOR: '1' } })).stdout).not.toContain(colour);
  });

  it('ends with 130 on Ctrl-C, without a stack trace', async () => {
    const silent = createServer();
    const asked = once(silent, 'request');
    await new Promise<void>((done) => silent.listen(0, '127.0.0.1', done));
    onTestFinished(() => silent.closeAllConnections());
    const { port } = silent.address() as AddressInfo; // a TCP server's address is never a string

    const child = startCli(['plan'], { env: cloudEnvironment(`http://127.0.0.1:${port}`) });
    const said = text(child.stderr);
    const ended = once(child, 'close');
    await asked;
    child.kill('SIGINT');
    expect(await ended).toEqual([130, null]);
    expect((await said).trim()).toBe('interrupted');
    silent.close();
  });
});
