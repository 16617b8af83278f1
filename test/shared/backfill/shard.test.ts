import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type OpenShard, openShard, shardText } from '../../../shared/backfill/open-shard.ts';
import { lookAgain } from '../../../shared/backfill/shard.ts';
import { judge } from '../../../shared/objects/settle.ts';
import type { ObservedVersion } from '../../../shared/objects/types.ts';
import { type Retention, type Storage, versionId } from '../../../shared/storage/port.ts';
import { instants, objectRules, rulesOf, tagSets } from '../../support/arbitrary-rules.ts';
import { inventoryRules, inventoryWorld } from '../../support/inventory-world.ts';

const versions: fc.Arbitrary<ObservedVersion> = fc.record({
  bucket: fc.constant('b'),
  key: fc.string({ minLength: 1 }),
  versionId: fc.constant(versionId('v1')),
  lastModified: instants,
  type: fc.constantFrom('Normal', 'Multipart', 'Symlink'),
  tags: tagSets,
  retention: fc.option(
    instants.map((until) => ({ mode: 'COMPLIANCE' as const, until })),
    { nil: undefined },
  ),
  isLatest: fc.constantFrom(true, false, undefined),
});

it('a shard that was kept is decided about as it was before, after a kill too', () => {
  fc.assert(
    fc.property(objectRules, versions, instants, (objects, pending, decidedAt) => {
      const shard: OpenShard = { end: 'x', rows: 0, decidedAt, items: [{ pending }] };
      const [item] = openShard.parse(JSON.parse(shardText(shard))).items;
      const kept = item && 'pending' in item ? item.pending : undefined;
      expect(kept).toEqual(pending);
      expect(kept && judge(rulesOf(objects), kept, decidedAt)).toEqual(
        judge(rulesOf(objects), pending, decidedAt),
      );
    }),
    { numRuns: 100 },
  );
});

it('a run that goes on takes GOVERNANCE, or a date that is too short, for no protection', async () => {
  const { storage, clock, upload } = await inventoryWorld();
  const until = (text: string) => new Date(text);
  const stored = new Map<string, Retention | undefined>([
    ['plain/none', undefined],
    ['plain/short', { mode: 'COMPLIANCE', until: until('2027-11-20T09:59:59Z') }],
    ['plain/exact', { mode: 'COMPLIANCE', until: until('2027-11-20T10:00:00Z') }],
    ['plain/governance', { mode: 'GOVERNANCE', until: until('2036-01-01T00:00:00Z') }],
  ]);
  const items: OpenShard['items'] = [];
  for (const [key] of stored) {
    const id = versionId(await upload(key));
    const own = { bucket: 'records', key, versionId: id, lastModified: until('2026-11-20T10:00:00Z') };
    items.push({ pending: { ...own, type: 'Normal', tags: new Map(), retention: undefined } });
  }
  const headObject: Storage['headObject'] = async (at) => {
    const head = await storage.headObject(at);
    return typeof head === 'string' ? head : { ...head, retention: stored.get(at.key) };
  };
  const deps = {
    storage: { ...storage, headObject },
    rules: inventoryRules,
    clock,
    concurrency: 2,
    signal: new AbortController().signal,
  };
  const looked = await lookAgain(deps, { end: 'x', rows: 0, decidedAt: clock.now(), items });
  expect(looked.items).toMatchObject([
    { pending: { key: 'plain/none' } },
    { pending: { key: 'plain/short' } },
    { action: 'protected' },
    { action: 'failed', line: { code: 'GOVERNANCE_MODE', key: 'plain/governance' } },
  ]);
});
