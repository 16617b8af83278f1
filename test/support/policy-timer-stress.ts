import pLimit from 'p-limit';
import { expect } from 'vitest';
import type { Cloud } from '../../local/cloud.ts';
import type { Invocation } from '../../local/fc/invocations.ts';
import { systemClock } from '../../shared/platform/clock.ts';
import { hour } from '../../shared/platform/instant.ts';
import { holdfastCloud, logOf, policyTimer } from './holdfast-cloud.ts';
import { rawCall } from './oss-client.ts';

const rules = `version: 1
limits: { maxRetention: 10y }
buckets:
  - { name: archive, match: { bucket: "archive-*" }, policy: { days: { atLeast: 30, atMost: 3650 }, lock: { after: 20h } } }
`;

const limit = pLimit(16);

/** Sends without an SDK, which would take longer than all the rest. */
async function send(cloud: Cloud, target: string, query: Record<string, string> = {}, body = '') {
  const reply = await rawCall({ port: cloud.port, now: systemClock.now }, target, { query, body });
  expect(reply.status).toBe(200);
  return reply;
}

/** Makes buckets with unlocked policies. */
async function initiate(cloud: Cloud, names: readonly string[], days: number): Promise<void> {
  const body = `<InitiateWormConfiguration><RetentionPeriodInDays>${days}</RetentionPeriodInDays></InitiateWormConfiguration>`;
  const make = async (name: string) => {
    await send(cloud, `PUT /${name}/`);
    await send(cloud, `POST /${name}/`, { worm: '' }, body);
  };
  await Promise.all(names.map((name) => limit(make, name)));
}

const stateOf = async (cloud: Cloud, name: string) =>
  /<State>(\w+)<\/State>/.exec((await send(cloud, `GET /${name}/`, { worm: '' })).body)?.[1];

const named = (kind: string, count: number) =>
  Array.from({ length: count }, (_, at) => `archive-${kind}-${at}`);

/** The buckets that were asked to lock, with what the server answered; 0 when it did not answer. */
const locks = (cloud: Cloud) =>
  cloud.oss.requests.list().filter(({ operation }) => operation === 'CompleteBucketWorm');

const summaryOf = (invocation: Invocation) => logOf(invocation).find(({ action }) => action === 'run');

/**
 * Fails a fifth of all calls of the timer while it serves buckets. Three runs have to lock every acceptable policy in time, none
 * twice, and no other.
 * @param buckets a twentieth of them have a policy that no rule accepts
 */
export async function stressTimer(buckets: number): Promise<void> {
  const cloud = await holdfastCloud(rules);
  const good = named('good', buckets * 0.95);
  const short = named('short', buckets * 0.05);
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

  await cloud.time.leap(20.5 * hour);
  await cloud.time.leap(hour);
  await cloud.time.leap(hour);
  cloud.oss.faults.clear();

  const states = await Promise.all(
    [...good, ...short].map((name) => limit(async () => [name, await stateOf(cloud, name)] as const)),
  );
  const wrong = states.filter(([name, state]) => state !== (name.includes('good') ? 'Locked' : 'InProgress'));
  expect(wrong).toEqual([]);
  const accepted = locks(cloud).flatMap(({ bucket, status }) => (status === 200 ? [bucket] : []));
  expect(accepted).toHaveLength(new Set(accepted).size);
  expect(locks(cloud).filter(({ bucket }) => !bucket.includes('good'))).toEqual([]);
  expect(cloud.time.now().getTime()).toBeLessThan(Date.parse('2027-03-02T10:05:00Z'));

  const runs = cloud.fc.invocations(policyTimer);
  const [first] = runs;
  const about = new Set(
    first && logOf(first).flatMap(({ bucket, hoursLeft }) => (hoursLeft === undefined ? [] : [bucket])),
  );
  expect(about.size).toBeGreaterThan(buckets * 0.99); // all but those whose every read failed, which are errors of their own
  for (const run of runs) expect(summaryOf(run)).toMatchObject({ buckets, notReached: 0 });
}
