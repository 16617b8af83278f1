import { afterAll, describe, expect, it } from 'vitest';
import { failure } from '../../../shared/platform/errors.ts';
import { headline } from '../../../shared/report/headline.ts';
import { makePosture, type PostureParts } from '../../../shared/report/posture.ts';
import { findTargets } from '../../../shared/report/targets.ts';
import { noTotals } from '../../../shared/report/totals.ts';
import { scheduleOf } from '../../../shared/schedule/schedule.ts';
import { listing } from '../../../shared/storage/listing.ts';
import { createOssStorage } from '../../../shared/storage/oss/index.ts';
import type { BucketSummary } from '../../../shared/storage/port.ts';
import { validRules } from '../../support/rules-file.ts';

const at = new Date('2026-11-20T10:00:00Z');
const rules = validRules(`version: 1
limits: { maxRetention: 10y }
objects:
  - { name: records, match: { bucket: "rec-*" }, retain: 1y }
`);

const counts = { versions: 1, bytes: 1, unsized: 0 };

const oss = createOssStorage({
  region: 'cn-hangzhou',
  endpoint: 'http://127.0.0.1:1', // only the list of buckets is read, and that is given here
  credentials: { accessKeyId: 'i', accessKeySecret: 's' },
});
afterAll(() => oss.close());

/** What a report of cn-hangzhou is about in an account with these buckets. */
function scopeOf(buckets: readonly BucketSummary[]) {
  const listBuckets = () => listing(() => Promise.resolve({ items: buckets, next: undefined }));
  const clock = { now: () => at, sleep: () => Promise.resolve() };
  return findTargets({ storage: { ...oss, listBuckets }, rules, region: 'cn-hangzhou', clock }, undefined);
}

/** What is said of an account with these buckets, in each of which one version is protected. */
async function said(buckets: readonly BucketSummary[], changes: Partial<PostureParts> = {}) {
  const scope = await scopeOf(buckets);
  const cells = scope.targets.map(({ bucket }) => ({
    bucket,
    rule: 'records',
    standing: 'protected' as const,
    ...counts,
  }));
  const posture = makePosture({
    cloud: 'oss',
    state: {
      version: 1,
      run: {},
      at,
      done: [],
      totals: { ...noTotals, cells },
      troubles: [],
      versions: 0,
      requests: 0,
    },
    scope,
    region: 'cn-hangzhou',
    source: 'listing',
    read: true,
    madeBy: { holdfast: '0.1.0', caller: 'key', callerFrom: 'the environment' },
    rules: { source: 'rules.yaml', hash: 'sha256:0', schedule: scheduleOf(rules) },
    upkeep: { place: undefined, deadLetters: { unknown: 'x' }, repairs: { unknown: 'x' } },
    ...changes,
  });
  return { verdict: posture.verdict, text: headline(posture) };
}

const here = { name: 'rec-1', region: 'cn-hangzhou' };
const there = { name: 'rec-2', region: 'cn-shanghai' };
const notCovered = { name: 'other', region: 'cn-shanghai' };

describe('a report is proof of what it has read, and of nothing else', () => {
  it('all that the rules cover is here, and protected', async () => {
    expect(await said([here, notCovered])).toEqual({
      verdict: 'protected',
      text: 'Everything that the rules cover is protected.',
    });
  });

  it('a covered bucket of another region is named, and the answer is no success', async () => {
    expect(await said([here, there, notCovered])).toEqual({
      verdict: 'incomplete',
      text: 'Nothing was found unprotected in cn-hangzhou, but not everything could be read: 1 bucket of another region (rec-2).',
    });
  });

  it('so it is where only the rules were asked, and where nothing is here', async () => {
    expect(await said([here, there], { read: false })).toMatchObject({ verdict: 'incomplete' });
    expect(await said([there])).toEqual({
      verdict: 'incomplete',
      text: expect.stringContaining('1 bucket of another region (rec-2)'),
    });
  });

  it('says nothing of protection where no version was found', async () => {
    const scope = await scopeOf([here]);
    const silent = failure('UNREACHABLE', { operation: 'x', target: 'y', endpoint: 'z', reason: 'r' });
    const nothing = { ...scope, troubles: [{ bucket: 'rec-1', rule: 'records', error: silent }] };
    const { text } = await said([], { scope: nothing });
    expect(text).toBe('No version was found in cn-hangzhou, and not everything could be read: 1 bucket.');
  });

  it('is told apart from a bucket that could not be read', async () => {
    const scope = await scopeOf([here, there]);
    const denied = failure('ACCESS_DENIED', { operation: 'x', target: 'y', action: 'z' });
    const troubles = [...scope.troubles, { bucket: 'rec-3', rule: 'records', error: denied }];
    const { text } = await said([here], { scope: { ...scope, troubles } });
    expect(text).toContain('1 bucket and 1 bucket of another region (rec-2)');
  });
});
