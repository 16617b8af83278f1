import { once } from 'node:events';
import { get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createRetentionBucket, retainedUntil } from '../../local/plain-client.ts';
import { folderWith, runCli, startCli } from '../support/cli.ts';
import { linesOf } from '../support/lines.ts';

const startLocal = (...args: string[]) => startLocalIn(process.cwd(), ...args);

async function startLocalIn(cwd: string, ...args: string[]) {
  const child = startCli(['local', '--port', '0', ...args], { cwd });
  const ended = once(child, 'close');
  const next = linesOf(child.stdout);
  const first = await next();
  const url = /^listening on (http:\/\/127\.0\.0\.1:\d+)$/.exec(first)?.[1] ?? '';
  expect(url, first).not.toBe('');
  return { child, url, next, ended };
}

/** Reads lines until one begins so. @returns them, and the variables that they export */
async function readUntil(next: () => Promise<string>, beginning: string) {
  const lines: string[] = [];
  const env: Record<string, string> = {};
  for (let line = await next(); !line.startsWith(beginning); line = await next()) {
    lines.push(line);
    const [, name, value] = /^ {2}export (\w+)=(\S+)$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) env[name] = value;
  }
  return { lines, env };
}

describe('holdfast local', () => {
  it('says first where it listens, then how to use it, and ends with 0 on Ctrl-C', async () => {
    const { child, url, next, ended } = await startLocal();
    const facts = new Map<string, string>();
    for (let line = await next(); !line.startsWith('admin API'); line = await next()) {
      facts.set(line.slice(0, 13).trim(), line.slice(13));
    }
    expect(facts.get('region')).toBe('cn-hangzhou');
    expect(facts.get('access key')).toBe('holdfast / holdfast-secret');
    expect([...facts.values()].join(' ')).toContain(url);
    expect(facts.get('functions')).toContain('holdfast-object-created (uploads-holdfast-records)');
    expect((await fetch(`${url}/_local/health`)).status).toBe(200);
    child.kill('SIGINT');
    expect(await ended).toEqual([0, null]);
  });

  it('takes a second person by --access-key, whom services tell apart', async () => {
    const { url, next } = await startLocal('--quiet', '--access-key', 'approver:other-secret');
    const { env } = await readUntil(next, 'time');
    const asSecond = {
      ALIBABA_CLOUD_ACCESS_KEY_ID: 'approver',
      ALIBABA_CLOUD_ACCESS_KEY_SECRET: 'other-secret',
    };
    const asNobody = { ...asSecond, ALIBABA_CLOUD_ACCESS_KEY_SECRET: 'wrong' };
    await createRetentionBucket(url, 'records');
    const asked = await Promise.all(
      [env, { ...env, ...asSecond }, { ...env, ...asNobody }].map((keys) =>
        runCli(['policy', 'get', 'oss://records'], { env: keys }),
      ),
    );
    expect(asked.map(({ code }) => code)).toEqual([0, 0, 1]);
    expect(asked[2]?.stderr).toContain('CREDENTIALS_INVALID');
  });

  it.each([
    [['approver'], 'Expected ID:SECRET'],
    [['approver:'], 'Expected ID:SECRET'],
    [['a b:secret'], 'Expected ID:SECRET'],
    [['holdfast:secret'], 'There is an access key holdfast already'],
    [['approver:1', 'approver:2'], 'There is an access key approver already'],
  ])('refuses the access keys %j', async (keys, says) => {
    const { code, stderr } = await runCli(['local', ...keys.flatMap((key) => ['--access-key', key])]);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(says) });
  });

  it('is served under the names of --host, and keeps other names and pages out', async () => {
    const { url } = await startLocal('--quiet', '--host', 'holdfast.test', '--host', '127.0.0.1');
    const status = async (headers: Record<string, string>) => {
      const outgoing = get(`${url}/_local/health`, { headers });
      const [reply] = await once(outgoing, 'response');
      reply.resume();
      return reply.statusCode;
    };
    expect(await status({ host: 'holdfast.test:9000' })).toBe(200);
    expect(await status({ host: 'evil.example' })).toBe(403);
    expect(await status({ origin: 'http://evil.example' })).toBe(403);
  });

  it.each([
    ['http://a', 'Expected an IP address or a host name'],
    ['a:9000', 'Expected an IP address or a host name'],
  ])('refuses --host %s', async (host, words) => {
    const { code, stderr } = await runCli(['local', '--port', '0', '--host', host]);
    expect(code).toBe(2);
    expect(stderr).toContain(words);
  });

  it('starts as a new account with --empty, and prints what points tools at it', async () => {
    const { child, url, next, ended } = await startLocal('--empty', '--quiet');
    const lines: string[] = [];
    for (let line = await next(); !line.startsWith('admin API'); line = await next()) lines.push(line);
    expect(lines).toContain('functions    none yet: deploy them');
    for (const name of ['FC_CLIENT_CUSTOM_ENDPOINT', 'FC_CODE_TEMP_OSS_ENDPOINT', 'HOLDFAST_FC_ENDPOINT']) {
      expect(lines).toContain(`  export ${name}=${url}`);
    }
    expect(await (await fetch(`${url}/_local/health`)).json()).toMatchObject({ functions: [] });
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  });

  it('fills both clouds with --demo, and prints the variables that point commands there', async () => {
    const args = ['--demo', '--quiet', '--cloud', 'oss,obs', '--obs-port', '0'];
    const { child, url, next, ended } = await startLocal(...args);
    const { lines, env } = await readUntil(next, 'demo         obs');
    expect(lines).toContain(
      'demo         oss://: 9 buckets, 16 versions, 3 WORM policies that nobody has locked',
    );
    expect(env).toMatchObject({ HOLDFAST_OSS_ENDPOINT: url, HW_REGION_NAME: 'cn-north-4' });
    for (const scheme of ['oss', 'obs']) {
      const at = `${scheme}://fin-eu/ledger/q3.parquet`;
      const { code, stdout } = await runCli(['retention', 'get', at], { env });
      expect(code, stdout).toBe(0);
      expect(stdout).toContain('COMPLIANCE');
    }
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  });

  it('needs no file for --demo: the functions and rules that ship protect the uploads', async () => {
    const cwd = folderWith({});
    const { child, next, ended } = await startLocalIn(cwd, '--demo', '--quiet');
    const { env } = await readUntil(next, 'demo ');
    const protectedOne = await runCli(['retention', 'get', 'oss://fin-eu/ledger/q3.parquet'], { env, cwd });
    expect(protectedOne.stdout).toContain('COMPLIANCE');
    const plan = await runCli(['plan'], { env, cwd });
    expect(plan.code, plan.stderr).toBe(0);
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  });

  it('takes --empty or a template, and not both', async () => {
    const { code, stderr } = await runCli(['local', '--port', '0', '--empty', '--template', 's.yaml']);
    expect(code).toBe(2);
    expect(stderr).toContain("'--empty' cannot be used with option '--template <file>'");
  });

  it('ends with 0 when it is told to end', async () => {
    const { child, ended } = await startLocal('--quiet');
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  });

  it('protects an upload by the rules given, and prints a line for the invocation', async () => {
    const rules =
      'version: 1\nlimits: { maxRetention: 10y }\nobjects: [{ name: all, match: { bucket: mine }, retain: 1y }]\n';
    const cwd = folderWith({ 'mine.yaml': rules });
    const { url, next } = await startLocal('--rules', `${cwd}/mine.yaml`, '--clock', '2027-03-01T00:00:00Z');
    const client = await createRetentionBucket(url, 'mine');
    const { res } = await client.put('a', Buffer.from('x'));
    let line = await next();
    while (!line.includes(' by uploads-holdfast-records: ')) line = await next();
    expect(line).toMatch(
      /^2027-03-01T\S+ holdfast-object-created by uploads-holdfast-records: succeeded \{"protect":1\}$/,
    );
    const until = await retainedUntil(client, 'a', res.headers['x-oss-version-id'] ?? '');
    expect(until?.toISOString()).toMatch(/^2028-03-01T00:00:/);
  });

  it('refuses a port in use', async () => {
    const taken = createServer();
    await new Promise<void>((done) => taken.listen(0, '127.0.0.1', done));
    onTestFinished(() => void taken.close());
    const { port } = taken.address() as AddressInfo; // a TCP server's address is never a string
    const { code, stderr } = await runCli(['local', '--port', String(port)]);
    expect(code).toBe(1);
    expect(stderr).toContain(`error PORT_UNUSABLE: cannot listen on port ${port}`);
  });

  it.each([
    { args: ['--port', 'x'], says: 'Expected 0 to 65535' },
    { args: ['--port', '70000'], says: 'Expected 0 to 65535' },
    { args: ['--clock', 'noon'], says: 'Expected ISO 8601' },
    { args: ['--rules', 'nowhere.yaml'], says: 'RULES_UNREADABLE' },
    { args: ['--template', 'nowhere.yaml'], says: 'FILE_UNREADABLE' },
  ])('refuses $args', async ({ args, says }) => {
    const { code, stderr } = await runCli(['local', '--port', '0', ...args]);
    expect(code).toBe(2);
    expect(stderr).toContain(says);
  });
});
