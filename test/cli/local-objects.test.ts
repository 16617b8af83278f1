import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createPlainBucket, localTransport } from '../../cli/local/store.ts';
import { type Cloud, startCloud } from '../../local/cloud.ts';
import { createObsRetentionBucket } from '../../local/plain-obs.ts';
import { storageOver } from '../../shared/storage/oss/index.ts';
import { versionId } from '../../shared/storage/port.ts';
import { folderWith, runCli } from '../support/cli.ts';

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startCloud({ clock: new Date('2027-03-01T10:00:00Z'), clouds: ['oss', 'obs'] });
});
afterAll(() => cloud.close());

const run = (...args: string[]) =>
  runCli(['local', ...args], { env: { HOLDFAST_OSS_ENDPOINT: cloud.url }, cwd: folderWith({}) });

/** Starts another server than the embedded cloud. @returns its port */
async function serve(listener: RequestListener, then?: 'and close'): Promise<number> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () => new Promise((resolve) => server.close(resolve));
  if (then === undefined) onTestFinished(async () => void (await close()));
  const { port } = server.address() as AddressInfo;
  if (then !== undefined) await close();
  return port;
}

const errorOf = ({ stdout }: { stdout: string }) =>
  (JSON.parse(stdout) as { error: { code: string; message: string; remedy: string } }).error;

describe('holdfast local mb, cp and ls', () => {
  it('make a bucket that takes retention, fill it, and list it', async () => {
    const made = await run('mb', 'fin-eu');
    expect(made, made.stderr).toMatchObject({ code: 0 });
    const file = join(folderWith({}), 'q3.bin');
    const bytes = Buffer.from([0, 255, 13, 10, 195, 40]);
    writeFileSync(file, bytes);
    const copied = await run(
      'cp',
      file,
      'oss://fin-eu/ledger/',
      '--tag',
      'class=finance',
      'note=a b=c',
      '--json',
    );
    expect(copied.code, copied.stdout).toBe(0);
    const { format, uploaded } = JSON.parse(copied.stdout);
    expect(format).toBe('holdfast.local/1');
    expect(uploaded).toMatchObject({ url: 'oss://fin-eu/ledger/q3.bin', size: 6 });

    const transport = localTransport(cloud.url);
    onTestFinished(() => transport.close());
    const storage = storageOver(transport);
    const at = { bucket: 'fin-eu', key: 'ledger/q3.bin', versionId: versionId(uploaded.versionId) };
    const until = new Date('2028-03-01T00:00:00Z');
    await storage.putRetention(at, { mode: 'COMPLIANCE', until });
    await storage.holds.putHold(at, 'ON');
    await run('cp', file, 'oss://fin-eu/other');

    const listed = await run('ls', 'oss://fin-eu/led', '--json');
    expect(JSON.parse(listed.stdout)).toMatchObject({
      format: 'holdfast.local/1',
      url: 'oss://fin-eu/led',
      versions: [
        {
          key: 'ledger/q3.bin',
          versionId: uploaded.versionId,
          size: 6,
          tags: { class: 'finance', note: 'a b=c' },
          retention: { mode: 'COMPLIANCE', until: '2028-03-01T00:00:00Z' },
          legalHold: true,
        },
      ],
    });
    const { stdout } = await run('ls', 'oss://fin-eu/led');
    expect(stdout.split('\n')[1]?.split(/ {2,}/)).toEqual([
      'ledger/q3.bin',
      uploaded.versionId,
      '6',
      expect.stringMatching(/^2027-03-01T1\d:\d\d:\d\dZ$/), // its clock goes on
      '2028-03-01T00:00:00Z COMPLIANCE',
      'ON',
      'class=finance note=a b=c',
    ]);

    const back = join(folderWith({}), 'back');
    expect((await run('cp', 'oss://fin-eu/ledger/q3.bin', back)).code).toBe(0);
    expect(readFileSync(back)).toEqual(bytes);
  });

  it('read standard input and write standard output', async () => {
    await run('mb', 'oss://pipes');
    const env = { HOLDFAST_OSS_ENDPOINT: cloud.url };
    const sent = await runCli(['local', 'cp', '-', 'oss://pipes/k'], { env, input: 'a letter' });
    expect(sent.code, sent.stderr).toBe(0);
    expect(await runCli(['local', 'cp', 'oss://pipes/k', '-'], { env })).toMatchObject({
      code: 0,
      stdout: 'a letter',
      stderr: '',
    });
  });

  it('list the buckets of both clouds with their policies', async () => {
    const transport = localTransport(cloud.url);
    onTestFinished(() => transport.close());
    await createPlainBucket(transport, 'archive-1');
    const storage = storageOver(transport);
    await storage.policies.initiatePolicy('archive-1', 30);
    await createObsRetentionBucket(cloud.obs?.url ?? '', 'obs-1');
    const { stdout } = await run('ls');
    expect(stdout).toMatch(
      /^oss:\/\/archive-1 +Unversioned +- +InProgress, 30 days, 2[34]\.\d hours to lock it$/m,
    );
    expect(stdout).toMatch(/^obs:\/\/obs-1 +Enabled +of each version +-$/m);
    expect((await run('ls', 'obs://obs-1')).stdout).toBe('there is no version at obs://obs-1/\n');
  });

  it('list a bucket page by page', async () => {
    const bucket = { cloud: 'oss', name: 'many', createdAt: '2027-03-01T10:00:00.000Z' };
    const version = {
      ...{ kind: 'version', isLatest: true, lastModified: '2027-03-01T10:00:00.000Z', size: 1, tags: {} },
      ...{ legalHold: false, immutable: false },
    };
    const seen: string[] = [];
    const port = await serve(({ url = '' }, response) => {
      const { pathname, searchParams } = new URL(url, 'http://local');
      if (pathname === '/_local/health') {
        response.end(JSON.stringify({ clouds: ['oss'] }));
        return;
      }
      if (pathname === '/_local/buckets') {
        response.end(JSON.stringify([{ ...bucket, versioning: 'Enabled', objectWorm: true }]));
        return;
      }
      const after = `${searchParams.get('key-marker')} ${searchParams.get('version-id-marker')}`;
      seen.push(after);
      const first = {
        versions: [{ ...version, key: 'a&b', versionId: 'v1' }],
        next: { key: 'a&b', versionId: 'v1' },
      };
      const last = { versions: [{ ...version, key: 'c', versionId: 'v2' }] };
      response.end(JSON.stringify(after === 'null null' ? first : last));
    });
    const { stdout } = await run('ls', 'oss://many', '--port', String(port), '--json');
    expect(JSON.parse(stdout).versions).toMatchObject([{ key: 'a&b' }, { key: 'c' }]);
    expect(seen).toEqual(['null null', 'a&b v1']);
  });

  it('copy a version that is named, a folder, and more than one part', async () => {
    await run('mb', 'parts');
    const folder = folderWith({ a: 'one', b: 'two' });
    mkdirSync(join(folder, 'sub'));
    writeFileSync(join(folder, 'sub', 'c'), Buffer.alloc(17 * 1024 * 1024, 'x'));
    const copied = await run('cp', folder, 'oss://parts/all', '--tag', 'class=finance', '--json');
    expect(JSON.parse(copied.stdout).folder).toMatchObject({ url: 'oss://parts/all/', files: 3 });
    const { versions } = JSON.parse((await run('ls', 'oss://parts/all/', '--json')).stdout);
    expect(versions).toMatchObject([
      { key: 'all/a', tags: { class: 'finance' } },
      { key: 'all/b', size: 3 },
      { key: 'all/sub/c', size: 17 * 1024 * 1024, tags: { class: 'finance' } },
    ]);
    const out = join(folder, 'out');
    expect((await run('cp', 'oss://parts/all/sub/c', out)).code).toBe(0);
    expect(readFileSync(out).equals(readFileSync(join(folder, 'sub', 'c')))).toBe(true);
    await run('cp', join(folder, 'b'), 'oss://parts/all/a');
    await run('cp', `oss://parts/all/a?versionId=${versions[0].versionId}`, out);
    expect(readFileSync(out, 'utf8')).toBe('one');
  });

  it('copy the current object of every key below a prefix into a folder', async () => {
    await run('mb', 'down');
    const folder = folderWith({ a: 'old', b: 'two' });
    await run('cp', folder, 'oss://down/all');
    writeFileSync(join(folder, 'a'), 'new');
    await run('cp', join(folder, 'a'), 'oss://down/all/a');
    await run('cp', join(folder, 'b'), 'oss://down/all/sub/deeper/c');
    await run('cp', join(folder, 'b'), 'oss://down/beside');
    const out = join(folder, 'out');
    const copied = await run('cp', 'oss://down/all/', out, '--json');
    expect(JSON.parse(copied.stdout).downloadedFolder).toMatchObject({ files: 3, size: 9 });
    const read = (path: string) => readFileSync(join(out, path), 'utf8');
    expect([read('a'), read('b'), read('sub/deeper/c')]).toEqual(['new', 'two', 'two']);
    expect(readdirSync(out).sort()).toEqual(['a', 'b', 'sub']);
    expect((await run('cp', 'oss://down/beside', folder)).code).toBe(0);
    expect(readFileSync(join(folder, 'beside'), 'utf8')).toBe('two');
  });

  it.each(['../above', 'sub/../../above', './a', 'a//b', '..'])(
    'write nothing where the key %s would be no path below the folder',
    async (key) => {
      const bucket = `leads-out-${Buffer.from(key).toString('hex')}`;
      await run('mb', bucket);
      const transport = localTransport(cloud.url);
      onTestFinished(() => transport.close());
      await storageOver(transport).writeText({ bucket, key: 'before' }, 'x');
      await storageOver(transport).writeText({ bucket, key }, 'x');
      const folder = folderWith({});
      const result = await run('cp', `oss://${bucket}/`, join(folder, 'in'), '--json');
      expect(errorOf(result), result.stdout).toMatchObject({
        code: 'USAGE',
        message: expect.stringContaining('no path below a folder'),
      });
      expect(readdirSync(folder)).toEqual([]);
    },
  );

  it('show control characters of a key instead of printing them', async () => {
    await run('mb', 'hostile');
    const file = join(folderWith({ a: '' }), 'a');
    await run('cp', file, 'oss://hostile/\u001b[31mred\nline');
    const { stdout } = await run('ls', 'oss://hostile');
    expect(stdout).not.toContain('\u001b');
    expect(stdout.trimEnd().split('\n')).toHaveLength(2);
  });
});

describe('holdfast local mb, cp and ls refuse', () => {
  const file = 'package.json';
  const folderOfNothing = mkdtempSync(join(tmpdir(), 'holdfast-empty-'));
  afterAll(() => rmSync(folderOfNothing, { recursive: true }));
  it.each<[string, number, string, ...string[]]>([
    ['a name that no bucket can have', 2, 'USAGE', 'mb', 'Fin_EU'],
    ['an object where a bucket is meant', 2, 'USAGE', 'mb', 'oss://fin/key'],
    ['a bucket of OBS', 2, 'USAGE', 'mb', 'obs://fin-eu'],
    ['another scheme', 2, 'ADDRESS_SCHEME', 'mb', 's3://fin-eu'],
    ['a folder without files', 2, 'USAGE', 'cp', folderOfNothing, 'oss://refuses/'],
    ['a version to upload to', 2, 'USAGE', 'cp', file, 'oss://refuses/k?versionId=v'],
    ['two files', 2, 'USAGE', 'cp', file, 'fin-eu/key'],
    ['two objects', 2, 'USAGE', 'cp', 'oss://a-1/k', 'oss://a-1/l'],
    ['an object of OBS', 2, 'USAGE', 'cp', file, 'obs://fin-eu/key'],
    ['standard input without a key', 2, 'USAGE', 'cp', '-', 'oss://fin-eu/'],
    ['no bucket', 2, 'USAGE', 'cp', file, 'oss:///key'],
    ['a tag without a value', 2, 'USAGE', 'cp', file, 'oss://fin-eu/k', '--tag', 'class'],
    ['a tag that is there twice', 2, 'USAGE', 'cp', file, 'oss://fin-eu/k', '--tag', 'a=1', 'a=2'],
    ['tags of a file', 2, 'USAGE', 'cp', 'oss://fin-eu/k', 'x', '--tag', 'a=1'],
    ['a report on the output that gets the object', 2, 'USAGE', 'cp', 'oss://fin-eu/k', '-'],
    ['a file that is not there', 2, 'FILE_UNREADABLE', 'cp', 'nowhere.txt', 'oss://refuses/k'],
    ['a bucket that is not there', 1, 'NO_SUCH_BUCKET', 'cp', '/dev/null', 'oss://nowhere/k'],
    ['an object that is not there', 1, 'NO_SUCH_OBJECT', 'cp', 'oss://refuses/nothing', 'x'],
    ['a file that cannot be written', 1, 'FILE_UNWRITABLE', 'cp', 'oss://refuses/there', 'no/such/folder'],
    ['a file that is a folder', 1, 'FILE_UNWRITABLE', 'cp', 'oss://refuses/there', '/dev/null/x'],
    ['a folder that is a file', 1, 'FILE_UNWRITABLE', 'cp', 'oss://refuses/', '/dev/null'],
    ['a prefix without objects', 2, 'USAGE', 'cp', 'oss://refuses/nothing/', 'x'],
    ['a folder to standard output', 2, 'USAGE', 'cp', 'oss://refuses/', '-'],
    ['a bucket that exists', 1, 'BUCKET_EXISTS', 'mb', 'refuses'],
    ['to list a bucket that is not there', 1, 'NO_SUCH_BUCKET', 'ls', 'oss://nowhere'],
    ['to list no address', 2, 'USAGE', 'ls', 'refuses'],
    ['an option that starts a cloud', 2, 'USAGE', 'ls', '--demo'],
    ['port 0', 2, 'USAGE', 'ls', '--port', '0'],
  ])('%s', async (_, code, error, ...args) => {
    await run('mb', 'refuses');
    await run('cp', '/dev/null', 'oss://refuses/there');
    const result = await run(...args, '--json');
    expect(errorOf(result).code, result.stdout).toBe(error);
    expect(result.code).toBe(code);
  });

  it('a file that cannot be written, before the object is asked for', async () => {
    await run('mb', 'refuses');
    await run('cp', resolve('package.json'), 'oss://refuses/there');
    cloud.oss.faults.add({ operation: 'GetObject', effect: { status: 403, code: 'AccessDenied' } });
    onTestFinished(() => cloud.oss.faults.clear());
    const refused = await run('cp', 'oss://refuses/there', 'no/such/folder', '--json');
    expect(errorOf(refused).code).toBe('FILE_UNWRITABLE');
  });

  it.each([
    'https://oss-cn-hangzhou.aliyuncs.com',
    'http://127.0.0.1.example.com:9000',
    'http://127.0.0.1@example.com',
    'http://10.0.0.1:9000',
    'https://127.0.0.1:9000',
    '127.0.0.1:9000',
  ])('the endpoint %s', async (endpoint) => {
    for (const args of [['ls'], ['mb', 'fin-eu'], ['cp', '/dev/null', 'oss://fin-eu/k']]) {
      const env = { HOLDFAST_OSS_ENDPOINT: endpoint };
      const error = errorOf(await runCli(['local', ...args, '--json'], { env }));
      expect(error.code).toBe('LOCAL_ENDPOINT');
      expect(error.remedy).toContain('HOLDFAST_OSS_ENDPOINT');
    }
  });

  it('a port on which nobody listens, and say what to start', async () => {
    const port = await serve(() => undefined, 'and close');
    for (const args of [['ls'], ['mb', 'fin-eu'], ['cp', '/dev/null', 'oss://fin-eu/k']]) {
      const result = await run(...args, '--port', String(port), '--json');
      expect(result.code).toBe(1);
      expect(errorOf(result)).toMatchObject({ code: 'UNREACHABLE' });
      expect(errorOf(result).remedy).toContain('start `holdfast local`');
    }
  });

  it('a cloud that serves OBS alone', async () => {
    const obs = await startCloud({ clouds: ['obs'] });
    onTestFinished(() => obs.close());
    const env = { HOLDFAST_OSS_ENDPOINT: obs.url };
    for (const args of [
      ['ls', 'oss://fin-eu'],
      ['mb', 'fin-eu'],
      ['cp', '/dev/null', 'oss://fin-eu/k'],
    ]) {
      const error = errorOf(await runCli(['local', ...args, '--json'], { env }));
      expect(error.code).toBe('ADDRESS_CLOUD');
      expect(error.remedy).toContain('holdfast local --cloud oss');
    }
  });

  it('a server that is something else', async () => {
    const port = await serve((_, response) => response.writeHead(302, { location: '/' }).end('<html>'));
    const result = await run('ls', '--port', String(port), '--json');
    expect(errorOf(result)).toMatchObject({ code: 'UNEXPECTED_REPLY' });
    expect(errorOf(result).message).toContain('is not `holdfast local`');
  });
});
