import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type OpenShard, openShard, plainShard } from '../../../shared/existing/shard.ts';
import { judge } from '../../../shared/objects/settle.ts';
import type { ObservedVersion } from '../../../shared/objects/types.ts';
import { versionId } from '../../../shared/storage/port.ts';
import { instants, objectRules, rulesOf, tagSets } from '../../support/arbitrary-rules.ts';

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
      const [item] = openShard.parse(JSON.parse(JSON.stringify(plainShard(shard)))).items;
      const kept = item && 'pending' in item ? item.pending : undefined;
      expect(kept).toEqual(pending);
      expect(kept && judge(rulesOf(objects), kept, decidedAt)).toEqual(
        judge(rulesOf(objects), pending, decidedAt),
      );
    }),
    { numRuns: 100 },
  );
});
