import { expect, test } from 'vitest';
import { observeBucket } from '../../../shared/buckets/observe.ts';
import { createOldestMemory } from '../../../shared/buckets/oldest.ts';
import { listing } from '../../../shared/storage/listing.ts';
import {
  type BucketPolicies,
  etag,
  type ListedVersion,
  type Storage,
  versionId,
  wormId,
} from '../../../shared/storage/port.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { validRules } from '../../support/rules-file.ts';

const rules = validRules(`version: 1
limits: { maxRetention: 10y }
buckets:
  - name: until
    match: { bucket: b }
    policy: { days: { atLeast: 1 }, extend: { keepUntil: 2026-12-31, upTo: 3650d } }
`);
const [rule] = rules.buckets;
if (rule === undefined) throw new Error('there is no rule');
const subject = { bucket: 'b', rule };

const version = (lastModified: string): ListedVersion => ({
  ...{ bucket: 'b', key: 'k', versionId: versionId(lastModified), isLatest: true, kind: 'version' },
  ...{ lastModified: new Date(lastModified), etag: etag('AA'), size: 1, type: 'Normal' },
});

/** A bucket whose locked policy has so many days, and what it stores. */
function world(days: number, stored: ListedVersion[]) {
  let lists = 0;
  const policy = { id: wormId('W'), state: 'Locked', days, createdAt: new Date('2026-11-20T00:00:00Z') };
  const policies: Pick<BucketPolicies, 'getPolicy'> = { getPolicy: () => Promise.resolve(policy) };
  const storage: Pick<Storage, 'policies' | 'listVersions'> = {
    policies: policies as BucketPolicies, // only this call is made
    listVersions: () => {
      lists += 1;
      return listing(() => Promise.resolve({ items: stored, next: undefined }));
    },
  };
  const clock = manualClock('2026-11-21T00:00:00Z');
  const deps = { storage: storage as Storage, rules, clock, memory: createOldestMemory() }; // only these calls are made
  return { deps, policy, clock, lists: () => lists, stored };
}

test('what is remembered spares a list, for six hours', async () => {
  const { deps, clock, lists } = world(400, [version('2026-01-01T00:00:00Z')]);
  for (let run = 0; run < 24; run += 1) {
    expect(await observeBucket(deps, subject)).toMatchObject({
      decision: { action: 'leave' },
      oldest: { kind: 'version' },
    });
    await clock.sleep(15 * 60_000);
  }
  expect(lists()).toBe(1);
  await observeBucket(deps, subject);
  expect(lists()).toBe(2);
});

test('before an extension the bucket is listed again', async () => {
  const { deps, policy, stored, lists } = world(400, [version('2026-01-01T00:00:00Z')]);
  await observeBucket(deps, subject);
  policy.days = 50;
  stored[0] = version('2026-11-19T00:00:00Z');
  expect(await observeBucket(deps, subject)).toMatchObject({ decision: { action: 'leave' } });
  expect(lists()).toBe(2);
});

test('without a memory each look lists', async () => {
  const { deps, lists } = world(400, [version('2026-01-01T00:00:00Z')]);
  const { memory: _, ...forgetful } = deps;
  await observeBucket(forgetful, subject);
  await observeBucket(forgetful, subject);
  expect(lists()).toBe(2);
});
