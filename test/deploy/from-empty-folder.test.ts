import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import * as z from 'zod';
import { startCloud } from '../../local/cloud.ts';
import { createRetentionBucket, retainedUntil } from '../../local/plain-client.ts';
import { loadTemplate } from '../../shared/deploy/template.ts';
import { day } from '../../shared/platform/instant.ts';
import { standInAccount, standInId } from '../support/aliyun.ts';
import { cloudEnvironment, folderWith, runCli } from '../support/cli.ts';
import { deployBySdk, takeOver } from '../support/deploy-by-sdk.ts';

const answers = [
  ...['--region', 'cn-hangzhou', '--object-bucket', 'fin-eu', '--keep', '90d', '--max', '180d'],
  ...['--dead-letters', 'oss://my-letters/dead/'],
];

const report = z.object({
  findings: z.array(z.object({ check: z.string(), about: z.string(), status: z.string() })),
});

test('the order of the README leads from an empty folder to a retained upload and a doctor that is content', async () => {
  const folder = folderWith({});
  const run = async (...args: string[]) => await runCli(args, { cwd: folder, env });
  const account = standInAccount();
  account.put('buckets/fin-eu', '');
  const cloud = await startCloud({
    accountId: standInId,
    bootstrap: resolve('dist/local/instance.js'),
    clock: new Date('2026-11-20T10:00:00Z'),
  });
  onTestFinished(() => cloud.close());
  const client = await createRetentionBucket(cloud.url, 'fin-eu');
  const env = { ...cloudEnvironment(cloud.url), HOLDFAST_FC_ENDPOINT: cloud.url, ...account.env };
  /** What a doctor finds that is not ok; a bucket that was never repaired is told until its first repair. */
  const troubles = async (...args: string[]) => {
    const { stdout } = await run('doctor', '--json', '--account', standInId, ...args);
    const { findings } = report.parse(JSON.parse(stdout));
    return findings.filter(({ status, check }) => status !== 'ok' && check !== 'repair');
  };

  expect(await run('init', ...answers)).toMatchObject({ code: 0 });
  expect(await run('validate', '--strict')).toMatchObject({ code: 0 });
  expect(account.run(readFileSync(join(folder, 'setup.sh'), 'utf8'))).toMatchObject({ status: 0 });
  await takeOver(cloud, account);
  expect(await troubles('--before-deploy')).toEqual([]);

  const template = loadTemplate(join(folder, 's.yaml'), { environment: {}, accountId: standInId });
  await deployBySdk(cloud, template, readFileSync(join(folder, 'rules.yaml'), 'utf8'));
  const { res } = await client.put('first', Buffer.from('x'));
  await cloud.idle();
  const until = await retainedUntil(client, 'first', String(res.headers['x-oss-version-id']));
  expect(until && Math.round((until.getTime() - cloud.time.now().getTime()) / day)).toBe(90);
  const found = await troubles();
  // The code that is deployed here has its rules as text alone, where `holdfast bundle` compiles them too.
  expect(found.filter(({ check }) => check !== 'code')).toEqual([]);
});
