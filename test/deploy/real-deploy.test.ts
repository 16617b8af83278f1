import { spawn } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { startCloud } from '../../local/cloud.ts';
import { createRetentionBucket, retainedUntil } from '../../local/plain-client.ts';
import { standInAccount, standInId } from '../support/aliyun.ts';
import { folderWith } from '../support/cli.ts';
import { deployedState, setUpFor, templateFor } from '../support/deploy-by-sdk.ts';

/** The folder of the built component fc3: it is on no package registry, so this test runs only where somebody has it. */
const component = process.env['HOLDFAST_FC3'];

const rules = `version: 1
limits: { maxRetention: 10y }
deadLetters: oss://holdfast-dead-letters/dead-letters/
objects:
  - { name: finance, match: { bucket: fin-* }, retain: 30d }
`;

/** A folder as README has people make one, whose s.yaml names the component by its folder. */
function deploymentFolder(fc3: string): string {
  const folder = folderWith({ 'rules.yaml': rules, 'package.json': '{"scripts":{"build":"true"}}' });
  const template = readFileSync('s.yaml', 'utf8').replaceAll(
    /component: fc3\S*/g,
    `component: ${resolve(fc3)}`,
  );
  writeFileSync(join(folder, 's.yaml'), template);
  for (const { code } of templateFor('fin-eu').functions) {
    const built = join(folder, 'dist', basename(code));
    const filter = (file: string) => !file.endsWith('rules.compiled.json');
    cpSync(join('dist', basename(code)), built, { recursive: true, filter });
    writeFileSync(join(built, 'rules.yaml'), rules);
  }
  return folder;
}

test.runIf(component !== undefined)(
  'the real s deploys twice without a question, moves to another bucket, and removes everything',
  async () => {
    const cloud = await startCloud({ accountId: standInId, bootstrap: resolve('dist/local/instance.js') });
    onTestFinished(() => cloud.close());
    const account = standInAccount();
    const clients = new Map(
      await Promise.all(
        ['fin-eu', 'fin-us'].map(
          async (bucket) => [bucket, await createRetentionBucket(cloud.url, bucket)] as const,
        ),
      ),
    );
    for (const bucket of clients.keys()) account.put(`buckets/${bucket}`, '');
    const folder = deploymentFolder(component ?? '');
    const home = folderWith({});
    /** Runs the real tool without a terminal; what it says comes with a failure. */
    const s = async (bucket: string, ...words: string[]) => {
      const child = spawn(resolve('node_modules/.bin/s'), words, {
        cwd: folder,
        stdio: ['ignore', 'pipe', 'pipe'],
        env: {
          PATH: process.env['PATH'],
          HOME: home,
          HOLDFAST_BUCKET: bucket,
          FC_CLIENT_CUSTOM_ENDPOINT: cloud.url,
          FC_CODE_TEMP_OSS_ENDPOINT: cloud.url,
        },
      });
      const ended = new Promise<number | null>((done) => child.on('close', done));
      const [said, complained, status] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
      expect(status, `${said}${complained}`).toBe(0);
    };
    const isRetained = async (bucket: string, object: string) => {
      const client = clients.get(bucket);
      const { res } = (await client?.put(object, Buffer.from('x'))) ?? { res: { headers: {} } };
      await cloud.idle();
      const version = Object(res.headers)['x-oss-version-id'];
      return client !== undefined && (await retainedUntil(client, object, version)) !== undefined;
    };

    const key = [
      '--AccountID',
      standInId,
      '--AccessKeyID',
      'holdfast',
      '--AccessKeySecret',
      'holdfast-secret',
    ];
    await s('fin-eu', 'config', 'add', '-a', 'default', '-f', ...key);
    await setUpFor(cloud, account, 'fin-eu', rules);
    await s('fin-eu', 'deploy', '-y');
    expect(await isRetained('fin-eu', 'a')).toBe(true);
    const before = await deployedState(cloud);
    await s('fin-eu', 'deploy', '-y');
    expect(await deployedState(cloud)).toEqual(before);

    await setUpFor(cloud, account, 'fin-us', rules);
    await s('fin-us', 'deploy', '-y');
    expect(await isRetained('fin-us', 'a')).toBe(true);

    await s('fin-us', 'remove', '-y');
    expect([...cloud.fc.functions]).toEqual([]);
  },
);
