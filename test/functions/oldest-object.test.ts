import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Cloud } from '../../local/cloud.ts';
import { plainClient } from '../../local/plain-client.ts';
import { cloudEnvironment, folderWith, runCli } from '../support/cli.ts';
import { holdfastCloud, invoke, logOf, policyTimer, requestsOfFunctions } from '../support/holdfast-cloud.ts';
import { rulesFiles } from '../support/rules-file.ts';

// A bucket policy that is extended only while an old object is stored (docs/extension-policies.md).

const rules = `version: 1
limits: { maxRetention: 10y }
buckets:
  - name: archive
    match: { bucket: archive-a }
    policy:
      days: 60
      lock: { after: 1h }
      extend: { within: 30d, by: 60d, upTo: 365d, measure: oldest-object }
`;
const hour = 3_600_000;
const day = 24 * hour;
const bucket = 'archive-a';
const event = { triggerTime: '2027-03-01T10:05:00Z', triggerName: 'every-15-minutes', payload: '' };

/** s.yaml with a timer that does not fire in the months that a test goes through: each run here is asked for. */
function quietTemplate(): string {
  const folder = folderWith({
    's.yaml': readFileSync('s.yaml', 'utf8').replace('0 */15 * * * *', '0 0 0 1 1 *'),
  });
  return join(folder, 's.yaml');
}

/** A locked policy of 60 days, two days old, on an empty bucket. */
async function lockedPolicy() {
  const cloud = await holdfastCloud(rules, { template: quietTemplate(), codeRoot: '.' });
  const client = plainClient(cloud.url, bucket);
  await client.putBucket(bucket);
  await client.initiateBucketWorm(bucket, '60');
  await cloud.advance(2 * hour);
  await run(cloud);
  await cloud.advance(46 * hour);
  return { cloud, client };
}

/** What the timer says of the bucket in one run. */
async function run(cloud: Cloud) {
  cloud.oss.requests.clear();
  return logOf(await invoke(cloud, policyTimer, event)).find((line) => line['bucket'] === bucket);
}

const days = async (cloud: Cloud) =>
  Number((await plainClient(cloud.url, bucket).getBucketWorm(bucket)).days);
const lists = (cloud: Cloud) =>
  requestsOfFunctions(cloud).filter((name) => name === 'ListObjectVersions').length;

function commandLine(cloud: Cloud, text = rules) {
  const options = { cwd: folderWith(rulesFiles(text)), env: cloudEnvironment(cloud.url) };
  return (...args: string[]) => runCli(args, options);
}

describe('a policy that is measured by its oldest object', () => {
  it('is not extended while the bucket is empty, nor before the oldest object is near its end', async () => {
    const { cloud, client } = await lockedPolicy();
    expect(await run(cloud)).toMatchObject({ action: 'leave' });
    expect(lists(cloud)).toBe(0);

    await cloud.advance(40 * day);
    expect(await run(cloud)).toMatchObject({
      level: 'info',
      action: 'leave',
      oldestObject: 'none',
      reason: 'locked with 60 days, and no object is stored',
    });
    expect(lists(cloud)).toBe(1);

    await client.put('a', Buffer.from('a'));
    await cloud.advance(29 * day);
    await client.put('b', Buffer.from('b'));
    expect(await run(cloud)).toMatchObject({ action: 'leave', hoursLeft: 31 * 24 });
    await cloud.advance(day);
    expect(await run(cloud)).toMatchObject({
      action: 'extend',
      newDays: 120,
      reason: expect.stringMatching(/^ends 2027-06-11T.*; the oldest object is of 2027-04-12T/),
    });
    expect(await days(cloud)).toBe(120);
    expect(await run(cloud)).toMatchObject({ action: 'leave' });
  });

  it('is extended by its own age, and says so loudly, when the versions cannot be listed', async () => {
    const { cloud } = await lockedPolicy();
    await cloud.advance(40 * day);
    cloud.oss.faults.add({ operation: 'ListObjectVersions', effect: { status: 403, code: 'AccessDenied' } });
    expect(await run(cloud)).toMatchObject({
      level: 'warn',
      action: 'extend',
      oldestObject: 'unknown',
      reason: expect.stringContaining("by the policy's age, as its oldest object is unknown: ACCESS_DENIED"),
    });
    expect(await days(cloud)).toBe(120);
  });

  it('is planned, applied and explained by the same oldest object', async () => {
    const { cloud, client } = await lockedPolicy();
    await client.put('a', Buffer.from('a'));
    await cloud.advance(40 * day);
    const cli = commandLine(cloud);

    const explained = await cli('explain', `oss://${bucket}`);
    expect(explained.stdout).toMatch(/oldest object +2027-03-03T/);
    expect(explained.stdout).toMatch(
      /decision +extend: ends 2027-05-02T.*; the oldest object is of 2027-03-03T/,
    );
    expect((await cli('plan', '--out', 'plan.json')).stdout).toContain('extend');

    expect(await cli('apply', 'plan.json', '--yes')).toMatchObject({ code: 0 });
    expect(await days(cloud)).toBe(120);
  });

  it('is not extended by a plan whose oldest object is gone', async () => {
    const { cloud, client } = await lockedPolicy();
    await client.put('a', Buffer.from('a'));
    await cloud.advance(61 * day);
    const cli = commandLine(cloud);
    expect((await cli('plan', '--out', 'plan.json')).stdout).toContain('extend');
    await client.delete('a');
    const { code, stderr } = await cli('apply', 'plan.json', '--yes');
    expect(code).toBe(1);
    expect(stderr).toMatch(/its oldest object was 2027-03-03T.* and is none/);
    expect(await days(cloud)).toBe(60);
  });
});

describe('a policy that keeps objects until a date', () => {
  const until = (upTo: string) =>
    rules.replace(/extend: .*/, `extend: { keepUntil: 2027-06-30, upTo: ${upTo} }`);

  /** A bucket with one object, and a policy of 60 days that begins later and is locked. */
  async function lockedLater(text: string, laterMs: number) {
    const cloud = await holdfastCloud(text, { template: quietTemplate(), codeRoot: '.' });
    const client = plainClient(cloud.url, bucket);
    await client.putBucket(bucket);
    await client.put('old', Buffer.from('old'));
    await cloud.advance(laterMs);
    await client.initiateBucketWorm(bucket, '60');
    await cloud.advance(2 * hour);
    expect(await run(cloud)).toMatchObject({ action: 'lock' });
    return cloud;
  }

  it('is extended for an object that is older than the policy', async () => {
    const cloud = await lockedLater(until('200d'), 50 * day);
    expect(await run(cloud)).toMatchObject({
      action: 'extend',
      oldestObject: expect.stringMatching(/^2027-03-01T10:0\d:/),
    });
    expect(await days(cloud), 'from 1 March to 30 June').toBe(122);
    expect(await run(cloud)).toMatchObject({ level: 'info', action: 'leave' });
    const { stdout } = await commandLine(cloud, until('200d'))('explain', `oss://${bucket}`);
    expect(stdout).toContain('it keeps the objects as long as asked');
  });

  it('is named at error level when upTo does not reach the date', async () => {
    const cloud = await lockedLater(until('100d'), day);
    expect(await run(cloud)).toMatchObject({ action: 'extend', newDays: 100 });
    expect(await run(cloud)).toMatchObject({ level: 'error', action: 'report', problem: 'at-cap' });
    const cli = commandLine(cloud, until('100d'));
    const report = await cli('report', '--json');
    expect(JSON.parse(report.stdout)).toMatchObject({
      verdict: 'not-protected',
      policies: [{ bucket, holds: false }],
      cells: [{ standing: 'too-short', versions: 1 }],
    });
    expect((await cli('explain', `oss://${bucket}`)).code).toBe(1);
  });

  it('is named at error level when its versions cannot be listed', async () => {
    const cloud = await lockedLater(until('200d'), day);
    cloud.oss.faults.add({ operation: 'ListObjectVersions', effect: { status: 403, code: 'AccessDenied' } });
    expect(await run(cloud)).toMatchObject({ level: 'warn', action: 'extend', newDays: 121 });
    expect(await run(cloud)).toMatchObject({ level: 'error', action: 'report', problem: 'oldest-unknown' });
    cloud.oss.faults.clear();
    expect(await run(cloud)).toMatchObject({ action: 'extend', newDays: 122 });
  });
});
