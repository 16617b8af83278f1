import fc from 'fast-check';
import { expect, it } from 'vitest';
import { settleIfPast, stoppedClock } from '../../../shared/backfill/past-date.ts';
import { applyShard, observeShard, type ShardDeps } from '../../../shared/backfill/shard.ts';
import { withMatters } from '../../../shared/matters/hold-rules.ts';
import { decideObject } from '../../../shared/objects/decide.ts';
import { judge } from '../../../shared/objects/settle.ts';
import type { ObservedVersion } from '../../../shared/objects/types.ts';
import { day } from '../../../shared/platform/instant.ts';
import type { Rules } from '../../../shared/rules/types.ts';
import { type ObjectStore, type Retention, versionId } from '../../../shared/storage/port.ts';
import { instants, objectRules, rulesOf, tagSets } from '../../support/arbitrary-rules.ts';
import { validScope } from '../../support/matters.ts';
import { storedVersions } from '../../support/stored-versions.ts';

/** Versions of one bucket in memory, which take retention. */
function worldOf(versions: readonly Drawn[]) {
  const written = new Map<string, Date>();
  const unexpected = (): never => {
    throw new Error('nobody asks this here');
  };
  const { storage: reads } = storedVersions(
    versions.map(({ lastModified, tags, stored }, number) => ({
      ...{ key: `a/${number}`, id: `v${number}`, tags: Object.fromEntries(tags) },
      head: { lastModified, retention: stored, tagCount: tags.size },
    })),
    { lastModified: new Date(0) },
  );
  const storage: ObjectStore = {
    ...reads,
    putRetention({ key }, { until }: Retention) {
      written.set(key, until);
      return Promise.resolve({ sent: true, requestId: undefined });
    },
    writeText: unexpected,
    putObjectWorm: unexpected,
  };
  const known = versions.map(({ lastModified }, number) => ({
    ...{ bucket: 'b', key: `a/${number}`, versionId: versionId(`v${number}`) },
    ...{ lastModified, type: 'Normal', isLatest: true },
  }));
  return { storage, written, shard: { versions: known, end: 'end', done: undefined } };
}

interface Drawn {
  readonly lastModified: Date;
  readonly tags: ReadonlyMap<string, string>;
  readonly stored: Retention | undefined;
}

const drawn = fc.array(
  fc.record({
    lastModified: instants,
    tags: tagSets,
    stored: fc.option(
      instants.map((until): Retention => ({ mode: 'COMPLIANCE', until })),
      { nil: undefined },
    ),
  }),
  { minLength: 1, maxLength: 6 },
);
function dateOf(rules: Rules, version: ObservedVersion, now: Date): Date | undefined {
  const decision = decideObject(rules, version, now);
  return decision.action === 'protect' ? decision.until : undefined;
}

const matter = { id: 'case', scope: validScope({ match: ['oss://b/a/**'] }) };

it('a run decided earlier writes what was decided then, whenever it comes, and nothing longer', async () => {
  await fc.assert(
    fc.asyncProperty(
      ...[drawn, objectRules, fc.boolean(), instants, fc.integer({ min: 0, max: 120 })],
      async (versions, objects, isHeld, decideAt, days) => {
        const rules = withMatters(rulesOf(objects), isHeld ? [matter] : [], false);
        const world = worldOf(versions);
        const depsAt = (now: Date): ShardDeps => ({
          ...{ storage: world.storage, rules, concurrency: 1, signal: new AbortController().signal },
          ...{ decideAt, clock: { now: () => now, sleep: () => Promise.resolve() } },
        });
        const now = new Date(decideAt.getTime() + days * day);
        const planned = await observeShard(depsAt(decideAt), world.shard);
        const again = await observeShard(depsAt(now), world.shard);
        expect(again, 'the plan is the same later').toEqual(planned);
        const entries = await applyShard(depsAt(now), again);
        for (const [index, item] of planned.items.entries()) {
          const pending = 'pending' in item ? item.pending : undefined;
          const until = pending && dateOf(rules, pending, decideAt);
          const isDue = until !== undefined && until > now;
          expect(world.written.get(`a/${index}`)).toEqual(isDue ? until : undefined);
          // It is past: nothing more is needed, or what is needed was not approved.
          const isNeeded = pending !== undefined && dateOf(rules, pending, now) !== undefined;
          expect(entries[index]?.line?.code === 'APPROVAL_EXCEEDED').toBe(
            !isDue && until !== undefined && isNeeded,
          );
        }
      },
    ),
    { numRuns: 300 },
  );
});

it('says of a generation that ended before the run that a later one was not approved', async () => {
  const lastModified = new Date('2026-01-01T00:00:00Z');
  const { storage, shard, written } = worldOf([{ lastModified, tags: new Map(), stored: undefined }]);
  const deps = {
    ...{ storage, rules: withMatters(rulesOf([]), [matter], false), concurrency: 1 },
    ...{ signal: new AbortController().signal, decideAt: new Date('2026-01-02T00:00:00Z') },
    clock: { now: () => new Date('2026-04-02T00:00:00Z'), sleep: () => Promise.resolve() },
  };
  const entries = await applyShard(deps, await observeShard(deps, shard));
  expect(entries).toMatchObject([{ action: 'failed', line: { code: 'APPROVAL_EXCEEDED' } }]);
  expect(entries[0]?.line?.reason).toMatch(
    /v0.* was not retained until 2026-\d\d-\d\dT00:00:00Z: this run may retain it until 2026-04-01T00:00:00Z at the latest/,
  );
  expect(written.size).toBe(0);
});

it('settles a version from the instant of its end on, and none that is not to be written or was decided now', () => {
  const decideAt = new Date('2026-01-02T00:00:00Z');
  const end = new Date('2026-04-01T00:00:00Z');
  const version: ObservedVersion = {
    ...{ bucket: 'b', key: 'a/0', versionId: versionId('v0'), type: 'Normal', tags: new Map() },
    ...{ lastModified: new Date('2026-01-01T00:00:00Z'), retention: undefined },
  };
  const [held, free] = [withMatters(rulesOf([]), [matter], false), rulesOf([])];
  const outcome = judge(held, version, decideAt);
  expect(outcome.decision).toMatchObject({ until: end });
  const settle = (now: number, by: Partial<Parameters<typeof settleIfPast>[0]> = {}, decided = outcome) => {
    const clock = { now: () => new Date(now), sleep: () => Promise.resolve() };
    return settleIfPast({ storage: { cloud: 'oss' }, rules: held, clock, decideAt, ...by }, version, decided);
  };
  expect(settle(end.getTime() - 1)).toBeUndefined();
  expect(settle(end.getTime())?.errors).toMatchObject([{ code: 'APPROVAL_EXCEEDED' }]);
  expect(settle(end.getTime(), { decideAt: undefined })).toBeUndefined();
  expect(settle(end.getTime(), {}, judge(free, version, decideAt))).toBeUndefined();
  expect(settle(end.getTime(), { rules: free })).toMatchObject({
    decision: { action: 'no-rule' },
    errors: [],
  });
});

it('a stopped clock says one instant, and sleeps as the other', async () => {
  const slept: number[] = [];
  const sleep = (ms: number) => Promise.resolve().then(() => void slept.push(ms));
  const clock = stoppedClock(new Date(7), { now: () => new Date(8), sleep });
  await clock.sleep(5);
  expect([clock.now(), slept]).toEqual([new Date(7), [5]]);
});
