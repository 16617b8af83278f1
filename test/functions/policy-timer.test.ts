import { describe, expect, it } from 'vitest';
import type { Cloud } from '../../local/cloud.ts';
import { plainClient } from '../../local/plain-client.ts';
import { holdfastCloud, invoke, logOf, policyTimer, requestsOfFunctions } from '../support/holdfast-cloud.ts';

const rules = (policy: string, bucket = 'archive-*') => `
version: 1
limits: { maxRetention: 10y }
buckets:
  - { name: archive, match: { bucket: "${bucket}" }, policy: ${policy} }
`;
const locking = rules('{ days: { atLeast: 30, atMost: 3650 }, lock: { after: 20h } }');
const minute = 60_000;
const hour = 60 * minute;
const event = { triggerTime: '2026-11-21T10:00:00Z', triggerName: 'every-15-minutes', payload: '' };

async function bucketWith(cloud: Cloud, bucket: string, days?: number) {
  const client = plainClient(cloud.url, bucket);
  await client.putBucket(bucket);
  if (days !== undefined) await client.initiateBucketWorm(bucket, String(days));
  return client;
}

const stateOf = async (cloud: Cloud, bucket: string) => {
  const { state, days } = await plainClient(cloud.url, bucket).getBucketWorm(bucket);
  return `${state} ${days}`;
};

/** The log lines about a bucket that are not the same as the line before, as `action reason`. */
function story(cloud: Cloud, bucket: string, ...keys: string[]): string[] {
  const lines = cloud.fc
    .invocations(policyTimer)
    .flatMap(logOf)
    .filter((line) => line['bucket'] === bucket)
    .map((line) => ['level', 'action', ...keys].map((key) => line[key]).join(' '));
  return lines.filter((line, index) => line !== lines[index - 1]);
}

describe('an acceptable policy', () => {
  it('is locked once it is old enough, and within its 24 hours', async () => {
    const cloud = await holdfastCloud(locking);
    await bucketWith(cloud, 'archive-a', 365);
    await cloud.advance(19 * hour + 59 * minute);
    expect(await stateOf(cloud, 'archive-a')).toBe('InProgress 365');
    await cloud.advance(16 * minute);
    expect(await stateOf(cloud, 'archive-a')).toBe('Locked 365');
    expect(story(cloud, 'archive-a')).toEqual(['info wait', 'info lock']);
  });

  it('is locked although every run failed for hours', async () => {
    const cloud = await holdfastCloud(locking);
    await bucketWith(cloud, 'archive-a', 365);
    await cloud.advance(19 * hour);
    cloud.oss.faults.add({ operation: 'ListBuckets', effect: { status: 403, code: 'AccessDenied' } });
    await cloud.advance(4 * hour);
    expect(await stateOf(cloud, 'archive-a')).toBe('InProgress 365');
    cloud.oss.faults.clear();
    await cloud.advance(hour);
    expect(await stateOf(cloud, 'archive-a')).toBe('Locked 365');
  });

  it('is only watched when the rule says so, and lapses', async () => {
    const cloud = await holdfastCloud(rules('{ days: 365, lock: false }'));
    await bucketWith(cloud, 'archive-a', 365);
    await cloud.advance(25 * hour);
    expect(await stateOf(cloud, 'archive-a')).toBe('Expired 365');
    expect(story(cloud, 'archive-a', 'problem')).toEqual(['warn watch ', 'error report lapsed']);
    const failed = cloud.fc.invocations(policyTimer).filter(({ error }) => error !== undefined);
    expect(failed.length, 'each run that finds it lapsed fails').toBeGreaterThan(2);
    for (const run of failed) {
      expect(run.error?.errorMessage).toContain('archive-a: lapsed: nobody locked it');
      expect(run, 'the next run is the repetition').toMatchObject({ attempt: 1, status: 'dead' });
    }
    expect(cloud.fc.invocations('holdfast-dead-letter'), 'and no dead letter').toEqual([]);
  });

  it('counts as locked when the reply of the lock is lost', async () => {
    const cloud = await holdfastCloud(rules('{ days: 365, lock: { after: 1min } }'));
    await bucketWith(cloud, 'archive-a', 365);
    await cloud.advance(2 * minute);
    cloud.oss.faults.add({ operation: 'CompleteBucketWorm', times: 1, effect: { reset: 'after' } });
    const invocation = await invoke(cloud, policyTimer, event);
    expect(invocation.status).toBe('succeeded');
    expect(logOf(invocation)).toMatchObject([
      { action: 'lock', reason: expect.stringContaining('the policy is as wanted'), hoursLeft: 8760 },
      { level: 'info', msg: 'the run is over', buckets: 1, counts: { lock: 1 }, failed: 0, notReached: 0 },
    ]);
    expect(await stateOf(cloud, 'archive-a')).toBe('Locked 365');
  });

  it('that cannot be locked fails the run, which is repeated, and no other bucket waits for it', async () => {
    const cloud = await holdfastCloud(rules('{ days: 365, lock: { after: 1min } }'));
    await bucketWith(cloud, 'archive-a', 365);
    await bucketWith(cloud, 'archive-b', 365);
    const effect = { status: 403, code: 'AccessDenied' };
    cloud.oss.faults.add({ operation: 'CompleteBucketWorm', bucket: 'archive-a', effect });
    await cloud.advance(20 * minute);
    expect(await stateOf(cloud, 'archive-b')).toBe('Locked 365');
    expect(await stateOf(cloud, 'archive-a')).toBe('InProgress 365');
    expect(story(cloud, 'archive-a', 'code')).toEqual(['error lock ACCESS_DENIED']);
    const failed = cloud.fc.invocations(policyTimer).find((invocation) => invocation.error !== undefined);
    expect(failed?.error).toMatchObject({
      errorType: 'RUN_FAILED',
      errorMessage: expect.stringMatching(/1 of 2 bucket.*\narchive-a: ACCESS_DENIED: .*CompleteBucketWorm/s),
    });
  });
});

describe('a policy that is not acceptable', () => {
  it('is reported with the time it lapses, never locked, and then reported as lapsed', async () => {
    const cloud = await holdfastCloud(locking);
    await bucketWith(cloud, 'archive-a', 7);
    await cloud.advance(25 * hour);
    expect(await stateOf(cloud, 'archive-a')).toBe('Expired 7');
    expect(story(cloud, 'archive-a', 'problem')).toEqual(['error report mismatch', 'error report lapsed']);
    expect(requestsOfFunctions(cloud)).not.toContain('CompleteBucketWorm');
  });

  it('is aborted when the rule says so', async () => {
    const cloud = await holdfastCloud(rules('{ days: 365, mismatch: abort }'));
    const client = await bucketWith(cloud, 'archive-a', 7);
    await cloud.advance(30 * minute);
    await expect(client.getBucketWorm('archive-a')).rejects.toMatchObject({
      code: 'NoSuchWORMConfiguration',
    });
    expect(story(cloud, 'archive-a', 'problem').slice(0, 2)).toEqual(['warn abort ', 'warn report absent']);
  });
});

describe('a missing or lapsed policy', () => {
  const initiating = rules(
    '{ days: 35, initiate: true, lock: { after: 20h }, extend: { within: 30d, by: 35d, upTo: 100d } }',
  );

  it('is initiated, locked, and extended up to the cap', async () => {
    const cloud = await holdfastCloud(initiating);
    await bucketWith(cloud, 'archive-a');
    await cloud.advance(16 * minute);
    expect(await stateOf(cloud, 'archive-a')).toBe('InProgress 35');
    await cloud.advance(21 * hour);
    expect(await stateOf(cloud, 'archive-a')).toBe('Locked 35');
    await cloud.advance(5 * 24 * hour);
    expect(await stateOf(cloud, 'archive-a')).toBe('Locked 70');
    expect(story(cloud, 'archive-a').slice(0, 4)).toEqual([
      'info initiate',
      'info wait',
      'info lock',
      'info leave',
    ]);
  });

  it('that nobody locked is aborted and initiated anew', async () => {
    const cloud = await holdfastCloud(initiating);
    await bucketWith(cloud, 'archive-a', 7);
    await cloud.advance(25 * hour);
    expect(await stateOf(cloud, 'archive-a')).toBe('InProgress 35');
    expect(story(cloud, 'archive-a', 'problem')).toEqual([
      'error report mismatch',
      'warn renew ',
      'info wait ',
    ]);
  });

  it('is reported when the rule does not initiate', async () => {
    const cloud = await holdfastCloud(locking);
    await bucketWith(cloud, 'archive-a');
    await cloud.advance(20 * minute);
    expect(story(cloud, 'archive-a', 'problem')).toEqual(['warn report absent']);
  });
});

describe('what the timer cannot serve', () => {
  it('a bucket that a rule names and nobody has', async () => {
    const cloud = await holdfastCloud(rules('{ days: 30 }', 'archive-one'));
    const invocation = await invoke(cloud, policyTimer, event);
    expect(invocation.error?.errorMessage).toMatch(
      /archive-one: BUCKET_MISSING: rule archive names bucket archive-one/,
    );
  });

  it('a bucket claimed by object rules too, by name', async () => {
    const both = `${rules('{ days: 30 }')}objects:\n  - { name: objects, match: { bucket: archive-a }, retain: 1y }\n`;
    const cloud = await holdfastCloud(both);
    await bucketWith(cloud, 'archive-a', 30);
    const invocation = await invoke(cloud, policyTimer, event);
    expect(logOf(invocation)).toMatchObject([
      { level: 'error', bucket: 'archive-a', code: 'RULES_COLLIDE' },
      { level: 'error', msg: 'the run is over', failed: 1 },
      {},
    ]);
    expect(requestsOfFunctions(cloud)).toEqual(['ListBuckets']);
  });

  it('two rules for one bucket, by name', async () => {
    const two = `${rules('{ days: 30 }')}  - { name: second, match: { bucket: "*-a" }, policy: { days: 30 } }\n`;
    const cloud = await holdfastCloud(two);
    await bucketWith(cloud, 'archive-a', 30);
    const invocation = await invoke(cloud, policyTimer, event);
    expect(invocation.error?.errorMessage).toContain(
      'BUCKET_RULES_OVERLAP: bucket archive-a is matched by more than one bucket rule: archive, second',
    );
  });
});

it('dry run decides, says so, and sends no write', async () => {
  const policy = '{ days: 365, lock: { after: 1min } }';
  const cloud = await holdfastCloud(rules(policy), { environment: { HOLDFAST_DRY_RUN: '1' } });
  await bucketWith(cloud, 'archive-a', 365);
  await cloud.advance(20 * minute);
  expect(story(cloud, 'archive-a', 'dryRun').slice(0, 2)).toEqual(['info lock true']);
  expect(new Set(requestsOfFunctions(cloud))).toEqual(new Set(['ListBuckets', 'GetBucketWorm']));
  expect(await stateOf(cloud, 'archive-a')).toBe('InProgress 365');
});

it('broken rules or configuration fail at once with their code, before anything is done', async () => {
  const broken = await holdfastCloud('version: 1\nlimits: { maxRetension: 10y }\nbuckets: []\n');
  const invocation = await invoke(broken, policyTimer, event);
  expect(invocation.error?.errorMessage).toMatch(
    /unknown key "maxRetension" \(did you mean "maxRetention"\?\)/,
  );
  expect(requestsOfFunctions(broken)).toEqual([]);
  const unset = await holdfastCloud(locking, { environment: { HOLDFAST_DRY_RUN: 'maybe' } });
  expect((await invoke(unset, policyTimer, event)).error?.errorMessage).toMatch(
    /HOLDFAST_DRY_RUN is not usable/,
  );
});
