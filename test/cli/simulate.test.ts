import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startFunction } from '../../cli/world/local-function.ts';
import { type Cloud, startCloud } from '../../local/cloud.ts';
import { createRetentionBucket, plainClient, retainedUntil } from '../../local/plain-client.ts';
import { cloudEnvironment, folderWith, runCli } from '../support/cli.ts';
import { envelopeOf } from '../support/dead-letters.ts';

const rules = `version: 1
limits: { maxRetention: 10y }
objects:
  - name: all
    match: { bucket: fin-* }
    retain: 7y
buckets:
  - name: archive
    match: { bucket: archive-* }
    policy: { days: { atLeast: 180, atMost: 3650 }, lock: { after: 20h } }
`;

const fullRules = rules.replace(
  'version: 1\n',
  'version: 1\naudit: oss://kept/audit/\ndeadLetters: oss://kept/failed/\n',
);

const timerEvent = JSON.stringify({ triggerTime: '2026-11-20T10:00:00Z', triggerName: 't', payload: '' });

/** The event of an upload, as OSS sends it. */
const uploadEvent = (key: string) =>
  JSON.stringify({
    events: [
      {
        eventName: 'ObjectCreated:PutObject',
        eventSource: 'acs:oss',
        eventTime: '2099-01-01T00:00:00.000Z',
        eventVersion: '1.0',
        region: 'cn-hangzhou',
        oss: {
          bucket: { arn: 'acs:oss:cn-hangzhou:1:fin-eu', name: 'fin-eu', ownerIdentity: '1' },
          object: { deltaSize: 1, eTag: '9DD4E461268C8034F5C8564E155C67A6', key, size: 1 },
          ossSchemaVersion: '1.0',
          ruleId: 'r',
        },
      },
    ],
  });

/** An embedded cloud that fires nothing itself, and the command run against it. */
async function start(text = rules) {
  const cloud = await startCloud();
  onTestFinished(() => cloud.close());
  const cwd = folderWith({ 'rules.yaml': text });
  const env = cloudEnvironment(cloud.url);
  const simulate = (input: string, ...args: string[]) =>
    runCli(['simulate', '-e', '-', ...args], { cwd, env, input });
  return { cloud, simulate };
}

const writesOf = (cloud: Cloud) =>
  cloud.oss.requests.list().filter(({ operation }) => operation === 'PutObjectRetention');

describe('holdfast simulate', () => {
  it('runs object-created on the event of an upload, and the version is protected', async () => {
    const { cloud, simulate } = await start();
    const client = await createRetentionBucket(cloud.url, 'fin-eu');
    const { res } = await client.put('a', Buffer.from('x'));
    const { code, stdout } = await simulate(uploadEvent('a'), '--write', '--yes');
    expect(stdout).toMatch(/^protect oss:\/\/fin-eu\/a until \S+ by rule all - /m);
    expect(stdout).toContain('object-created succeeded: {"protect":1}');
    expect(code).toBe(0);
    expect(await retainedUntil(client, 'a', res.headers['x-oss-version-id'] ?? '')).toBeInstanceOf(Date);
  });

  it('sends no write unless --write is given, and says by which rules it works', async () => {
    const { cloud, simulate } = await start();
    const client = await createRetentionBucket(cloud.url, 'fin-eu');
    await client.put('a', Buffer.from('x'));
    for (const args of [[], ['--dry-run']]) {
      const { code, stdout } = await simulate(uploadEvent('a'), ...args);
      expect(code).toBe(0);
      expect(stdout).toMatch(/^by rules\.yaml \(rules sha256:[0-9a-f]{12}\); no write is sent/);
      expect(stdout).toMatch(/^protect oss:\/\/fin-eu\/a .*\(dry run\)/m);
    }
    const refused = await simulate(uploadEvent('a'), '--write');
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('error NOT_CONFIRMED') });
    expect(writesOf(cloud)).toEqual([]);
  });

  it.each(['object-created', 'policy-timer', 'protect-existing', 'dead-letter'])(
    'sends no write of %s without --write, evidence and letters neither',
    async (name) => {
      const { cloud, simulate } = await start(fullRules);
      const client = await createRetentionBucket(cloud.url, 'fin-eu');
      await client.put('a', Buffer.from('x'));
      for (const bucket of ['kept', 'archive-1']) await plainClient(cloud.url, bucket).putBucket(bucket);
      await plainClient(cloud.url, 'archive-1').initiateBucketWorm('archive-1', '365');
      await cloud.advance(21 * 3_600_000);
      cloud.oss.requests.clear();
      const events: Record<string, string> = {
        'policy-timer': timerEvent,
        'dead-letter': JSON.stringify(envelopeOf({ payload: uploadEvent('a') })),
      };
      const { code, stdout } = await simulate(events[name] ?? uploadEvent('a'), '-f', name);
      expect(code).toBe(0);
      if (name === 'policy-timer') expect(stdout).toMatch(/^lock oss:\/\/archive-1 .*\(dry run\)/m);
      const methods = cloud.oss.requests.list().map(({ method }) => method);
      expect(new Set([...methods, 'GET', 'HEAD'])).toEqual(new Set(['GET', 'HEAD']));
    },
  );

  it('reads ./rules.yaml as every command does, never the example of the installation', async () => {
    const cwd = folderWith({ 'event.json': timerEvent });
    const env = cloudEnvironment('http://127.0.0.1:9');
    const { code, stderr } = await runCli(['simulate', '-e', 'event.json'], { cwd, env });
    expect(code).toBe(2);
    expect(stderr).toContain('error RULES_UNREADABLE: cannot read the rules from rules.yaml');
  });

  it('runs policy-timer on the event of a timer', async () => {
    const { cloud, simulate } = await start();
    const client = plainClient(cloud.url, 'archive-1');
    await client.putBucket('archive-1');
    await client.initiateBucketWorm('archive-1', '365');
    const { code, stdout } = await simulate(timerEvent);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^wait oss:\/\/archive-1 by rule archive 365 days - acceptable/m);
    expect(stdout).toContain('policy-timer succeeded: {"wait":1}');
  });

  it("gives machines the function's lines as they are, and last its result", async () => {
    const { simulate } = await start();
    const { code, stdout, stderr } = await simulate(timerEvent, '--json');
    expect(code).toBe(0);
    expect(stderr).toBe('');
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines[0]).toMatchObject({ format: 'holdfast.simulate/1', dryRun: true });
    expect(lines.at(-1)).toEqual({ format: 'holdfast.simulate.ending/1', result: {} });
  });

  it('runs the function that is named, whatever the event', async () => {
    const { simulate } = await start();
    const { code, stdout } = await simulate(timerEvent, '-f', 'object-created');
    expect(code).toBe(1);
    expect(stdout).toContain('object-created failed: EVENT_MALFORMED');
  });

  it('fails when the function fails, with its coded error', async () => {
    const { cloud, simulate } = await start();
    const client = plainClient(cloud.url, 'fin-eu');
    await client.putBucket('fin-eu');
    await client.putBucketVersioning('fin-eu', 'Enabled');
    await client.put('a', Buffer.from('x'));
    const { code, stdout } = await simulate(uploadEvent('a'), '--write', '--yes');
    expect(code).toBe(1);
    expect(stdout).toContain('object-created failed: OBJECT_WORM_OFF');
    expect(stdout).toContain('What to do:');
  });

  it.each([
    {
      what: 'an event that is not there',
      args: ['-e', 'nowhere.json'],
      code: 2,
      says: 'error FILE_UNREADABLE: cannot read nowhere.json',
    },
    { what: 'an empty event', args: ['-e', '-'], code: 1, says: 'standard input is empty' },
    {
      what: 'a path for a function',
      args: ['-e', 'event.json', '-f', '../../../tmp/x'],
      code: 1,
      says: 'error FUNCTION_NOT_BUILT',
    },
    { what: 'an event that is no JSON', args: ['-e', 'broken.json'], code: 1, says: 'error EVENT_MALFORMED' },
    {
      what: 'a function that is not built',
      args: ['-e', 'event.json', '-f', 'nothing'],
      code: 1,
      says: 'error FUNCTION_NOT_BUILT: function nothing',
    },
    { what: 'no credentials', args: ['-e', 'event.json'], code: 1, says: 'error CREDENTIALS_MISSING' },
  ])('says what is wrong with $what', async ({ args, code, says }) => {
    const cwd = folderWith({ 'event.json': timerEvent, 'broken.json': '{' });
    const result = await runCli(['simulate', ...args], { cwd });
    expect(result).toMatchObject({ code, stdout: '' });
    expect(result.stderr).toContain(says);
  });

  it('fails with every mistake when the rules are invalid', async () => {
    const cwd = folderWith({ 'bad.yaml': 'version: 1\n', 'event.json': timerEvent });
    const env = cloudEnvironment('http://127.0.0.1:9');
    const args = ['simulate', '-e', join(cwd, 'event.json'), '--rules', 'bad.yaml'];
    const { code, stderr } = await runCli(args, { cwd, env });
    expect(code).toBe(2);
    expect(stderr).toContain('error RULES_INVALID');
  });
});

it('refuses rules on standard input, which the function cannot read', () => {
  const options = { cloud: 'oss', region: 'cn-hangzhou', endpoint: undefined, rules: '-' } as const;
  expect(() => startFunction('policy-timer', options)).toThrow(
    expect.objectContaining({ code: 'USAGE', message: expect.stringContaining('name a file with --rules') }),
  );
});
