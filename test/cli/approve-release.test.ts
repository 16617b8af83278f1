import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { expect, it, onTestFinished, vi } from 'vitest';
import { here } from '../../cli/terminal/confirm.ts';
import { plainClient } from '../../local/plain-client.ts';
import { approvalTestWorld } from '../support/approval-world.ts';
import { releasesIn } from '../support/releases.ts';

it('a matter is released when somebody else has approved it, and the evidence says who', async () => {
  const world = await approvalTestWorld();
  const { second, isHeld } = world;
  const version = await world.upload('fin-1', 'a');
  await world.open('case-1', {});
  const refused = { code: 'APPROVAL_MISSING', message: expect.stringContaining('release of matter case-1') };
  await expect(world.release('case-1')).rejects.toMatchObject(refused);
  expect(await isHeld('fin-1', 'a', version)).toBe(true);

  const dry = await world.release('case-1', { dryRun: true });
  const act = { act: 'release', matter: 'case-1' };
  expect(dry.json).toMatchObject({ dryRun: true, approval: act, cloud: 'oss' });
  // An approval is of use in the evidence of the act's own cloud alone.
  writeFileSync(join(world.folder, 'act.json'), JSON.stringify({ ...Object(dry.json), cloud: 'obs' }));
  const elsewhere = await second('approve', 'act.json', '--yes');
  expect(elsewhere).toMatchObject({ code: 2, stderr: expect.stringContaining('name --cloud obs') });
  writeFileSync(join(world.folder, 'act.json'), JSON.stringify(dry.json));
  expect(await second('approve', 'act.json', '--yes')).toMatchObject({ code: 0, stderr: '' });
  // Keys of sessions act for nobody, and whoever has approved cannot release.
  const session = world.release('case-1', {}, (each) => ({ ...each, isTemporaryCaller: true }));
  await expect(session).rejects.toMatchObject({ code: 'CALLER_TEMPORARY' });
  const approver = { caller: 'approver', callerFrom: 'a test' };
  const own = world.release('case-1', {}, (each) => ({ ...each, caller: () => approver }));
  await expect(own).rejects.toMatchObject({ code: 'APPROVAL_OWN' });
  expect(await isHeld('fin-1', 'a', version)).toBe(true);

  expect((await world.release('case-1')).json).toMatchObject({ lifted: 1, complete: true });
  expect(await isHeld('fin-1', 'a', version)).toBe(false);
  expect(await releasesIn(world)).toMatchObject([
    { matter: 'case-1', approvedBy: 'approver', approval: expect.stringMatching(/^approvals\/approver\//) },
  ]);
  // The plan of a release that is done is no plan any more.
  expect((await second('approve', 'act.json', '--yes')).stderr).toContain('error PLAN_CHANGED');
});

it('is asked for again behind the question, during which an approval may be taken back', async () => {
  const world = await approvalTestWorld();
  const { second, storage, cloud, isHeld } = world;
  const version = await world.upload('fin-1', 'a');
  await world.open('case-1', {});
  const dry = await world.release('case-1', { dryRun: true });
  writeFileSync(join(world.folder, 'act.json'), JSON.stringify(dry.json));
  expect((await second('approve', 'act.json', '--yes')).code).toBe(0);
  const stdin = Object.assign(new PassThrough(), { isTTY: true });
  stdin.end('release\n');
  vi.spyOn(here, 'input', 'get').mockReturnValue(stdin);
  onTestFinished(() => void vi.restoreAllMocks());
  // It counts what it has before it asks.
  const taken = world.release('case-1', { yes: false }, (inner) => ({
    ...inner,
    storage: {
      ...inner.storage,
      listBuckets: () =>
        Object.assign(inner.storage.listBuckets(), {
          async *[Symbol.asyncIterator]() {
            for await (const { key } of storage.listVersions('evidence', 'decisions/approvals/'))
              await plainClient(cloud.url, 'evidence').delete(key); // a delete marker
            yield* inner.storage.listBuckets();
          },
        }),
    },
  }));
  await expect(taken).rejects.toMatchObject({ code: 'APPROVAL_MISSING' });
  expect(await isHeld('fin-1', 'a', version)).toBe(true);
});

it('whoever approves needs what docs/approvals.md says, and can do nothing else', async () => {
  const world = await approvalTestWorld();
  await world.upload('fin-1', 'a');
  await world.open('case-1', {});
  const dry = await world.release('case-1', { dryRun: true });
  writeFileSync(join(world.folder, 'act.json'), JSON.stringify(dry.json));
  const allow = (actions: readonly string[], ...resources: readonly string[]) => ({
    ...{ Effect: 'Allow', Action: actions },
    Resource: resources.map((each) => `acs:oss:*:*:${each}`),
  });
  const reads = ['oss:GetObject', 'oss:GetObjectVersion'];
  const writes = ['oss:PutObject', 'oss:PutObjectRetention'];
  const approveUnder = (without: string | undefined) => {
    const given = (actions: readonly string[]) => actions.filter((each) => each !== without);
    const Statement = [
      allow(given(writes), 'evidence/decisions/approvals/approver/*', 'evidence/decisions/2*'),
      allow(given(['oss:ListObjectVersions']), 'evidence'),
      allow(given(reads), 'evidence/decisions/*'),
    ].filter(({ Action }) => Action.length > 0);
    world.cloud.roles.attachToUser('approver', JSON.stringify({ Version: '1', Statement }));
    return world.second('approve', 'act.json', '--yes');
  };
  for (const action of [...reads, ...writes, 'oss:ListObjectVersions'])
    expect([action, (await approveUnder(action)).code]).toEqual([action, 1]);
  expect(await approveUnder(undefined)).toMatchObject({ code: 0, stderr: '' });
  expect((await world.second('hold', 'release', 'case-1', '--reason', 'x', '--yes')).code).toBe(1);
});
