import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { day } from '../../shared/platform/instant.ts';
import { versionId } from '../../shared/storage/port.ts';
import { approvalRulesOf, approvalTestWorld } from '../support/approval-world.ts';

const protect = ['protect', 'oss://fin-1'] as const;
const rules = approvalRulesOf({
  approvals: 'protect: { moreThan: 2 }',
  objects: [
    'name: evidence, match: { bucket: evidence }, retain: 9y',
    'name: open, match: { bucket: fin-1, key: "open/**" }, retain: { for: 6y, fromTag: closed-on, whileOpen: hold }',
    'name: brief, match: { bucket: fin-1, key: "brief/**" }, retain: 5d',
  ],
});

/** Versions that generations keep are due at dates that are spread over weeks, and one version has a date that comes soon. */
async function generationsWorld() {
  const world = await approvalTestWorld(rules);
  const { cloud, storage, folder, run } = world;
  for (const effect of ['PutObjectLegalHold', 'GetObjectLegalHold'])
    cloud.oss.faults.add({
      operation: effect,
      bucket: 'fin-1',
      effect: { status: 501, code: 'NotImplemented' },
    });
  for (let number = 0; number < 24; number += 1)
    await world.upload('fin-1', `${number % 2 === 0 ? 'open' : 'matter'}/${number}`);
  await world.open('case', { match: ['oss://fin-1/open/**', 'oss://fin-1/matter/**'] });
  return {
    ...world,
    async plan() {
      const { stdout } = await run(...protect, '--dry-run', '--restart', '--json');
      writeFileSync(join(folder, 'act.json'), stdout);
      return JSON.parse(stdout).approval;
    },
    /** The end of the retention of each key, in milliseconds. */
    async ends() {
      const ends = new Map<string, number | undefined>();
      for await (const { key, versionId: id } of storage.listVersions('fin-1', '')) {
        const stored = await storage.getRetention({ bucket: 'fin-1', key, versionId: versionId(id) });
        ends.set(key, stored?.until.getTime());
      }
      return ends;
    },
  };
}

it('an approved run does days later what was approved, with the dates of its plan', async () => {
  const { cloud, folder, plan, second, run, ends, upload } = await generationsWorld();
  await cloud.advance(20 * day);
  await upload('fin-1', 'brief/a');
  await cloud.advance(2000);
  const planned = await plan();
  expect(planned.versions).toBeGreaterThan(5);
  // Nobody can have a later date approved by a plan that says it was made later.
  const ahead = { ...planned, before: new Date(cloud.time.now().getTime() + day).toISOString() };
  writeFileSync(join(folder, 'ahead.json'), JSON.stringify({ approval: ahead }));
  expect((await second('approve', 'ahead.json', '--yes')).stderr).toContain('lies ahead');
  expect((await second('approve', 'act.json', '--yes', '--until', '30d')).code).toBe(0);
  const before = await ends();
  // Others have become due by now, and one is needed no more.
  await cloud.advance(10 * day);
  expect((await plan()).versions).toBeGreaterThan(planned.versions);
  const done = await run(...protect, '--yes', '--json');
  expect(done).toMatchObject({ code: 0 });
  expect(JSON.parse(done.stdout)).toMatchObject({ changed: planned.versions - 1, failed: 0 });
  const written = [...(await ends())].filter(([key, end]) => end !== before.get(key));
  expect(written).toHaveLength(planned.versions - 1);
  expect(Math.max(...written.map(([, end]) => end ?? 0))).toBe(Date.parse(planned.latest));
});
