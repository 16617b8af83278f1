import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { DestinationConfig } from '@alicloud/fc20230330';
import { expect, onTestFinished, test, vi } from 'vitest';
import { worldOf } from '../../cli/doctor/world.ts';
import { startCloud } from '../../local/cloud.ts';
import type { Undelivered } from '../../local/fc/undelivered.ts';
import { createRetentionBucket, retainedUntil } from '../../local/plain-client.ts';
import type { FunctionProps } from '../../shared/deploy/template.ts';
import { examine } from '../../shared/doctor/examine.ts';
import { day } from '../../shared/platform/instant.ts';
import { standInAccount, standInId } from '../support/aliyun.ts';
import { folderWith } from '../support/cli.ts';
import { deployBySdk, deployedState, setUpFor, takeOver, templateFor } from '../support/deploy-by-sdk.ts';
import { codeOf, fcSdk } from '../support/fc-sdk.ts';

const isObjectCreated = ({ functionName }: FunctionProps) => functionName === 'holdfast-object-created';

const rulesFor = (days: number, bucket: string) => `version: 1
limits: { maxRetention: 10y }
deadLetters: oss://holdfast-dead-letters/dead-letters/
objects:
  - { name: finance, match: { bucket: ${bucket} }, retain: ${days}d }
`;

test('set up, deployed, deployed again, with other rules, with another bucket, and without a permission', async () => {
  const undelivered: Undelivered[] = [];
  const cloud = await startCloud({
    instances: 'threads',
    accountId: standInId,
    clock: new Date('2026-11-20T10:00:00Z'),
    onUndelivered: (event) => undelivered.push(event),
  });
  onTestFinished(() => cloud.close());
  const account = standInAccount();
  const setUp = (bucket: string) => setUpFor(cloud, account, bucket, rulesFor(30, bucket));
  /** Uploads, and tells for how many days the new version is retained. */
  const retainedDays = async (bucket: string, key: string) => {
    const client = clients.get(bucket);
    if (client === undefined) throw new Error(`there is no bucket ${bucket}`);
    const { res } = await client.put(key, Buffer.from('x'));
    await cloud.idle();
    const until = await retainedUntil(client, key, res.headers['x-oss-version-id'] ?? '');
    return until === undefined ? 0 : Math.round((until.getTime() - cloud.time.now().getTime()) / day);
  };
  const clients = new Map(
    await Promise.all(
      ['fin-eu', 'fin-us'].map(
        async (bucket) => [bucket, await createRetentionBucket(cloud.url, bucket)] as const,
      ),
    ),
  );
  for (const bucket of clients.keys()) account.put(`buckets/${bucket}`, '');

  // Nothing is there: the service refuses, and nothing is half deployed.
  await expect(deployBySdk(cloud, templateFor('fin-eu'), rulesFor(30, 'fin-eu'))).rejects.toMatchObject({
    message: expect.stringContaining('does not exist'),
  });
  expect([...cloud.fc.functions]).toEqual([]);

  await setUp('fin-eu');
  await deployBySdk(cloud, templateFor('fin-eu'), rulesFor(30, 'fin-eu'));
  expect(await retainedDays('fin-eu', 'a')).toBe(30);

  const before = await deployedState(cloud);
  await deployBySdk(cloud, templateFor('fin-eu'), rulesFor(30, 'fin-eu'));
  expect(await deployedState(cloud)).toEqual(before);

  await deployBySdk(cloud, templateFor('fin-eu'), rulesFor(60, 'fin-eu'));
  expect(await retainedDays('fin-eu', 'b')).toBe(60);
  expect(await retainedDays('fin-us', 'a')).toBe(0);

  await setUp('fin-us');
  await deployBySdk(cloud, templateFor('fin-us'), rulesFor(60, 'fin-us'));
  expect(await retainedDays('fin-us', 'b')).toBe(60);
  const here = folderWith({ 'rules.yaml': rulesFor(60, 'fin-us') });
  for (const name of ['s.yaml', 'ram']) cpSync(name, join(here, name), { recursive: true });
  const doctor = async () => {
    const access = {
      cloud: 'oss' as const,
      region: 'cn-hangzhou',
      endpoint: cloud.url,
      fcEndpoint: cloud.url,
      account: standInId,
    };
    const files = { rules: join(here, 'rules.yaml'), template: join(here, 's.yaml') };
    return await examine(await worldOf({ ...access, ...files }));
  };
  const env = {
    ...account.env,
    HOLDFAST_BUCKET: 'fin-us',
    ALIBABA_CLOUD_ACCESS_KEY_ID: 'holdfast',
    ALIBABA_CLOUD_ACCESS_KEY_SECRET: 'holdfast-secret',
  };
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  onTestFinished(() => void vi.unstubAllEnvs());
  /** The lines of some checks that are not ok. */
  const troubles = async (...checks: string[]) =>
    (await doctor()).filter(({ check, status }) => checks.includes(check) && status !== 'ok');
  expect(await troubles('function', 'deployed rules', 'trigger', 'live role')).toMatchObject([
    {
      status: 'warning',
      about: 'holdfast-object-created/uploads-fin-eu',
      message: 'is in place and fires for bucket fin-eu, and s.yaml does not know it',
      mend: expect.stringContaining('remove --trigger uploads-fin-eu'),
    },
  ]);

  // The function fails at once; then its role loses what handing failures on takes.
  const sdk = fcSdk(cloud);
  const failing = codeOf(
    `exports.initializer = async () => {}; exports.handler = async () => { throw new Error('no'); };`,
  );
  await sdk.update('holdfast-object-created', { code: failing, timeout: 59 });
  expect(await troubles('function', 'deployed rules')).toMatchObject([
    { about: 'holdfast-object-created', message: expect.stringContaining('timeout') },
    { about: 'holdfast-object-created', message: 'there is no rules.yaml in its code' },
  ]);
  const { destinationConfig } =
    templateFor('fin-us').functions.find(isObjectCreated)?.asyncInvokeConfig ?? {};
  await sdk.putAsync('holdfast-object-created', {
    maxAsyncRetryAttempts: 0,
    destinationConfig: new DestinationConfig(destinationConfig),
  });
  expect(await retainedDays('fin-us', 'c')).toBe(0);
  const letters = () =>
    cloud.fc.invocations('holdfast-dead-letter').map(({ trigger, status }) => [trigger, status]);
  expect([letters(), undelivered]).toEqual([[['destination', 'succeeded']], []]);
  const versions = account.list('policies').filter((name) => name.startsWith('holdfast-object-created.'));
  const newest = account.read(`policies/holdfast-object-created.v${versions.length}`);
  const without = newest.replace('fc:InvokeFunction', 'fc:Nothing');
  account.put(`policies/holdfast-object-created.v${versions.length + 1}`, without);
  await takeOver(cloud, account);
  expect(await troubles('live role')).toMatchObject([
    {
      status: 'failure',
      about: 'holdfast-object-created',
      message: expect.stringContaining('fc:InvokeFunction on functions/holdfast-dead-letter'),
    },
  ]);
  expect(await retainedDays('fin-us', 'd')).toBe(0);
  expect(letters()).toHaveLength(1);
  expect(undelivered).toMatchObject([
    {
      kind: 'destination',
      function: 'holdfast-object-created',
      target: `acs:fc:cn-hangzhou:${standInId}:functions/holdfast-dead-letter`,
      code: 'AccessDenied',
    },
  ]);
});
