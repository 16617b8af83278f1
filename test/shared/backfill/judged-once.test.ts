import { expect, test } from 'vitest';
import { applyShard, observeShard } from '../../../shared/backfill/shard.ts';
import type { KnownVersion } from '../../../shared/backfill/source.ts';
import { etag, type ObjectHead, type Storage, versionId } from '../../../shared/storage/port.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { validRules } from '../../support/rules-file.ts';

// A version that is looked at is decided about as its source shows it, and anew by what the look has shown. The second decision need
// not be made again for the write, where the look has shown nothing new.

const rules = validRules(`version: 1
limits: { maxRetention: 10y }
objects: [{ name: all, match: { bucket: records }, retain: 1y }]
`);
const lastModified = new Date('2026-11-20T10:00:00Z');
const shown: KnownVersion = {
  ...{ bucket: 'records', key: 'a', versionId: versionId('v'), lastModified, type: 'Normal', isLatest: true },
};
const head: ObjectHead = {
  ...{ etag: etag('AA'), size: 1, tagCount: 0, versionId: versionId('v'), lastModified, type: 'Normal' },
  retention: undefined,
};

/** Counts the decisions: each reads the limits of the rules once for the one rule that there is. */
function countedRules() {
  let decisions = 0;
  const counted = Object.defineProperty({ ...rules }, 'limits', {
    get() {
      decisions += 1;
      return rules.limits;
    },
  });
  return { counted, decisions: () => decisions };
}

async function protectOne(known: KnownVersion, seen: ObjectHead) {
  const { counted, decisions } = countedRules();
  const written: Date[] = [];
  const storage: Pick<Storage, 'cloud' | 'headObject' | 'putRetention'> = {
    cloud: 'oss',
    headObject: () => Promise.resolve(seen),
    putRetention: (_at, { until }) => {
      written.push(until);
      return Promise.resolve({ sent: true, requestId: 'R' });
    },
  };
  const deps = {
    storage: storage as Storage, // only these calls are made
    ...{ rules: counted, clock: manualClock('2026-11-22T10:00:00Z') },
    ...{ concurrency: 1, signal: new AbortController().signal },
  };
  const observed = await observeShard(deps, { versions: [known], end: '1', done: undefined });
  const [entry] = await applyShard(deps, observed);
  return { entry, written, decisions: decisions() };
}

const year = (from: string) => new Date(from.replace('2026', '2027'));

test('a version that is as its source shows it is decided about twice', async () => {
  const { entry, written, decisions } = await protectOne(shown, head);
  expect(entry).toMatchObject({
    action: 'protected',
    rule: 'all',
    line: { retainUntil: '2027-11-20T10:00:00Z' },
  });
  expect(entry).not.toHaveProperty('unseen');
  expect(written).toEqual([year('2026-11-20T10:00:00Z')]);
  expect(decisions).toBe(2);
});

test.each([
  {
    what: 'of another date',
    seen: { ...head, lastModified: new Date('2026-11-21T10:00:00Z') },
    line: { retainUntil: '2027-11-21T10:00:00Z', previousUntil: undefined },
  },
  {
    what: 'that has retention, for too short',
    seen: { ...head, retention: { mode: 'COMPLIANCE' as const, until: new Date('2027-01-01T00:00:00Z') } },
    line: { retainUntil: '2027-11-20T10:00:00Z', previousUntil: '2027-01-01T00:00:00Z' },
  },
])('a version $what is decided about by what the look has shown', async ({ seen, line }) => {
  const { entry, written } = await protectOne(shown, seen);
  expect(entry).toMatchObject({ action: 'protected', line });
  expect(written).toEqual([new Date(line.retainUntil)]);
});

test('a version of another type than its source shows is decided about by that', async () => {
  const { entry, written } = await protectOne(shown, { ...head, type: 'Symlink' });
  expect(entry).toMatchObject({ action: 'skipped' });
  expect(written).toEqual([]);
});
