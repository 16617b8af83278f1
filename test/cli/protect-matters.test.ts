import { expect, it } from 'vitest';
import { rulesOfRun } from '../../cli/world/matter-rules.ts';
import { plainClient } from '../../local/plain-client.ts';
import { repairsOf } from '../../shared/backfill/repairs.ts';
import { decideObject } from '../../shared/objects/decide.ts';
import { day } from '../../shared/platform/instant.ts';
import { versionId } from '../../shared/storage/port.ts';
import { cloudEnvironment, runCli } from '../support/cli.ts';
import { holdTestWorld, killedAt } from '../support/hold-world.ts';
import { validRules } from '../support/rules-file.ts';

const letters = { bucket: 'letters', prefix: 'dead/' };
const rules = `version: 1
limits: { maxRetention: 10y }
audit: oss://evidence/decisions/
deadLetters: oss://letters/dead/
objects:
  - { name: evidence, match: { bucket: evidence }, retain: 1y }
  - { name: fin, match: { bucket: "fin-*" }, retain: 30d }
`;
const denied = { status: 403, code: 'AccessDenied' };
const notOffered = { status: 501, code: 'NotImplemented' };

/** A world with one version, which a rule keeps for a month. */
async function world() {
  const { cloud, folder, storage, ...rest } = await holdTestWorld(['fin-1', 'letters'], rules);
  const id = await rest.upload('fin-1', 'a');
  const at = { bucket: 'fin-1', key: 'a', versionId: versionId(id) };
  const run = (...args: string[]) =>
    runCli(['protect', 'oss://fin-1', '--yes', ...args], { cwd: folder, env: cloudEnvironment(cloud.url) });
  return {
    ...{ ...rest, cloud, storage, id, rules: validRules(rules) },
    /** Lets calls about holds fail. */
    refuse(calls: readonly ('Put' | 'Get')[], effect: typeof denied) {
      for (const call of calls)
        cloud.oss.faults.add({ operation: `${call}ObjectLegalHold`, bucket: 'fin-1', effect });
    },
    offer: () => cloud.oss.faults.clear(),
    until: async () => (await storage.getRetention(at))?.until.getTime(),
    untilOf: async (key: string, version: string) =>
      (await storage.getRetention({ bucket: 'fin-1', key, versionId: versionId(version) }))?.until.getTime(),
    repairs: () => repairsOf(storage, letters),
    protect: (...args: string[]) => run('--restart', ...args),
    /** Goes on with a run that was stopped. */
    resume: run,
  };
}

it.each([
  ['takes none', ['Put', 'Get'], ['Put', 'Get'], notOffered],
  ['may not be asked for a hold', ['Put', 'Get'], ['Get'], denied],
  ['tells of holds and takes none', ['Put'], ['Put'], notOffered],
  ['takes holds again', ['Put', 'Get'], [], notOffered],
] as const)(
  'protect renews what a matter keeps by retention where the bucket %s',
  async (_what, atFirst, later, effect) => {
    const { cloud, refuse, offer, open, protect, until, repairs } = await world();
    refuse(atFirst, notOffered);
    // No pass tells how the bucket keeps it.
    await expect(
      open('case', { match: ['oss://fin-1', 'oss://letters'] }, killedAt('letters')),
    ).rejects.toThrow('killed');
    offer();
    refuse(later, effect);
    for (let run = 0; run < 3; run += 1) {
      await cloud.advance(60 * day);
      expect(await until(), 'never unprotected').toBeGreaterThan(cloud.time.now().getTime());
      expect(await protect()).toMatchObject({ code: 0, stderr: expect.not.stringContaining('not known') });
    }
    expect(await repairs()).toMatchObject([{ bucket: 'fin-1' }]);
  },
);

it('protect keeps what a matter has and no hold keeps, also where one odd reply is about holds', async () => {
  const { cloud, refuse, offer, open, protect, until, upload, untilOf } = await world();
  await open('case', {});
  refuse(['Put'], notOffered);
  const late = await upload('fin-1', 'late'); // no function of this cloud holds it
  await cloud.advance(40 * day);
  cloud.oss.faults.add({ operation: 'GetObjectLegalHold', bucket: 'fin-1', times: 1, effect: notOffered });
  expect((await protect()).code).toBe(0);
  offer();
  expect(await until(), 'the hold keeps it').toBeUndefined();
  expect(await untilOf('late', late)).toBeGreaterThan(cloud.time.now().getTime() + 40 * day);
});

it('protect leaves to its hold what a matter holds', async () => {
  const { cloud, open, protect, until } = await world();
  await open('case', {});
  await cloud.advance(40 * day);
  expect((await protect()).code).toBe(0);
  expect(await until()).toBeUndefined();
});

it.each([
  ['a record of a matter cannot be read', 'MATTER_MALFORMED'],
  ['nobody may list the matters', 'ACCESS_DENIED'],
])('protect does what the rules ask for and fails where %s', async (_what, expected) => {
  const { cloud, protect, until, repairs } = await world();
  if (expected === 'MATTER_MALFORMED')
    await plainClient(cloud.url, 'evidence').put(
      `decisions/matters/case/opened-${'0'.repeat(64)}.json`,
      Buffer.from('{}'),
    );
  else cloud.oss.faults.add({ operation: 'ListObjectVersions', bucket: 'evidence', effect: denied });
  expect(await protect()).toMatchObject({ code: 1, stderr: expect.stringContaining(`error ${expected}`) });
  expect(await until()).toBeDefined();
  cloud.oss.faults.clear();
  expect(await repairs()).toEqual([]);
});

/** The rules of a run as they change, with what they ask for of the version `a` now. */
async function ruledRun() {
  const made = await world();
  const { rules: own, storage, cloud } = made;
  const run = rulesOfRun(
    { storage, clock: { now: () => cloud.time.now(), sleep: () => Promise.resolve() } },
    own,
  );
  const version = {
    ...{ bucket: 'fin-1', key: 'a', versionId: versionId(made.id), lastModified: cloud.time.now() },
    ...{ type: 'Normal', tags: new Map(), retention: undefined, isLatest: true },
  };
  return {
    ...made,
    run,
    /** Names the rule that decides, once what was read is two seconds old. */
    async ruled() {
      await cloud.advance(3000);
      const { rules: now, isPartial } = await run.now();
      const decision = decideObject(now, version, cloud.time.now());
      return { rule: 'rule' in decision ? decision.rule : decision.action, isPartial };
    },
  };
}

it('a run takes up what is opened meanwhile, and leaves what is released', async () => {
  const { refuse, open, release, ruled, run } = await ruledRun();
  refuse(['Put', 'Get'], notOffered);
  const [byRule, byMatter] = ['fin', 'matter case'].map((rule) => ({ rule, isPartial: false }));
  expect(await ruled()).toEqual(byRule);
  await open('case', {});
  expect(await ruled()).toEqual(byMatter);
  const { rules: same } = await run.now();
  expect((await run.now()).rules, 'an index is made of them once').toBe(same);
  await release('case');
  expect(await ruled()).toEqual(byRule);
  expect(run.unknown()).toEqual([]);
});

it('a run keeps what a matter had while nobody can read whether it is open still', async () => {
  const { refuse, offer, open, ruled, run, cloud } = await ruledRun();
  refuse(['Put', 'Get'], notOffered);
  await open('case', {});
  expect(await ruled()).toEqual({ rule: 'matter case', isPartial: false });
  cloud.oss.faults.add({ operation: 'ListObjectVersions', bucket: 'evidence', effect: denied });
  for (let again = 0; again < 2; again += 1)
    expect(await ruled()).toEqual({ rule: 'matter case', isPartial: true });
  expect(run.unknown()).toMatchObject([{ code: 'ACCESS_DENIED' }]);
  offer();
  expect(await ruled()).toEqual({ rule: 'matter case', isPartial: false });
  expect(run.unknown(), 'it has passed over nothing').toEqual([]);
  expect(run.unknown(true), 'a process before it has').toMatchObject([{ code: 'ACCESS_DENIED' }]);
});

it('a run says at its end that it may have passed over what was opened while nobody could read that', async () => {
  const { refuse, offer, open, ruled, run, cloud } = await ruledRun();
  expect(await ruled()).toEqual({ rule: 'fin', isPartial: false });
  cloud.oss.faults.add({ operation: 'ListObjectVersions', bucket: 'evidence', effect: denied });
  expect(await ruled()).toEqual({ rule: 'fin', isPartial: true });
  offer();
  refuse(['Put', 'Get'], notOffered);
  await open('case', {});
  for (let again = 0; again < 2; again += 1)
    expect(await ruled()).toEqual({ rule: 'matter case', isPartial: true });
  expect(run.unknown()).toMatchObject([{ code: 'ACCESS_DENIED' }]);
});

it('protect begins anew what it passed while matters were unknown', async () => {
  const { refuse, open, cloud, until, protect, resume, repairs, upload } = await world();
  refuse(['Put', 'Get'], notOffered);
  await open('case', {});
  await upload('fin-1', 'until/bad');
  await cloud.advance(60 * day);
  const before = await until();
  cloud.oss.faults.add({ operation: 'ListObjectVersions', bucket: 'evidence', effect: denied });
  // It is stopped behind the only page, where its report is to be stored.
  cloud.oss.faults.add({ operation: 'PutObject', bucket: 'letters', effect: denied });
  const report = ['--report', 'oss://letters/reports/'];
  expect(await protect(...report)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('ACCESS_DENIED'),
  });
  expect(await until(), 'the matter was not known').toBe(before);
  cloud.oss.faults.clear();
  const again = await resume(...report);
  expect(again).toMatchObject({ code: 0, stderr: expect.stringContaining('it begins anew') });
  expect(await until()).toBeGreaterThan(before ?? 0);
  expect(await repairs()).toMatchObject([{ bucket: 'fin-1' }]);
});
