import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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

test('the order of the README leads from an empty folder through a dry run to a retained upload and a doctor that is content', async () => {
  const folder = folderWith({});
  const run = async (...args: string[]) => await runCli(args, { cwd: folder, env });
  const account = standInAccount();
  account.put('buckets/fin-eu', '');
  const cloud = await startCloud({
    accountId: standInId,
    instances: 'threads',
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

  /** Deploys s.yaml as it stands, uploads, and tells for how many days the new version is retained. */
  const deployed = async (key: string) => {
    const template = loadTemplate(join(folder, 's.yaml'), { environment: {}, accountId: standInId });
    await deployBySdk(cloud, template, readFileSync(join(folder, 'rules.yaml'), 'utf8'));
    const { res } = await client.put(key, Buffer.from('x'));
    await cloud.idle();
    const until = await retainedUntil(client, key, String(res.headers['x-oss-version-id']));
    return until && Math.round((until.getTime() - cloud.time.now().getTime()) / day);
  };
  const text = readFileSync(join(folder, 's.yaml'), 'utf8');
  const dryRun = text.replaceAll(/^( *)environmentVariables:$/gm, '$&\n$1  HOLDFAST_DRY_RUN: "true"');
  expect(dryRun.match(/HOLDFAST_DRY_RUN/g)?.length).toBe(text.match(/environmentVariables:/g)?.length);
  writeFileSync(join(folder, 's.yaml'), dryRun);
  expect(await deployed('first')).toBeUndefined();
  const logs = cloud.fc.invocations('holdfast-object-created').flatMap((invocation) => invocation.logs);
  expect(logs.join('\n')).toMatch(/"key":"first".*"action":"protect"/);

  writeFileSync(join(folder, 's.yaml'), text);
  expect(await deployed('second')).toBe(90);
  const found = await troubles();
  // The code that is deployed here has its rules as text alone, where `holdfast bundle` compiles them too.
  expect(found.filter(({ check }) => check !== 'code')).toEqual([]);
});
