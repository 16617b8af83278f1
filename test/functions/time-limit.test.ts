import { describe, expect, it } from 'vitest';
import { createRetentionBucket, plainClient, retainedUntil } from '../../local/plain-client.ts';
import { nativeEntry } from '../support/events.ts';
import {
  holdfastCloud,
  invoke,
  type LogLine,
  logOf,
  objectCreated,
  policyTimer,
  requestsOfFunctions,
} from '../support/holdfast-cloud.ts';

const rules = `
version: 1
limits: { maxRetention: 10y }
audit: oss://evidence/decisions/
objects:
  - { name: all, match: { bucket: records }, retain: 400d }
`;
const silence = { hang: 'before' } as const;

describe('a bucket that does not answer', () => {
  it('ends the invocation before its limit, with the evidence written and the event named', async () => {
    const cloud = await holdfastCloud(rules, { timeout: 10 });
    await createRetentionBucket(cloud.url, 'records');
    await plainClient(cloud.url, 'evidence').putBucket('evidence');
    cloud.oss.faults.add({ bucket: 'records', principal: `function ${objectCreated}`, effect: silence });
    const invocation = await invoke(cloud, objectCreated, {
      events: [nativeEntry({ bucket: 'records', key: 'silent/a' })],
    });
    expect(invocation.error).toMatchObject({
      errorType: 'UNREACHABLE',
      errorMessage: expect.stringContaining('oss://records/silent/a'),
    });
    expect(logOf(invocation)).toMatchObject([
      { action: 'failed', code: 'UNREACHABLE', key: 'silent/a' },
      { code: 'UNREACHABLE' },
    ]);
    const { objects = [] } = await plainClient(cloud.url, 'evidence').getBucketVersions({});
    expect(objects).toHaveLength(1);
  });

  it('names each event of a batch that was not reached, and what was protected counts', async () => {
    const cloud = await holdfastCloud(rules, { timeout: 8, deliver: () => [] });
    const client = await createRetentionBucket(cloud.url, 'records');
    await plainClient(cloud.url, 'evidence').putBucket('evidence');
    const events = [];
    for (let index = 0; index < 30; index += 1) {
      const { res } = await client.put(`k${index}`, Buffer.from('x'));
      const eTag = String(res.headers.etag).replaceAll('"', '');
      events.push(
        nativeEntry({ bucket: 'records', key: `k${index}`, eTag, time: cloud.time.now().toISOString() }),
      );
    }
    const slow = {
      principal: `function ${objectCreated}`,
      operation: 'HeadObject',
      effect: { delayMs: 1000 },
    };
    cloud.oss.faults.add(slow);
    const protectedNow = async () => {
      const { objects = [] } = await client.getBucketVersions({});
      const dates = await Promise.all(
        objects.map(({ name, versionId }) => retainedUntil(client, name, versionId)),
      );
      return dates.filter((until) => until !== undefined).length;
    };
    let before = 0;
    let status = '';
    for (let attempt = 0; attempt < 6 && status !== 'succeeded'; attempt += 1) {
      const invocation = await invoke(cloud, objectCreated, { events });
      status = invocation.status;
      const now = await protectedNow();
      expect(now, 'every repetition protects more').toBeGreaterThan(before);
      before = now;
      if (status === 'succeeded') break;
      const named = invocation.error?.errorMessage.match(/^[A-Z_]+: .*oss:\/\/records\/k/gm) ?? [];
      // One whose write took effect too late to be told is named, too.
      expect(named.length).toBeGreaterThanOrEqual(30 - now);
      if (now === 30) break;
    }
    expect(before).toBe(30);
  });
});

const timerRules = `
version: 1
limits: { maxRetention: 10y }
audit: oss://evidence/decisions/
buckets:
  - { name: archive, match: { bucket: "archive-*" }, policy: { days: 365, lock: { after: 1min } } }
`;

describe('a run of the timer with buckets that never answer', () => {
  it('ends in its time limit, keeps what it did to the others, and records what was under way', async () => {
    const limitMs = 10_000;
    const cloud = await holdfastCloud(timerRules, { timeout: limitMs / 1000, deliver: () => [] });
    await plainClient(cloud.url, 'evidence').putBucket('evidence');
    for (const bucket of ['archive-good', 'archive-deaf', 'archive-mute']) {
      const client = plainClient(cloud.url, bucket);
      await client.putBucket(bucket);
      await client.initiateBucketWorm(bucket, '365');
    }
    await cloud.advance(120_000);
    const principal = `function ${policyTimer}`;
    cloud.oss.faults.add({ principal, bucket: 'archive-deaf', effect: { hang: 'before' } });
    const lockOfMute = { bucket: 'archive-mute', operation: 'CompleteBucketWorm' };
    cloud.oss.faults.add({ principal, ...lockOfMute, effect: { hang: 'after' } });
    const timer = { triggerTime: '2027-03-01T10:07:00Z', triggerName: 'every-15-minutes', payload: '' };
    const invocation = await invoke(cloud, policyTimer, timer);

    // The function itself has ended the run: an instance that is killed has another error.
    expect(invocation.error).toMatchObject({ errorType: 'RUN_FAILED' });
    expect(invocation.error?.errorMessage).toContain('archive-mute: OUTCOME_UNKNOWN');
    expect(invocation.error?.errorMessage).not.toContain('archive-good');
    const outcome = [
      { bucket: 'archive-deaf', code: expect.stringMatching(/^(TIME_RAN_OUT|UNREACHABLE)$/) },
      { bucket: 'archive-good', action: 'lock', ossRequestId: expect.any(String) },
      { bucket: 'archive-mute', action: 'lock', code: 'OUTCOME_UNKNOWN' },
    ];
    expect(bucketLines(logOf(invocation))).toMatchObject(outcome);
    expect(bucketLines(await recordsIn(cloud.url, 'evidence'))).toMatchObject(outcome);
    expect(await plainClient(cloud.url, 'archive-good').getBucketWorm('archive-good')).toMatchObject({
      state: 'Locked',
    });

    cloud.oss.faults.clear();
    const next = await invoke(cloud, policyTimer, timer);
    expect(next.status).toBe('succeeded');
    expect(bucketLines(logOf(next))).toMatchObject([
      { bucket: 'archive-deaf', action: 'lock' },
      { bucket: 'archive-good', action: 'leave' },
      { bucket: 'archive-mute', action: 'leave', state: 'Locked' },
    ]);
  });
});

/** The lines that match one of the archives, in the order of their names. */
const bucketLines = (lines: readonly LogLine[]): LogLine[] =>
  lines
    .filter(({ bucket }) => String(bucket).startsWith('archive-'))
    .sort((one, other) => String(one['bucket']).localeCompare(String(other['bucket'])));

/** All records of the evidence in a bucket. */
async function recordsIn(url: string, bucket: string): Promise<LogLine[]> {
  const client = plainClient(url, bucket);
  const { objects = [] } = await client.getBucketVersions({});
  const files = await Promise.all(objects.map(async ({ name }) => String((await client.get(name)).content)));
  return files.flatMap((text) =>
    text
      .split('\n')
      .filter((line) => line !== '')
      .map((line): LogLine => JSON.parse(line)),
  );
}

it('rules that cannot be read cost one short attempt while there are good ones', async () => {
  const environment = { HOLDFAST_RULES: 'oss://config/rules.yaml' };
  const cloud = await holdfastCloud(undefined, { environment, deliver: () => [] });
  const config = plainClient(cloud.url, 'config');
  await config.putBucket('config');
  await config.put('rules.yaml', Buffer.from(rules.replace(/^audit.*$/m, '')));
  await createRetentionBucket(cloud.url, 'records');
  const event = { events: [nativeEntry({ bucket: 'none', key: 'a' })] };
  await invoke(cloud, objectCreated, event);
  await cloud.advance(61_000);
  cloud.oss.requests.clear();
  cloud.oss.faults.add({ bucket: 'config', effect: { reset: 'before' } });
  const first = await invoke(cloud, objectCreated, event);
  const second = await invoke(cloud, objectCreated, event);
  expect(logOf(first)).toMatchObject([{ level: 'error', code: 'UNREACHABLE' }, { action: 'no-rule' }]);
  expect(logOf(second)).toMatchObject([{ action: 'no-rule' }]);
  expect(requestsOfFunctions(cloud)).toHaveLength(1);
  await cloud.advance(61_000);
  cloud.oss.faults.clear();
  expect(logOf(await invoke(cloud, objectCreated, event))).toMatchObject([{ action: 'no-rule' }]);
  expect(requestsOfFunctions(cloud)).toHaveLength(2);
});
