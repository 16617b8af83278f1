import { readFileSync } from 'node:fs';
import { expect, it, onTestFinished } from 'vitest';
import { startCloud } from '../../local/cloud.ts';
import { defaultAccessKey } from '../../local/keyring.ts';
import { createRetentionBucket, plainClient } from '../../local/plain-client.ts';
import { minute } from '../../shared/platform/instant.ts';
import { cloudEnvironment, folderWith, runCli } from '../support/cli.ts';
import { otherAccessKey } from '../support/hold-world.ts';

const rules = `version: 1
limits: { maxRetention: 10y }
audit: oss://evidence/decisions/
objects:
  - { name: evidence, match: { bucket: evidence }, retain: 9y }
  - { name: ledgers, match: { bucket: fin-1, tags: { class: ledger } }, retain: 1y }
`;

const shipped = readFileSync('ram/examiner.json', 'utf8')
  .replaceAll(/(?<=:)BUCKET/g, 'fin-1')
  .replaceAll(/(?<=:)EVIDENCE/g, 'evidence');
const actions: string[] = JSON.parse(shipped).Statement.flatMap(({ Action }: { Action: string[] }) => Action);

async function examinerWorld() {
  const cloud = await startCloud({
    clock: new Date('2026-11-20T10:00:00Z'),
    accessKeys: [defaultAccessKey, otherAccessKey],
  });
  onTestFinished(() => cloud.close());
  for (const bucket of ['evidence', 'fin-1']) await createRetentionBucket(cloud.url, bucket);
  const folder = folderWith({ 'rules.yaml': rules });
  const headers = { 'x-oss-tagging': 'class=ledger' };
  await plainClient(cloud.url, 'fin-1').put('a', Buffer.from('a'), { headers });
  const env = cloudEnvironment(cloud.url);
  expect((await runCli(['protect', 'oss://fin-1', '--yes'], { cwd: folder, env })).code).toBe(0);
  await cloud.advance(6 * minute); // then evidence has to be under retention
  const { accessKeyId, accessKeySecret } = otherAccessKey;
  const own = {
    ...env,
    ALIBABA_CLOUD_ACCESS_KEY_ID: accessKeyId,
    ALIBABA_CLOUD_ACCESS_KEY_SECRET: accessKeySecret,
  };
  let packs = 0;
  return {
    cloud,
    /** Exports with a key under a policy. */
    exportUnder(policy: string) {
      cloud.roles.attachToUser(accessKeyId, policy);
      packs += 1;
      return runCli(['export', '--out', `pack-${packs}`, '--json'], { cwd: folder, env: own });
    },
  };
}

it('ram/examiner.json is enough for an export, and lets nothing be written, retained, held or deleted', async () => {
  const { cloud, exportUnder } = await examinerWorld();
  const { code, stdout } = await exportUnder(shipped);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ versions: 1, decisions: 1, findings: 0, unread: [] });

  const { accessKeyId: id, accessKeySecret: secret } = otherAccessKey;
  const client = plainClient(cloud.url, 'fin-1', { id, secret });
  const ask = async (method: string, subres: Record<string, string>, text = '') => {
    const content = Buffer.from(text);
    const asked = { method, bucket: 'fin-1', object: 'a', subres, headers: {}, content };
    return (await client.request(asked).catch((error) => error)).status;
  };
  const retention =
    '<Retention><Mode>COMPLIANCE</Mode><RetainUntilDate>2028-01-01T00:00:00.000Z</RetainUntilDate></Retention>';
  expect(await ask('HEAD', {})).toBe(200);
  expect(await ask('PUT', {}, 'x')).toBe(403);
  expect(await ask('DELETE', {})).toBe(403);
  expect(await ask('PUT', { tagging: '' }, '<Tagging><TagSet></TagSet></Tagging>')).toBe(403);
  expect(await ask('PUT', { retention: '' }, retention)).toBe(403);
  expect(await ask('PUT', { legalHold: '' }, '<LegalHold><Status>ON</Status></LegalHold>')).toBe(403);
});

// The pages of OSS are not of one mind about GetObjectRetention: ram/README.md.
it('it has to hold each action, or the export fails', async () => {
  const { exportUnder } = await examinerWorld();
  for (const action of new Set(actions)) {
    if (action === 'oss:GetObjectRetention') continue;
    const { code } = await exportUnder(shipped.replaceAll(`"${action}"`, '"oss:Nothing"'));
    expect([action, code]).toEqual([action, 1]);
  }
});
