import pLimit from 'p-limit';
import { expect, it } from 'vitest';
import type { Cloud } from '../../local/cloud.ts';
import type { Invocation } from '../../local/fc/invocations.ts';
import { heldPolicy, plainClient } from '../../local/plain-client.ts';
import { hour } from '../../shared/platform/instant.ts';
import { holdfastCloud, logOf, policyTimer } from '../support/holdfast-cloud.ts';

const rules = `version: 1
limits: { maxRetention: 10y }
buckets:
  - { name: archive, match: { bucket: "archive-*" }, policy: { days: { atLeast: 30, atMost: 3650 }, lock: { after: 20h } } }
`;

/** Makes buckets with unlocked policies. */
async function initiate(cloud: Cloud, names: readonly string[], days: number): Promise<void> {
  const client = plainClient(cloud.url, 'unused');
  const limit = pLimit(16);
  await Promise.all(
    names.map((name) =>
      limit(async () => {
        await client.putBucket(name);
        await client.initiateBucketWorm(name, String(days));
      }),
    ),
  );
}

const named = (kind: string, count: number) =>
  Array.from({ length: count }, (_, at) => `archive-${kind}-${at}`);

/** The locks that took effect, by bucket. */
const locks = (cloud: Cloud): string[] =>
  cloud.oss.requests
    .list()
    .filter(({ operation, status }) => operation === 'CompleteBucketWorm' && (status === 200 || status === 0))
    .map(({ bucket }) => bucket);

const summaryOf = (invocation: Invocation) => logOf(invocation).find(({ action }) => action === 'run');

it('2,000 buckets with a fifth of all calls failing: three runs lock every acceptable policy in time, none twice, no other', async () => {
  const cloud = await holdfastCloud(rules);
  const good = named('good', 1900);
  const short = named('short', 100);
  await Promise.all([initiate(cloud, good, 365), initiate(cloud, short, 7)]);
  cloud.oss.requests.clear();
  const principal = `function ${policyTimer}`;
  const faults = [
    { status: 503, code: 'ServiceUnavailable' },
    { status: 500, code: 'InternalError' },
    { reset: 'before' },
    { reset: 'after' },
  ];
  for (const effect of faults) cloud.oss.faults.add({ principal, rate: 0.05, effect });

  const client = plainClient(cloud.url, 'unused');
  const limit = pLimit(16);
  await cloud.time.leap(20.5 * hour);
  await cloud.time.leap(hour);
  await cloud.time.leap(hour);
  cloud.oss.faults.clear();

  const states = await Promise.all(
    [...good, ...short].map((name) =>
      limit(async () => [name, (await heldPolicy(client, name))?.state] as const),
    ),
  );
  const wrong = states.filter(([name, state]) => state !== (name.includes('good') ? 'Locked' : 'InProgress'));
  expect(wrong).toEqual([]);
  expect(new Set(locks(cloud)).size).toBe(1900);
  expect(locks(cloud).filter((name) => !name.includes('good'))).toEqual([]);
  expect(cloud.time.now().getTime()).toBeLessThan(Date.parse('2027-03-02T10:05:00Z'));

  const runs = cloud.fc.invocations(policyTimer);
  const [first] = runs;
  const about = new Set(
    first && logOf(first).flatMap(({ bucket, hoursLeft }) => (hoursLeft === undefined ? [] : [bucket])),
  );
  expect(about.size).toBeGreaterThan(1990); // all but those whose every read failed, which are errors of their own
  for (const run of runs) expect(summaryOf(run)).toMatchObject({ buckets: 2000, notReached: 0 });
}, 120_000);
