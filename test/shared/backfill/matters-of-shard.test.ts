import { describe, expect, it } from 'vitest';
import { createPace } from '../../../shared/backfill/pace/pace.ts';
import { applyShard, lookAgain, observeShard, type ShardDeps } from '../../../shared/backfill/shard.ts';
import { withMatters } from '../../../shared/matters/hold-rules.ts';
import type { OpenScope } from '../../../shared/matters/matching.ts';
import type { Clock } from '../../../shared/platform/clock.ts';
import { failure } from '../../../shared/platform/errors.ts';
import { day } from '../../../shared/platform/instant.ts';
import type {
  LastLook,
  ObjectHead,
  ObjectStore,
  Retention,
  Tags,
  VersionAt,
} from '../../../shared/storage/port.ts';
import { etag, versionId } from '../../../shared/storage/port.ts';
import { withRetry } from '../../../shared/storage/retry.ts';
import { rulesOf } from '../../support/arbitrary-rules.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { validScope } from '../../support/matters.ts';
import { validRules } from '../../support/rules-file.ts';

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
    async putRetention(_at: VersionAt, { until }: Retention, lastLook?: LastLook) {
      await lastLook?.();
      asked.push(`until ${until.toISOString().slice(0, 10)}`);
      return { requestId: 'r', sent: true };
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

  /** Tells the matters as they are at a time, and has the writes wait by `around`. */
  function waiting(around: (storage: ObjectStore) => ObjectStore, openNow: () => readonly OpenScope[]) {
    const { asked, deps, rulesWith } = world(openNow());
    const current = () => Promise.resolve({ rules: rulesWith(openNow()), isPartial: false });
    return { asked, looking: deps, deps: { ...deps, storage: around(deps.storage), rulesNow: current } };
  }
  const isWritten = (asked: readonly string[]) => asked.some((each) => each.startsWith('until'));

  it.each<[string, (clock: Clock) => (storage: ObjectStore) => ObjectStore]>([
    ['for its turn', (clock) => createPace({ clock, concurrency: 1, qps: 1, readsFirst: false }).around],
    [
      'to be repeated',
      (clock) => (storage) => {
        let times = 0;
        const putRetention: ObjectStore['putRetention'] = async (...args) => {
          times += 1;
          if (times < 3) throw failure('THROTTLED', { operation: 'x', target: 'oss://b', code: 'Busy' });
          return await storage.putRetention(...args);
        };
        return withRetry({ ...storage, putRetention }, { clock, random: () => 1 });
      },
    ],
  ])('is not written when its matter is released while it waits %s', async (_what, waits) => {
    const clock = manualClock(now);
    let queued = false;
    const slow: Clock = {
      ...clock,
      async sleep(ms) {
        queued = true;
        await clock.sleep(ms);
      },
    };
    const open = () => (queued ? [] : [matterOver()]);
    const { asked, deps, looking } = waiting(waits(slow), open);
    const observed = await observeShard(looking, shard);
    await deps.storage.headObject(known); // has the first turn
    const [entry] = await applyShard(deps, observed);
    expect([queued, isWritten(asked)]).toEqual([true, false]);
    expect(entry).toEqual({ action: 'no-rule', rule: undefined });
  });

  it('is written by the date of a rule when its matter is released while it waits', async () => {
    const rule = '{ name: ledgers, match: { bucket: b }, retain: 30d }';
    const rules = validRules(`{ version: 1, limits: { maxRetention: 10y }, objects: [${rule}] }`);
    const { asked, deps } = world([matterOver()]);
    const withRule = (open: readonly OpenScope[]) => withMatters(rules, open, true);
    let looks = 0;
    const current = () => {
      looks += 1;
      return Promise.resolve({ rules: withRule(looks === 1 ? [matterOver()] : []), isPartial: false });
    };
    const observed = await observeShard({ ...deps, rules: withRule([matterOver()]) }, shard);
    const all = { ...deps, rules: withRule([matterOver()]), rulesNow: current };
    const [entry] = await applyShard(all, observed);
    expect(entry).toMatchObject({ action: 'protected', rule: 'ledgers' });
    expect(entry?.line?.reason ?? '').not.toContain('released');
    expect(asked.filter((each) => each.startsWith('until'))).toEqual(['until 2026-12-01']);
  });

  it('is kept for a matter that is open still, whatever else is released while it waits', async () => {
    let looks = 0;
    const other = { ...matterOver(), id: 'other' };
    const open = () => {
      looks += 1;
      return looks < 3 ? [matterOver(), other] : [other];
    };
    const { asked, deps, looking } = waiting((storage) => storage, open);
    const [entry] = await applyShard(deps, await observeShard(looking, shard));
    expect(entry).toMatchObject({ action: 'protected' });
    expect(entry?.line?.reason).not.toContain('released');
    expect(asked.filter((each) => each.startsWith('until'))).toHaveLength(1);
  });

  it('is told when its matter is released while it is sent', async () => {
    let isSent = false;
    const slow = (storage: ObjectStore): ObjectStore => ({
      ...storage,
      async putRetention(...args) {
        const receipt = await storage.putRetention(...args);
        isSent = true;
        return receipt;
      },
    });
    const { deps, looking } = waiting(slow, () => (isSent ? [] : [matterOver()]));
    const [entry] = await applyShard(deps, await observeShard(looking, shard));
    expect(entry).toMatchObject({ action: 'protected', line: { result: 'protected' } });
    expect(entry?.line?.reason).toMatch(/; its matter was released while this was written/);
  });

  it('is told as written when its matter is released behind a sending whose reply was lost', async () => {
    let sent = 0;
    const lossy = (storage: ObjectStore): ObjectStore => {
      const putRetention: ObjectStore['putRetention'] = async (...args) => {
        const receipt = await storage.putRetention(...args);
        sent += 1;
        if (sent === 1)
          throw failure('UNREACHABLE', { operation: 'x', target: 'oss://b', reason: 'reset', endpoint: 'e' });
        return receipt;
      };
      return withRetry({ ...storage, putRetention }, { clock: manualClock(now), random: () => 1 });
    };
    const { asked, deps, looking } = waiting(lossy, () => (sent > 0 ? [] : [matterOver()]));
    const [entry] = await applyShard(deps, await observeShard(looking, shard));
    expect(asked.filter((each) => each.startsWith('until'))).toHaveLength(2);
    expect(entry).toMatchObject({ action: 'protected', line: { result: 'protected' } });
    expect(entry?.line?.reason).toMatch(/; its matter was released while this was written/);
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
