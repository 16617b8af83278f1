import { expect, it } from 'vitest';
import type { Cloud } from '../../local/cloud.ts';
import { createRetentionBucket, plainClient, retainedUntil } from '../../local/plain-client.ts';
import { holdfastCloud, logOf, objectCreated, requestsOfFunctions } from '../support/holdfast-cloud.ts';
import { patientInstances } from '../support/inline-instances.ts';

const rules = (period: string) => `
version: 1
limits: { maxRetention: 10y }
objects:
  - { name: all, match: { bucket: audit-* }, retain: ${period} }
`;
const environment = { HOLDFAST_RULES: 'oss://config/holdfast/rules.yaml' };
/** A look whether the rules have changed may take 2 seconds, after which the old ones stay: a busy machine may need longer. */
const options = { environment, instances: patientInstances };
const day = 86_400_000;

async function publish(cloud: Cloud, text: string | Buffer) {
  const client = plainClient(cloud.url, 'config');
  await client.putBucket('config');
  await client.put('holdfast/rules.yaml', Buffer.isBuffer(text) ? text : Buffer.from(text));
  await cloud.idle(); // the upload has fired the function, which may have read the rules just now
  await cloud.advance(61_000);
}

async function daysGivenTo(cloud: Cloud, key: string): Promise<number | undefined> {
  const client = plainClient(cloud.url, 'audit-app');
  const { res } = await client.put(key, Buffer.from('abc'));
  await cloud.idle();
  const until = await retainedUntil(client, key, String(res.headers['x-oss-version-id']));
  const { res: head } = await client.head(key);
  return until && (until.getTime() - Date.parse(String(head.headers['last-modified']))) / day;
}

it('rules in an object are read again when they change, and a broken version never replaces a good one', async () => {
  const cloud = await holdfastCloud(undefined, options);
  await createRetentionBucket(cloud.url, 'audit-app');
  await publish(cloud, rules('30d'));
  expect(await daysGivenTo(cloud, 'a')).toBe(30);
  await publish(cloud, rules('40d'));
  expect(await daysGivenTo(cloud, 'b')).toBe(40);
  await publish(cloud, rules('fifty days'));
  expect(await daysGivenTo(cloud, 'c')).toBe(40);
  await publish(cloud, Buffer.from([0xba, 0xcf, 0xcd, 0xac])); // as GBK writes two characters
  expect(await daysGivenTo(cloud, 'gbk')).toBe(40);
  const lines = cloud.fc.invocations(objectCreated).flatMap(logOf);
  expect(lines.filter((line) => line['level'] === 'error')).toMatchObject([
    {
      code: 'RULES_INVALID',
      rules: environment.HOLDFAST_RULES,
      reason: expect.stringMatching(/rules.yaml:5:\d+ .*fifty days/),
    },
    {
      code: 'TEXT_ENCODING',
      rules: environment.HOLDFAST_RULES,
      reason: `${environment.HOLDFAST_RULES} is not UTF-8 text: byte 1, in line 1, is part of no UTF-8 character`,
    },
  ]);
  await publish(cloud, rules('50d'));
  expect(await daysGivenTo(cloud, 'd')).toBe(50);
});

it('rules in an object are asked for at most once a minute', async () => {
  const cloud = await holdfastCloud(undefined, options);
  await createRetentionBucket(cloud.url, 'audit-app');
  await publish(cloud, rules('30d'));
  cloud.oss.requests.clear();
  for (const key of ['a', 'b', 'c']) await daysGivenTo(cloud, key);
  expect(requestsOfFunctions(cloud).filter((name) => name === 'GetObject')).toHaveLength(1);
});

it('rules that were never good fail every event with what is wrong, and nothing is written', async () => {
  const cloud = await holdfastCloud(undefined, options);
  await createRetentionBucket(cloud.url, 'audit-app');
  expect(await daysGivenTo(cloud, 'a')).toBeUndefined();
  expect(cloud.fc.invocations(objectCreated).at(-1)?.error?.errorMessage).toMatch(/config/);
  await publish(cloud, 'version: 1\n');
  expect(await daysGivenTo(cloud, 'b')).toBeUndefined();
  expect(cloud.fc.invocations(objectCreated).at(-1)?.error?.errorMessage).toMatch(/rules.yaml/);
  expect(requestsOfFunctions(cloud)).not.toContain('PutObjectRetention');
});
