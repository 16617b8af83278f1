import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fileTrail, openTrail } from '../../../shared/audit/trail.ts';
import { createAuditWriter } from '../../../shared/audit/writer.ts';
import { minute } from '../../../shared/platform/instant.ts';
import { evidenceWorld } from '../../support/evidence.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { type OssServer, startOss } from '../../support/oss-server.ts';
import { validRules } from '../../support/rules-file.ts';

let server: OssServer;
beforeAll(async () => {
  server = await startOss();
});
afterAll(() => server.close());

/** Ends of a write: the reply comes, or is lost before or after the file was there. */
const ends = {
  written: undefined,
  refused: { status: 503, code: 'InternalError' },
  lost: { reset: 'after' },
  broken: { reset: 'before' },
} as const;
type End = keyof typeof ends;

describe('a writer', () => {
  it('leaves evidence that is whole, wherever its writes fail or its process ends', async () => {
    const step = fc.record({
      who: fc.constantFrom<0 | 1 | 'anchor'>(0, 1, 'anchor'),
      end: fc.constantFrom<End>('written', 'written', 'refused', 'lost', 'broken'),
      killed: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
        const world = await evidenceWorld(server, 17 * minute);
        let certain = 0;
        for (const { who, end, killed } of steps) {
          const effect = ends[end];
          if (effect !== undefined) {
            server.oss.faults.add({ operation: 'PutObject', bucket: world.bucket, times: 1, effect });
          }
          const kept = await world.write(who).catch(() => undefined);
          if (kept?.sent === true) certain += 1;
          server.oss.faults.clear();
          if (killed) world.kill(who);
        }
        const { found, files } = await world.verify();
        expect(found).toEqual([]);
        expect(files).toBeGreaterThanOrEqual(certain);
      }),
      { numRuns: 8 },
    );
  });

  it('begins another chain after a write that failed, and names the last file that is certain', async () => {
    const world = await evidenceWorld(server);
    const { name } = await world.write(0);
    server.oss.faults.add({ bucket: world.bucket, times: 1, effect: { reset: 'after' } });
    await expect(world.write(0)).rejects.toMatchObject({ code: 'UNREACHABLE' });
    const next = await world.write(0);
    expect(next.name).toMatchObject({ sequence: 1, writer: expect.not.stringMatching(name.writer) });
    const listed = await world.list();
    expect(listed).toHaveLength(3); // the reply was lost, the file was not
    expect(await world.verify()).toMatchObject({ found: [], files: 3 });
  });

  it('never goes back to an earlier hour, although the clock is set back', async () => {
    const world = await evidenceWorld(server, -3 * 60 * minute);
    const kept = [await world.write(0), await world.write(0), await world.write(0)];
    const keys = kept.map(({ key }) => key);
    expect(keys).toEqual(keys.toSorted());
    expect(await world.verify()).toMatchObject({ found: [], files: 3 });
  });

  it('names its files in the order in which they are asked for, also when nobody waits', async () => {
    const world = await evidenceWorld(server);
    const kept = await Promise.all([world.write(0), world.write(0), world.write(0)]);
    expect(kept.map(({ name }) => name.sequence)).toEqual([1, 2, 3]);
    expect(await world.verify()).toMatchObject({ found: [], files: 3 });
  });
});

describe('a trail', () => {
  const rules = validRules(`version: 1
limits: { maxRetention: 10y }
audit: oss://evidence/audit/
objects: [{ name: all, match: { bucket: "*" }, retain: 1y }]
`);
  const clock = manualClock('2026-11-22T10:00:00Z');

  it('takes no record about evidence itself, so that there is an end', () => {
    const trail = openTrail({ rules, clock });
    trail.add({ bucket: 'evidence', key: 'audit/2026/11/22/10/x/1.jsonl', action: 'protect' });
    trail.add({ bucket: 'evidence', key: 'other', action: 'protect' });
    trail.add({ bucket: 'evidence', action: 'lock' });
    trail.add({ bucket: 'b', key: 'audit/x', action: 'protect' });
    expect(trail.records.map(({ bucket, key }) => `${bucket} ${key}`)).toEqual([
      'evidence other',
      'evidence undefined',
      'b audit/x',
    ]);
  });

  it('too long for one file goes into several, chained', async () => {
    const world = await evidenceWorld(server);
    const trail = openTrail({ rules: world.rules, clock });
    for (let number = 0; number < 12_000; number += 1) trail.add({ bucket: 'b', key: `${number}` });
    const deps = { storage: world.storage, rules: world.rules, clock };
    const { files, lost } = await fileTrail(createAuditWriter('holdfast protect'), deps, trail);
    expect(files.map(({ name }) => name.sequence)).toEqual([1, 2]);
    expect(lost).toEqual([]);
    expect(await world.verify()).toMatchObject({ found: [], files: 2, records: 12_000 });
  });

  it('that cannot be written hands back every record and says so with a code', async () => {
    const world = await evidenceWorld(server);
    const trail = openTrail({ rules: world.rules, clock });
    trail.add({ bucket: 'b', key: 'k', action: 'protect' });
    const effect = { status: 403, code: 'AccessDenied' };
    server.oss.faults.add({ operation: 'PutObject', bucket: world.bucket, times: 1, effect });
    const deps = { storage: world.storage, rules: world.rules, clock };
    const { files, lost, error } = await fileTrail(createAuditWriter('policy-timer'), deps, trail);
    expect({ files, lost }).toEqual({ files: [], lost: trail.records });
    expect(error).toMatchObject({ code: 'AUDIT_UNWRITTEN', reply: { code: 'AccessDenied' } });
    expect(error?.message).toContain(`oss://${world.bucket}/audit/`);
  });
});
