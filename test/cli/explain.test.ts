import { describe, expect, it, onTestFinished } from 'vitest';
import { startCloud } from '../../local/cloud.ts';
import { createRetentionBucket, plainClient } from '../../local/plain-client.ts';
import { cloudEnvironment, folderWith, runCli } from '../support/cli.ts';

const rules = `version: 1
limits: { maxRetention: 10y }
objects:
  - name: finance
    match: { bucket: fin-*, key: ledger/**, tags: { class: finance } }
    retain: 7y
  - name: short
    match: { bucket: fin-* }
    retain: 30d
  - name: until
    match: { bucket: until-*, tags: { retain-until: "*" } }
    retain: { untilTag: retain-until, atMost: 10y }
  - name: both
    match: { bucket: archive-both }
    retain: 1y
buckets:
  - name: archive
    match: { bucket: archive-* }
    policy: { days: { atLeast: 180, atMost: 3650 }, lock: { after: 20h } }
`;

const folder = () => folderWith({ 'rules.yaml': rules });
const explain = (...args: string[]) => runCli(['explain', ...args], { cwd: folder() });

describe('holdfast explain, of an object in words', () => {
  it('says of every rule whether it matches, the date from each, and the winner', async () => {
    const at = ['--modified', '2026-11-20T10:00:00Z', '--at', '2026-11-20T10:00:00Z'];
    const { code, stdout } = await explain('oss://fin-eu/ledger/a', '--tag', 'class=finance', ...at);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^finance +yes, wins +2033-11-20T10:00:00Z$/m);
    expect(stdout).toMatch(/^short +yes +2026-12-20T10:00:00Z$/m);
    expect(stdout).toMatch(/^until +no +bucket fin-eu does not match until-\*$/m);
    expect(stdout).toMatch(/^would be retained until 2033-11-20T10:00:00Z by rule finance$/m);
    expect(stdout).toMatch(/^written +COMPLIANCE until 2033-11-20T10:00:00Z$/m);
  });

  it.each([
    { retained: '2040-01-01', at: '2026-12-01', says: 'stays as it is: retained until 2040-01-01T00:00:00Z' },
    { retained: undefined, at: '2034-01-01', says: 'the date of rule finance is past' },
    {
      retained: '2030-01-01',
      at: '2026-12-01',
      says: 'longer than now (2030-01-01T00:00:00Z)',
      writes: true,
    },
  ])('takes the retention it has already and the time: $says', async ({ retained, at, says, writes }) => {
    const words = ['--tag', 'class=finance', '--modified', '2026-11-20T10:00:00Z', '--at', at];
    const more = retained === undefined ? [] : ['--retained', retained];
    const { stdout } = await explain('oss://fin-eu/ledger/a', ...words, ...more);
    expect(stdout).toContain(says);
    if (!writes) expect(stdout).toMatch(/^written +nothing$/m);
    const { write } = JSON.parse(
      (await explain('oss://fin-eu/ledger/a', ...words, ...more, '--json')).stdout,
    );
    expect(write).toEqual(writes ? { mode: 'COMPLIANCE', retainUntil: '2033-11-20T10:00:00Z' } : null);
  });

  it.each([
    { object: 'oss://fin-eu/other/a', tags: ['class=finance'], why: 'key other/a does not match ledger/**' },
    { object: 'oss://fin-eu/ledger/a', tags: ['class=hr'], why: 'tag class=hr does not match finance' },
    { object: 'oss://fin-eu/ledger/a', tags: ['owner=me'], why: 'there is no tag class' },
  ])('gives the first reason why a rule does not match: $why', async ({ object, tags, why }) => {
    const { stdout } = await explain(object, '--tag', ...tags);
    expect(stdout).toMatch(/^finance +no /m);
    expect(stdout).toContain(why);
  });

  it('takes several tags after one --tag or after several, and `=` in a value', async () => {
    const last = await explain('--tag', 'class=finance', 'oss://fin-eu/ledger/a', '--json');
    expect(JSON.parse(last.stdout)).toMatchObject({ key: 'ledger/a', tags: { class: 'finance' } });
    const one = await explain('oss://fin-eu/a', '--modified', '2026-01-01', '--tag', 'a=1=2', 'b=', '--json');
    const more = await explain(
      'oss://fin-eu/a',
      '--modified',
      '2026-01-01',
      '--tag',
      'a=1=2',
      '--tag',
      'b=',
      '--json',
    );
    expect(JSON.parse(one.stdout).tags).toEqual({ a: '1=2', b: '' });
    expect(more.stdout).toBe(one.stdout);
  });

  it('needs no credentials, and exits with 0 when no rule matches', async () => {
    const { code, stdout } = await explain('oss://nobody/a', '--modified', '2026-01-01T00:00+08:00');
    expect(code).toBe(0);
    expect(stdout).toContain('last modified  2025-12-31T16:00:00Z');
    expect(stdout).toContain('would not be retained: no rule matches');
  });

  it('fails when the decision is a refusal, with what to do', async () => {
    const { code, stdout } = await explain('oss://until-x/a', '--tag', 'retain-until=soon');
    expect(code).toBe(1);
    expect(stdout).toContain('would fail and not be retained');
    expect(stdout).toContain('error TAG_UNREADABLE:');
    expect(stdout).toContain('what to do:');
  });

  it('says that object and bucket rules claim the same bucket', async () => {
    const { code, stdout } = await explain('oss://archive-both/a', '--modified', '2026-01-01');
    expect(code).toBe(1);
    expect(stdout).toContain('would fail');
    expect(stdout).toContain('error RULES_COLLIDE: bucket archive-both');
  });

  it('gives machines rules, decision and errors', async () => {
    const at = ['--modified', '2026-11-20T10:00:00Z', '--at', '2026-11-20T10:00:00Z'];
    const { stdout } = await explain('oss://fin-eu/ledger/a', '--tag', 'class=finance', ...at, '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      cloud: 'oss',
      bucket: 'fin-eu',
      key: 'ledger/a',
      tags: { class: 'finance' },
      rules: [{ rule: 'finance', matched: true, wins: true, until: '2033-11-20T10:00:00Z' }, {}, {}, {}],
      explanation: 'would be retained until 2033-11-20T10:00:00Z by rule finance',
      errors: [],
    });
  });

  it.each([
    { args: ['fin-eu/ledger/a'], reason: 'is not oss://bucket/key' },
    { args: ['oss://fin-eu/a', '--tag', 'class'], reason: 'expected key=value' },
    { args: ['oss://fin-eu/a', '--modified', 'yesterday'], reason: 'expected ISO 8601' },
    { args: ['oss://fin-eu/a', '--modified', '+275760-09-13'], reason: 'expected ISO 8601' },
    { args: ['oss://fin-eu/a', '--tag', 'class=a', '--tag', 'class=b'], reason: 'class is there twice' },
    { args: ['oss://fin-eu', '--tag', 'a=b'], reason: 'names no object' },
    { args: ['oss://fin-eu', '--at', '2026-01-01'], reason: '--at judges what is described' },
    { args: ['oss://fin-eu/a', '--at', '2026-01-01'], reason: '--at judges what is described' },
    { args: ['oss://fin-eu/a', '--version-id', 'x', '--tag', 'a=b'], reason: 'give one kind only' },
    { args: ['oss://fin-eu/a', '--version-id', ''], reason: 'Expected the id of a version' },
  ])('refuses $args as wrong usage', async ({ args, reason }) => {
    const { code, stderr } = await explain(...args);
    expect(code).toBe(2);
    expect(stderr).toContain('error USAGE:');
    expect(stderr).toContain(reason);
  });
});

describe('holdfast explain, asking the cloud', () => {
  const start = async () => {
    const cloud = await startCloud({ clock: new Date('2026-11-20T10:00:00Z') });
    onTestFinished(() => cloud.close());
    const run = (...args: string[]) =>
      runCli(['explain', ...args], { cwd: folder(), env: cloudEnvironment(cloud.url) });
    return { cloud, run };
  };

  it('looks at the current version, or the one named, with its own tags', async () => {
    const { cloud, run } = await start();
    const client = await createRetentionBucket(cloud.url, 'fin-eu');
    const put = (tags: string) =>
      client.put('ledger/a', Buffer.from('x'), { headers: { 'x-oss-tagging': tags } });
    const first = await put('class=finance');
    await cloud.advance(60_000);
    await put('class=other');
    const current = await run('oss://fin-eu/ledger/a');
    expect(current.stdout).toMatch(/would be retained until 2026-12-20T10:0[1-9]:/);
    expect(current.stdout).toContain('by rule short');
    const id = first.res.headers['x-oss-version-id'] ?? '';
    const named = await run('oss://fin-eu/ledger/a', '--version-id', id);
    expect(named.stdout).toContain(`version        ${id}`);
    expect(named.stdout).toContain('by rule finance');
  });

  it('says that object lock is off, that nothing would be written, and what to do', async () => {
    const { cloud, run } = await start();
    const client = plainClient(cloud.url, 'fin-eu');
    await client.putBucket('fin-eu');
    await client.putBucketVersioning('fin-eu', 'Enabled');
    await client.put('ledger/a', Buffer.from('x'));
    const { code, stdout } = await run('oss://fin-eu/ledger/a');
    expect(code).toBe(1);
    expect(stdout).toMatch(/^ObjectWorm {5}off: the bucket takes no retention$/m);
    expect(stdout).toMatch(/^would fail, whatever the rules above say$/m);
    expect(stdout).toMatch(/^written {8}nothing$/m);
    expect(stdout).toMatch(/^what to do: .*put-bucket-object-worm-configuration --bucket fin-eu/m);
    const { objectLock, write, errors } = JSON.parse((await run('oss://fin-eu/ledger/a', '--json')).stdout);
    expect({ objectLock, write, errors }).toMatchObject({
      objectLock: { state: 'off' },
      write: null,
      errors: [{ code: 'OBJECT_WORM_OFF' }],
    });
  });

  it('goes on where it may not look at object lock, and says so', async () => {
    const { cloud, run } = await start();
    const client = await createRetentionBucket(cloud.url, 'fin-eu');
    await client.put('ledger/a', Buffer.from('x'));
    cloud.oss.faults.add({
      operation: 'GetBucketObjectWormConfiguration',
      effect: { status: 403, code: 'AccessDenied' },
    });
    const { code, stdout } = await run('oss://fin-eu/ledger/a', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      objectLock: { state: 'unknown', error: { code: 'ACCESS_DENIED' } },
      write: { mode: 'COMPLIANCE' },
    });
  });

  it('says that an object is not there', async () => {
    const { cloud, run } = await start();
    await createRetentionBucket(cloud.url, 'fin-eu');
    const { code, stderr } = await run('oss://fin-eu/nothing');
    expect(code).toBe(1);
    expect(stderr).toContain('error NO_SUCH_OBJECT');
  });

  it("shows a bucket's policy, its deadline and what the timer will do", async () => {
    const { cloud, run } = await start();
    const client = plainClient(cloud.url, 'archive-1');
    await client.putBucket('archive-1');
    await client.initiateBucketWorm('archive-1', '365');
    const { code, stdout } = await run('oss://archive-1');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^state +InProgress$/m);
    expect(stdout).toMatch(/^lock deadline +2026-11-21T10:0\d:\d\dZ \((24\.0|23\.9) hours left\)$/m);
    expect(stdout).toMatch(
      /^next +locked at 2026-11-21T06:0\d:\d\dZ unless aborted before \(irreversible\)$/m,
    );
  });

  it('asks nothing when no rule matches the bucket', async () => {
    const { cloud, run } = await start();
    const { code, stdout } = await run('oss://nobody');
    expect(code).toBe(0);
    expect(stdout).toBe('no rule matches bucket nobody\n');
    expect(cloud.oss.requests.list()).toEqual([]);
  });
});
