import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { waitingLine } from '../../cli/terminal/requests.ts';
import { version } from '../../package.json';
import { hour } from '../../shared/platform/instant.ts';
import { loadRules } from '../../shared/rules/load.ts';
import { cloudEnvironment, folderWith, holdfast, runCli, runProcess } from '../support/cli.ts';
import { policyWorld } from '../support/policy-world.ts';

const run = promisify(execFile);

describe('words of the command line', () => {
  it('says its version in three ways', async () => {
    const said = await Promise.all([
      runProcess(['version']),
      runProcess(['-V']),
      runCli(['version', '--json']),
    ]);
    expect(said.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(said.slice(0, 2).map(({ stdout }) => stdout)).toEqual([`${version}\n`, `${version}\n`]);
    expect(JSON.parse(said[2].stdout)).toMatchObject({ version });
  });

  it('explains an operation by help too, and says the nearest of a wrong one', async () => {
    const [help, option, wrong] = await Promise.all([
      runCli(['help', 'policy', 'lock']),
      runCli(['policy', 'lock', '--help']),
      runCli(['help', 'policy', 'lokc']),
    ]);
    expect(help).toEqual(option);
    expect(help.stdout).toContain('Usage: holdfast policy lock');
    expect(wrong).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("unknown command 'lokc' (Did you mean lock?)"),
    });
  });

  it('shows no colour with --no-color, even where colour is forced', async () => {
    const env = { FORCE_COLOR: '1' };
    const [plain, coloured] = await Promise.all([
      runProcess(['schema', '--no-color'], { env }),
      runProcess(['schema'], { env }),
    ]);
    expect(coloured.stdout).toContain('\u001b[1m');
    expect(plain.stdout).not.toContain('\u001b');
  });
});

describe('holdfast schema', () => {
  it.each<[key: string, says: readonly string[]]>([
    [
      'objects.retain',
      [
        'How long: a duration from Last-Modified',
        'objects:\n  - retain: 7y',
        'forTag: retain-for',
        'untilTag: retain-until',
        'fromTag: closed-on',
      ],
    ],
    ['objects[].match.bucket', ['Glob or list of globs', 'bucket: fin-*']],
    ['buckets.policy.lock', ['When to lock a policy', 'lock:\n        after: 20h']],
    ['limits', ['Bounds over all rules.', 'maxRetention  yes']],
    ['', ['the rules file', 'deadLetters']],
  ])('explains %s', async (key, says) => {
    const { code, stdout } = await runCli(key === '' ? ['schema'] : ['schema', key]);
    expect(code).toBe(0);
    for (const part of says) expect(stdout).toContain(part);
  });

  it('its example of a rule is one that is accepted', async () => {
    const { example } = JSON.parse((await runCli(['schema', 'objects', '--json'])).stdout);
    const loaded = loadRules(`version: 1\nlimits: { maxRetention: 10y }\n${example}\n`, 'rules.yaml');
    expect(loaded).toMatchObject({ ok: true });
  });

  it('says the nearest key', async () => {
    const { code, stderr } = await runCli(['schema', 'objects.retian']);
    expect(code).toBe(2);
    expect(stderr).toContain('did you mean "objects.retain"?');
  });
});

describe('completion', () => {
  const rules =
    'version: 1\nlimits: { maxRetention: 10y }\nobjects:\n' +
    '  - { name: a, match: { bucket: [records, "fin-*"] }, retain: 1y }\n' +
    'buckets:\n  - { name: b, match: { bucket: archive }, policy: { days: 10, lock: false } }\n';

  it.each<[words: string[], found: string[]]>([
    [['pl'], ['plan']],
    [['policy', 'lo'], ['lock']],
    [
      ['help', 'retention', ''],
      ['get', 'put'],
    ],
    [['report', '--form'], ['--format']],
    [
      ['report', '--format', ''],
      ['text', 'json', 'csv', 'html', 'jsonl'],
    ],
    [['protect', 'oss://r'], ['oss://records']],
    [
      ['policy', 'get', ''],
      ['oss://archive', 'oss://records'],
    ],
    [
      ['completion', ''],
      ['bash', 'zsh', 'fish'],
    ],
    [['redrive', 's'], ['show']],
    [['schema', 'limits.'], ['limits.maxRetention']],
    [['plan', '--all'], ['--all-regions']],
    [['nonsense', ''], []],
    [['validate', ''], []],
  ])('%j', async (words, found) => {
    const { code, stdout } = await runCli(['__complete', ...words], {
      cwd: folderWith({ 'rules.yaml': rules }),
    });
    expect({ code, found: stdout.split('\n').filter((line) => line !== '') }).toEqual({ code: 0, found });
  });

  it('completes in bash, past the colon of an address', async () => {
    const folder = folderWith({ 'rules.yaml': rules });
    writeFileSync(join(folder, 'holdfast'), `#!/bin/sh\nexec ${process.execPath} ${holdfast} "$@"\n`, {
      mode: 0o755,
    });
    const script = `eval "$(holdfast completion bash)"
ask() { COMP_LINE="$1"; COMP_POINT=\${#1}; shift; COMP_WORDS=("$@"); COMP_CWORD=$((\${#COMP_WORDS[@]}-1)); _holdfast; echo "\${COMPREPLY[*]}"; }
ask 'holdfast po' holdfast po
ask 'holdfast protect oss://rec' holdfast protect oss : //rec`;
    const env = { PATH: `${folder}:${process.env['PATH']}`, HOME: '/nonexistent' };
    const { stdout } = await run('bash', ['--norc', '-c', script], { cwd: folder, env });
    expect(stdout).toBe('policy\n//records\n');
  });
});

describe('what is said while a command runs', () => {
  it('-v says each request with status, time and id, and no secret; -q keeps remarks back', async () => {
    const world = await policyWorld();
    await world.initiate('archive-1', 365);
    const env = cloudEnvironment(world.cloud.url);
    const { code, stderr } = await runCli(['plan', '-v'], { cwd: world.folder, env });
    expect(code).toBe(0);
    expect(stderr).toMatch(/^GET 200 http:\/\/127\.0\.0\.1\/\?max-keys=1000 \d+ ms [0-9A-F]{24}$/m);
    expect(stderr).toMatch(/^GET 200 \S+\?worm \d+ ms [0-9A-F]{24}$/m);
    expect(stderr).not.toContain('holdfast-secret');
    expect((await runCli(['plan'], { cwd: world.folder, env })).stderr).toBe('');
    const protect = (...args: string[]) =>
      runCli(['protect', 'oss://archive-1', '--dry-run', ...args], { cwd: world.folder, env });
    expect((await protect()).stderr).toContain('progress is kept in');
    expect((await protect('--restart', '-q')).stderr).toBe('');
  });

  it('plan ends with what follows from it', async () => {
    const world = await policyWorld();
    const plan = async () => (await world.run('plan')).stdout;
    expect(await plan()).toContain('Nothing to do: ');
    await world.initiate('archive-1', 365);
    await world.initiate('archive-2', 7);
    expect(await plan()).toMatch(
      /^Nothing to do: \d+ polic(y is|ies are) as the rules ask\. .*needs? you: .*archive-2 \(mismatch\)/m,
    );
    await world.cloud.advance(21 * hour);
    expect(await plan()).toMatch(/^1 change to make with `holdfast apply` \(1 irreversible\)\. /m);
  });

  it('a command that waits says how far it is', () => {
    expect(waitingLine({ sent: 1203, answered: 1200, failed: 0 }, 3000)).toBe(
      '1200 requests answered, 3 under way, 400/s, 3 s',
    );
    expect(waitingLine({ sent: 1, answered: 1, failed: 0 }, 12_400)).toBe(
      '1 request answered, at work for 12 s',
    );
    expect(waitingLine({ sent: 3, answered: 0, failed: 2 }, 24_000)).toBe(
      '0 requests answered, 2 without an answer, 1 under way, 0/s, 24 s',
    );
    expect(waitingLine({ sent: 0, answered: 0, failed: 0 }, 2500)).toBe('at work for 2 s');
  });
});
