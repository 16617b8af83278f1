import fc from 'fast-check';
import { expect, it, onTestFinished } from 'vitest';
import { createRetentionBucket, retainedUntil } from '../../local/plain-client.ts';
import { holdfastCloud } from '../support/holdfast-cloud.ts';

const rules = `
version: 1
limits: { maxRetention: 20y }
objects:
  - { name: until, match: { bucket: "run-*", tags: { until: "*" } }, retain: { untilTag: until } }
  - { name: base, match: { bucket: "run-*" }, retain: 30d }
`;

const upload = fc.record({
  key: fc.constantFrom('a', '账 本+%'),
  // Of one size, so that content that returns within a second shows in the event's deltaSize.
  content: fc.constantFrom('one', 'two'),
  until: fc.constantFrom('2031-05-01', '2033-05-01', '2035-05-01', undefined),
  /** Virtual time before it, in milliseconds: none, within the second, beyond it. */
  pause: fc.constantFrom(0, 0, 300, 1200),
  /** When each copy of its event arrives, in milliseconds: never lost, perhaps twice, in any order. */
  deliveries: fc.array(fc.constantFrom(0, 50, 900, 4000), { minLength: 1, maxLength: 2 }),
  deletedAfter: fc.boolean(),
});

it('every uploaded version ends protected by its own tags, whatever is overwritten when', async () => {
  const pending: (readonly number[])[] = [];
  const cloud = await holdfastCloud(rules, {
    clock: new Date('2028-01-01T00:00:00.700Z'),
    deliver: () => pending.shift() ?? [0],
  });
  let run = 0;
  const property = fc.asyncProperty(fc.array(upload, { minLength: 1, maxLength: 6 }), async (uploads) => {
    run += 1;
    const client = await createRetentionBucket(cloud.url, `run-${run}`);
    const written: { key: string; versionId: string; until: string | undefined }[] = [];
    for (const { key, content, until, pause, deliveries, deletedAfter } of uploads) {
      await cloud.advance(pause);
      pending.push(deliveries);
      const headers = until === undefined ? {} : { 'x-oss-tagging': `until=${until}` };
      const { res } = await client.put(key, Buffer.from(content), { headers });
      written.push({ key, versionId: String(res.headers['x-oss-version-id']), until });
      if (deletedAfter) await client.delete(key);
    }
    await cloud.advance(20_000);
    for (const { key, versionId, until } of written) {
      const { res } = await client.head(key, { versionId });
      const modified = new Date(String(res.headers['last-modified']));
      const base = new Date(modified.getTime() + 30 * 86_400_000);
      const expected = until === undefined ? base : new Date(Date.parse(`${until}T00:00:00Z`) + 86_400_000);
      expect(await retainedUntil(client, key, versionId)).toEqual(expected);
    }
    expect(cloud.fc.invocations().filter(({ status }) => status !== 'succeeded')).toEqual([]);
  });
  onTestFinished(() => expect(run).toBeGreaterThan(20));
  await fc.assert(property, { numRuns: 40, seed: 20261121, endOnFailure: true });
});
