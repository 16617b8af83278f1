import { describe, expect, it } from 'vitest';
import { applyShard, lookAgain, observeShard, type ShardDeps } from '../../../shared/backfill/shard.ts';
import { withMatters } from '../../../shared/matters/hold-rules.ts';
import type { OpenScope } from '../../../shared/matters/matching.ts';
import { day } from '../../../shared/platform/instant.ts';
import type { ObjectHead, ObjectStore, Retention, Tags, VersionAt } from '../../../shared/storage/port.ts';
import { etag, versionId } from '../../../shared/storage/port.ts';
import { rulesOf } from '../../support/arbitrary-rules.ts';
import { validScope } from '../../support/matters.ts';

const lastModified = new Date('2026-11-01T00:00:00Z');
const now = new Date('2026-11-20T00:00:00Z');
const matterOver = (more: Partial<Parameters<typeof validScope>[0]> = {}): OpenScope => ({
  id: 'case',
  scope: validScope({ match: ['oss://b/**'], ...more }),
});
const known = {
  bucket: 'b',
  key: 'k',
  versionId: versionId('v1'),
  lastModified,
  type: 'Normal',
  isLatest: true,
};
const shard = { versions: [known], end: '1', done: undefined };

interface Stored {
  readonly legalHold?: true;
  readonly retention?: Retention;
  readonly tags?: Tags;
}

/** Makes a bucket with one version, whose requests are told. */
function world(open: readonly OpenScope[], hasHolds = true) {
  const asked: string[] = [];
  let stored: Stored = {};
  const storage = {
    cloud: 'oss',
    headObject() {
      asked.push('HEAD');
      const { tags: _tags, ...seen } = stored;
      const own = { versionId: known.versionId, lastModified, type: known.type, retention: undefined };
      const rest = { etag: etag('e'), size: 1, tagCount: undefined };
      return Promise.resolve<ObjectHead>({ ...own, ...rest, ...seen });
    },
    getTags() {
      asked.push('tags');
      return Promise.resolve({ tags: stored.tags ?? new Map() });
    },
    putRetention(_at: VersionAt, { until }: Retention) {
      asked.push(`until ${until.toISOString().slice(0, 10)}`);
      return Promise.resolve({ requestId: 'r', sent: true });
    },
  } as unknown as ObjectStore;
  const rulesWith = (some: readonly OpenScope[]) => withMatters(rulesOf([]), some, hasHolds);
  const deps: ShardDeps = {
    ...{ storage, rules: rulesWith(open), concurrency: 1, signal: new AbortController().signal },
    clock: { now: () => now, sleep: () => Promise.resolve() },
  };
  return {
    ...{ asked, deps, rulesWith },
    store(next: Stored) {
      stored = next;
    },
  };
}

const rulesNow = (rules: ShardDeps['rules']) => () => Promise.resolve({ rules, isPartial: false });

describe('a version that a matter keeps by retention', () => {
  it.each([true, false])('is not written once the matter is released (legal holds: %s)', async (hasHolds) => {
    const { asked, deps, rulesWith } = world([matterOver()], hasHolds);
    const observed = await observeShard(deps, shard);
    asked.length = 0;
    expect(await applyShard({ ...deps, rulesNow: rulesNow(rulesWith([])) }, observed)).toMatchObject([
      { action: 'no-rule' },
    ]);
    expect(asked).toEqual([]);
    const [entry] = await applyShard({ ...deps, rulesNow: rulesNow(rulesWith([matterOver()])) }, observed);
    expect(entry).toMatchObject({ action: 'protected' });
    expect(asked.at(-1)).toMatch(/^until /);
  });

  it.each([
    ['released while its write waits', 60, /its matter was released while this write waited/],
    ['released, and written at once', 1, undefined],
  ])('%s, is told', async (_what, seconds, reason) => {
    const { asked, deps, rulesWith } = world([matterOver()]);
    let time = now.getTime();
    const isWritten = () => asked.some((each) => each.startsWith('until'));
    const storage = {
      ...deps.storage,
      async putRetention(...args: Parameters<ObjectStore['putRetention']>) {
        time += seconds * 1000; // the pace lets it wait
        return await deps.storage.putRetention(...args);
      },
    };
    const clock = { ...deps.clock, now: () => new Date(time) };
    const current = async () => ({ rules: rulesWith(isWritten() ? [] : [matterOver()]), isPartial: false });
    const waiting = { ...deps, storage, clock, rulesNow: current };
    const [entry] = await applyShard(waiting, await observeShard(deps, shard));
    expect(entry).toMatchObject({ action: 'protected', line: { result: 'protected' } });
    if (reason === undefined) expect(entry?.line?.reason).not.toContain('released');
    else expect(entry?.line?.reason).toMatch(reason);
  });

  it('waits, and its matter is open still: nothing more is said', async () => {
    const { deps, rulesWith } = world([matterOver()]);
    let time = now.getTime();
    const clock = {
      ...deps.clock,
      now() {
        time += 60_000;
        return new Date(time);
      },
    };
    const waiting = { ...deps, clock, rulesNow: rulesNow(rulesWith([matterOver()])) };
    const [entry] = await applyShard(waiting, await observeShard(deps, shard));
    expect(entry?.line?.reason).not.toContain('released');
  });

  it('is not written by a matter that was opened since: nobody has looked for its hold', async () => {
    const { asked, deps, rulesWith } = world([]);
    const observed = await observeShard(deps, shard);
    const later = rulesNow(rulesWith([matterOver()]));
    expect(await applyShard({ ...deps, rulesNow: later }, observed)).toMatchObject([{ action: 'no-rule' }]);
    expect(asked).toEqual([]);
  });
});

describe('a run that goes on looks again, since a matter may have been opened', () => {
  const until = new Date(now.getTime() + day);

  it('and leaves to its hold what is under one by now', async () => {
    const { deps, store, asked } = world([matterOver()]);
    const observed = await observeShard(deps, shard);
    store({ legalHold: true });
    expect((await lookAgain(deps, observed)).items).toMatchObject([{ action: 'no-rule' }]);
    store({ legalHold: true, retention: { mode: 'COMPLIANCE', until } });
    expect((await lookAgain(deps, observed)).items).toMatchObject([{ action: 'no-rule' }]);
    expect(asked.some((each) => each.startsWith('until'))).toBe(false);
  });

  it('and reads tags that nobody needed before', async () => {
    const { deps, store, asked } = world([matterOver({ tags: { client: 'acme' } })]);
    const pending = { ...known, tags: new Map(), retention: undefined };
    const items = [{ pending, unseen: 'list' as const }];
    store({ tags: new Map([['client', 'acme']]) });
    const again = await lookAgain(deps, { end: '1', rows: 0, decidedAt: now, items });
    expect(again.items).toMatchObject([{ pending: { tags: new Map([['client', 'acme']]) } }]);
    expect(await applyShard(deps, again)).toMatchObject([{ action: 'protected' }]);
    expect(asked).toEqual(['HEAD', 'tags', expect.stringMatching(/^until /)]);
  });
});

it.each([
  ['ended before its upload', { until: '2020-01-01T00:00:00Z' }],
  ['began after its upload', { from: '2026-11-02T00:00:00Z' }],
])('a version costs no request for a matter whose time %s', async (_what, time) => {
  const { asked, deps } = world([matterOver({ tags: { client: 'acme' }, ...time })]);
  expect((await observeShard(deps, shard)).items).toMatchObject([{ action: 'no-rule' }]);
  expect(asked).toEqual([]);
});
