import { describe, expect, it } from 'vitest';
import { retainedUntil } from '../../local/plain-client.ts';
import { cloudEnvironment, runCli } from '../support/cli.ts';
import { type ProtectWorld, protectWorld } from '../support/protect-world.ts';

// Objects that stay in use while time passes, over a real listing and real inventories (docs/extension.md).

const day = 24 * 3_600_000;
const start = Date.parse('2026-11-20T10:00:00Z');
const rules = `version: 1
limits: { maxRetention: 10y }
objects:
  - name: rolling
    match: { bucket: records, key: "**" }
    retain: 40d
    extend: { within: 30d, by: 20d, upTo: 70d }
`;
const report = ['--report', 'report.jsonl'];

/** One object, one that was overwritten, and one that was deleted. */
async function objects(world: ProtectWorld) {
  const ids = {
    plain: await world.upload('plain'),
    old: await world.upload('twice'),
    current: await world.upload('twice'),
    deleted: await world.upload('deleted'),
  };
  await world.client.delete('deleted');
  return ids;
}

/** Until how many days after the upload each is retained. */
async function daysOf(world: ProtectWorld, ids: Awaited<ReturnType<typeof objects>>) {
  const days = async (key: string, id: string) => {
    const until = await retainedUntil(world.client, key, id);
    return until && Math.floor((until.getTime() - start) / day);
  };
  return {
    plain: await days('plain', ids.plain),
    old: await days('twice', ids.old),
    current: await days('twice', ids.current),
    deleted: await days('deleted', ids.deleted),
  };
}

async function protect(world: ProtectWorld, ...args: string[]) {
  const { code, stdout } = await world.run('oss://records', ...report, '--json', ...args);
  const { changed, actions } = JSON.parse(stdout);
  return { code, changed, actions };
}

describe('holdfast protect with a rule that extends', () => {
  it('extends current versions a generation at a time, up to the cap, and lets the others end', async () => {
    const world = await protectWorld(rules);
    const ids = await objects(world);
    await protect(world);
    expect(await daysOf(world, ids)).toEqual({ plain: 40, old: 40, current: 40, deleted: 40 });

    await world.cloud.advance(15 * day);
    expect(await protect(world)).toMatchObject({ changed: 2 });
    const extended = { plain: 60, old: 40, current: 60, deleted: 40 };
    expect(await daysOf(world, ids)).toEqual(extended);
    expect(world.report().map(({ key, reason }) => [key, reason])).toContainEqual([
      'plain',
      'the rule with the latest date wins; extended generation 1, from 2026-12-30T10:00:00Z, as it is in use',
    ]);

    world.requests();
    await world.cloud.advance(day);
    expect(await protect(world)).toMatchObject({
      changed: 0,
      actions: { 'already-protected': 4, skipped: 1 },
    });
    expect(await daysOf(world, ids)).toEqual(extended);

    await world.cloud.advance(14 * day);
    expect(await protect(world)).toMatchObject({ changed: 2 });
    await world.cloud.advance(15 * day);
    expect(await protect(world)).toMatchObject({
      code: 0,
      changed: 0,
      actions: { 'at-cap': 2, elapsed: 2, skipped: 1 },
    });
    expect(await daysOf(world, ids)).toEqual({ plain: 70, old: 40, current: 70, deleted: 40 });
    expect(world.report().map(({ key, result, retainUntil }) => [key, result, retainUntil])).toEqual(
      expect.arrayContaining([
        ['plain', 'at-cap', '2027-01-29T10:00:00Z'],
        ['twice', 'at-cap', '2027-01-29T10:00:00Z'],
      ]),
    );
  });

  it('asks as often as it would without extension', async () => {
    const world = await protectWorld(rules);
    await objects(world);
    await protect(world);
    await world.cloud.advance(15 * day);
    world.requests();
    await protect(world);
    expect(world.requests()).toMatchObject({ HeadObject: 4, PutObjectRetention: 2 });
  });

  it('believes no inventory that calls an overwritten version the latest, and needs none that says it', async () => {
    const world = await protectWorld(rules);
    const ids = await objects(world);
    await protect(world);
    await world.cloud.advance(15 * day);
    const at = '2026-11-20T10:00:00.000Z';
    const stale = await world.inventory([
      `records,twice,${ids.old},true,false,${at},0\nrecords,deleted,${ids.deleted},true,false,${at},0\n`,
    ]);
    expect(await protect(world, '--inventory', stale)).toMatchObject({ changed: 0 });
    const silent = await world.inventory(
      [
        `records,twice,${ids.old},${at}\nrecords,twice,${ids.current},${at}\nrecords,deleted,${ids.deleted},${at}\n`,
      ],
      { schema: 'Bucket, Key, VersionId, LastModifiedDate' },
    );
    expect(await protect(world, '--inventory', silent)).toMatchObject({ changed: 1 });
    const current = await world.inventory(['records,plain\n'], { schema: 'Bucket, Key' });
    expect(await protect(world, '--inventory', current)).toMatchObject({ changed: 1 });
    expect(await daysOf(world, ids)).toEqual({ plain: 60, old: 40, current: 60, deleted: 40 });
  });

  it('refuses an inventory whose IsLatest cannot be read', async () => {
    const world = await protectWorld(rules);
    const ids = await objects(world);
    const url = await world.inventory([
      `records,plain,${ids.plain},maybe,false,2026-11-20T10:00:00.000Z,0\n`,
    ]);
    const { code, stderr } = await world.run('oss://records', ...report, '--inventory', url);
    expect(code).toBe(1);
    expect(stderr).toMatch(/INVENTORY_INVALID.*row 1: IsLatest "maybe" is not true or false/s);
  });
});

describe('holdfast explain', () => {
  it('says which generation a version in use has come to, and of others the date of the rule', async () => {
    const world = await protectWorld(rules);
    const ids = await objects(world);
    await world.cloud.advance(15 * day);
    const explain = async (...args: string[]) => {
      const options = { cwd: world.folder, env: cloudEnvironment(world.cloud.url) };
      return (await runCli(['explain', ...args], options)).stdout;
    };
    const extended =
      'until 2027-01-19T10:00:00Z by rule rolling, extended generation 1, from 2026-12-30T10:00:00Z';
    expect(await explain('oss://records/twice')).toContain(extended);
    expect(await explain('oss://records/twice', '--version-id', ids.current)).toContain(extended);
    const old = await explain('oss://records/twice', '--version-id', ids.old);
    expect(old).toContain('would be retained until 2026-12-30T10:00:00Z by rule rolling\n');
    const gone = await explain('oss://records/deleted', '--version-id', ids.deleted);
    expect(gone).toContain('would be retained until 2026-12-30T10:00:00Z by rule rolling\n');
  });
});
