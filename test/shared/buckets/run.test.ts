import { describe, expect, test } from 'vitest';
import { observeBucket } from '../../../shared/buckets/observe.ts';
import { runPipeline } from '../../../shared/buckets/pipeline.ts';
import {
  type BucketDeps,
  carryOutSurvey,
  listSubjects,
  mostUrgentFirst,
  surveyBuckets,
} from '../../../shared/buckets/run.ts';
import { failure } from '../../../shared/platform/errors.ts';
import { hour, minute, second } from '../../../shared/platform/instant.ts';
import { listing } from '../../../shared/storage/listing.ts';
import {
  type BucketPolicy,
  type ListedVersion,
  type Page,
  type Storage,
  wormId,
} from '../../../shared/storage/port.ts';
import { idleClock } from '../../support/idle-clock.ts';
import { policyStore } from '../../support/policy-store.ts';
import { validRules } from '../../support/rules-file.ts';

// One look at all buckets, and what it led to: each bucket in one list, the most urgent first, and none stops another.

const start = new Date('2026-11-21T10:00:00Z');
const rules = validRules(`version: 1
limits: { maxRetention: 10y }
buckets: [{ name: archive, match: { bucket: "b-*" }, policy: { days: { atLeast: 30 }, lock: { after: 20h } } }]
`);

const policy = (ageHours: number, part: Partial<BucketPolicy> = {}): BucketPolicy => ({
  id: wormId(`age ${ageHours}`),
  state: 'InProgress',
  days: 365,
  createdAt: new Date(start.getTime() - ageHours * hour),
  ...part,
});

function world(policies: Readonly<Record<string, BucketPolicy>>) {
  const store = policyStore();
  for (const [name, own] of Object.entries(policies)) store.policies.set(name, own);
  const clock = idleClock(start);
  const deps: BucketDeps = { storage: store.storage, rules, clock, region: 'cn-hangzhou' };
  const denied = (operation: string, bucket: string) =>
    failure('ACCESS_DENIED', { operation, target: `oss://${bucket}`, action: 'oss:X' });
  /** Lets one call about one bucket be refused. */
  const refuse = (name: string, bucket: string) => {
    store.before = (call, at) => {
      if (call === name && at === bucket) throw denied(call, at);
    };
  };
  return { store, clock, deps, refuse };
}

const due = policy(21);
const tooShort = policy(21, { days: 7 });
const locked = policy(2000, { state: 'Locked' });

describe('a survey', () => {
  test('has each bucket that a rule matches once, and lists no other', async () => {
    const { deps, store, refuse } = world({ 'b-due': due, 'b-locked': locked, 'b-sick': due, other: due });
    refuse('getPolicy', 'b-sick');
    const { surveyed, troubles } = await surveyBuckets(deps);

    expect(surveyed.map(({ bucket, decision }) => [bucket, decision.action])).toEqual([
      ['b-due', 'lock'],
      ['b-locked', 'leave'],
    ]);
    expect(troubles).toMatchObject([{ bucket: 'b-sick', rule: 'archive', error: { code: 'ACCESS_DENIED' } }]);
    expect(store.calls).not.toContain('getPolicy other');
    const { buckets, subjects } = await listSubjects(deps);
    expect(buckets).toHaveLength(4);
    expect(subjects).toHaveLength(3);
  });

  test('names the buckets of another region, which it cannot read', async () => {
    const { deps } = world({ 'b-far': due });
    const { surveyed, troubles } = await surveyBuckets({ ...deps, region: 'cn-beijing' });
    expect(surveyed).toEqual([]);
    expect(troubles).toMatchObject([{ bucket: 'b-far' }]);
  });

  test('has what must be locked soonest first, then the rest by name', async () => {
    const { deps } = world({
      'b-c-locked': locked,
      'b-a-locked': locked,
      'b-d-young': policy(1),
      'b-e-old': policy(23),
    });
    const { surveyed } = await surveyBuckets(deps);
    expect(surveyed.map(({ bucket }) => bucket)).toEqual([
      'b-e-old',
      'b-d-young',
      'b-a-locked',
      'b-c-locked',
    ]);
    const [first, second] = surveyed;
    if (first === undefined || second === undefined) throw new Error('nothing was found');
    expect(mostUrgentFirst({ ...first, policy: undefined }, second)).toBeGreaterThan(0);
  });

  test('is carried out for every bucket, whatever becomes of one', async () => {
    const { deps, store, refuse } = world({ 'b-1': due, 'b-2': due, 'b-short': tooShort });
    const survey = await surveyBuckets(deps);
    refuse('lockPolicy', 'b-1');
    const outcomes = await carryOutSurvey(deps, survey);

    expect(outcomes).toMatchObject([
      { bucket: 'b-1', decision: { action: 'lock' }, error: { code: 'ACCESS_DENIED' } },
      { bucket: 'b-2', applied: { sent: true, policy: { state: 'Locked' } } },
      { bucket: 'b-short', decision: { action: 'report' } },
    ]);
    expect(outcomes[2]).toEqual(survey.surveyed[2]);
    expect(store.calls).not.toContain('lockPolicy b-short');
  });
});

describe('the pipeline', () => {
  const subjectsOf = async (deps: BucketDeps) => (await listSubjects(deps)).subjects;
  const later = new Date(start.getTime() + hour);

  test('does the same, with what failed in its place', async () => {
    const { deps, store, refuse } = world({ 'b-1': due, 'b-2': due, 'b-short': tooShort, 'b-sick': due });
    refuse('lockPolicy', 'b-1');
    const { before } = store;
    store.before = (call, bucket) => {
      if (call === 'getPolicy' && bucket === 'b-sick') throw new TypeError('ours');
      return before(call, bucket);
    };
    const { outcomes, troubles } = await runPipeline(deps, await subjectsOf(deps), later);

    expect(outcomes).toMatchObject([
      { bucket: 'b-1', decision: { action: 'lock' }, error: { code: 'ACCESS_DENIED' } },
      { bucket: 'b-2', applied: { sent: true } },
      { bucket: 'b-short', decision: { action: 'report' } },
    ]);
    expect(outcomes[2]).not.toHaveProperty('applied');
    expect(outcomes[2]).not.toHaveProperty('error');
    expect(troubles).toEqual([{ bucket: 'b-sick', rule: 'archive', error: new TypeError('ours') }]);
  });

  test('begins nothing at the end of its time, and says so of each bucket', async () => {
    const { deps, store } = world({ 'b-1': due, 'b-2': due });
    const subjects = await subjectsOf(deps);
    store.calls.length = 0;
    const { outcomes, troubles } = await runPipeline(deps, subjects, start);
    expect(store.calls).toEqual([]);
    expect(outcomes).toEqual([]);
    expect(troubles).toMatchObject([
      { bucket: 'b-1', error: { code: 'TIME_RAN_OUT', message: expect.stringContaining('bucket b-1') } },
      { bucket: 'b-2', error: { code: 'TIME_RAN_OUT', message: expect.stringContaining('bucket b-2') } },
    ]);
  });

  test('says of a change that was cut off why nobody knows its outcome', async () => {
    const { deps, store } = world({ 'b-1': due });
    const subjects = await subjectsOf(deps);
    store.before = (call) => (call === 'lockPolicy' ? new Promise<never>(() => undefined) : undefined);
    const { outcomes } = await runPipeline(deps, subjects, later);
    expect(outcomes).toMatchObject([
      {
        bucket: 'b-1',
        error: {
          code: 'OUTCOME_UNKNOWN',
          message: expect.stringMatching(/^lock on oss:\/\/b-1 .*the time of the run was over/),
        },
      },
    ]);
  });
});

test('the list of a bucket may take half of the time that is left for it', async () => {
  const extending = validRules(`version: 1
limits: { maxRetention: 10y }
buckets:
  - { name: until, match: { bucket: b }, policy: { days: { atLeast: 1 }, extend: { keepUntil: 2026-12-31, upTo: 3650d } } }
`);
  const [rule] = extending.buckets;
  if (rule === undefined) throw new Error('there is no rule');
  const { store, clock, deps } = world({ b: policy(2, { state: 'Locked', days: 20 }) });
  let lists = 0;
  // An endless list, of which each page takes ten seconds.
  const page = async (): Promise<Page<ListedVersion>> => {
    lists += 1;
    await clock.sleep(10 * second);
    return { items: [], next: page };
  };
  const storage: Storage = { ...store.storage, listVersions: () => listing(page) };
  const observe = (until: Date) =>
    observeBucket({ ...deps, storage, rules: extending }, { bucket: 'b', rule }, until);

  const seen = await observe(new Date(clock.now().getTime() + 2 * minute));
  expect(seen.oldest).toMatchObject({ kind: 'unknown' });
  expect(clock.elapsedMs()).toBeLessThanOrEqual(70 * second);
  expect(lists).toBeGreaterThanOrEqual(6);

  lists = 0;
  await observe(new Date(clock.now().getTime() - minute)).catch(() => undefined);
  expect(lists).toBeLessThanOrEqual(1);
});
