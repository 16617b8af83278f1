import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bucketFeatures, planBuckets } from '../../../shared/init/huawei/bucket-steps.ts';

const names = ['a', 'b', 'c'];
const some = fc.subarray(names);
const found = fc.tuple(
  ...names.map((bucket) =>
    fc.record({ versioning: fc.boolean(), WORM: fc.boolean() }).map((on) => ({ bucket, on })),
  ),
);

test('a step is for a bucket that is named for it and lacks it, versioning first', () => {
  fc.assert(
    fc.property(found, some, some, (buckets, versioning, WORM) => {
      const named = { versioning, WORM };
      const { steps, missing } = planBuckets(buckets, named);
      for (const { bucket, on } of buckets) {
        const own = steps.filter((step) => step.bucket === bucket).map(({ feature }) => feature);
        expect(own).toEqual(
          bucketFeatures.filter((feature) => !on[feature] && named[feature].includes(bucket)),
        );
        const left = missing.filter((step) => step.bucket === bucket).map(({ feature }) => feature);
        expect([...own, ...left].sort()).toEqual(bucketFeatures.filter((feature) => !on[feature]).sort());
      }
    }),
  );
});

test('WORM without versioning is impossible unless both are named', () => {
  const off = [{ bucket: 'a', on: { versioning: false, WORM: false } }];
  expect(planBuckets(off, { versioning: [], WORM: ['a'] }).impossible).toEqual(['a']);
  expect(planBuckets(off, { versioning: ['a'], WORM: ['a'] }).impossible).toEqual([]);
});
