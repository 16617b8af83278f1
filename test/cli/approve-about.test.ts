import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { toldByPlan, toldOfRelease, toldOfRun } from '../../cli/approve/told.ts';
import { plainClient } from '../../local/plain-client.ts';
import { approvalTestWorld } from '../support/approval-world.ts';

/** A world with a kept plan of an act, and what somebody else is shown when they approve it. */
async function shownWorld() {
  const world = await approvalTestWorld();
  return {
    ...world,
    async shown(document: unknown, ...args: string[]) {
      const text = typeof document === 'string' ? document : JSON.stringify(document);
      writeFileSync(join(world.folder, 'act.json'), text);
      return await world.second('approve', 'act.json', '--yes', ...args);
    },
  };
}

describe('holdfast approve shows what is approved', () => {
  it('the matter of a release as the evidence has it, and what the plan says of it', async () => {
    const { shown, open, release, upload } = await shownWorld();
    await upload('fin-1', 'a', { client: 'acme' });
    await open('case-1', { tag: ['client=acme'], from: '2026-01-01', reason: 'Acme v. us' });
    const { json } = await release('case-1', { dryRun: true, reason: 'settled\u001b[2J' });
    const { code, stdout } = await shown(json);
    expect(code).toBe(0);
    expect(stdout.split('\n').filter(Boolean)).toEqual([
      expect.stringMatching(/^release of matter case-1 \(records sha256:[0-9a-f]{12}\)$/),
      expect.stringMatching(/^opened {9}2026-11-20T10:0\d:\S+Z by LTAIexample, from a test$/),
      'reason         Acme v. us',
      'match          oss://fin-*/**',
      'tag            client=acme',
      'from           2026-01-01T00:00:00Z',
      expect.stringMatching(/^held {11}2026-11-20T10:0\d:\S+Z 1 looked, 1 held, in 1 bucket$/),
      'why released   settled⟨U+001B⟩[2J',
      'plan says      1 hold would be taken off, 1 version could be deleted at once',
      expect.stringMatching(/^plan sha256:[0-9a-f]{64}$/),
      expect.stringMatching(/^approved by approver until 2026-11-27T10:0\d:\d\dZ$/),
    ]);
  });

  it('the rule and the policy of a lock, and the version of a date by hand', async () => {
    const { shown, initiate, run, upload, cloud } = await shownWorld();
    await initiate('archive-1', 365);
    const lock = await shown((await run('policy', 'lock', 'oss://archive-1', '--dry-run', '--json')).stdout);
    expect(lock.stdout).toMatch(
      /^lock of archive-1 .*\nrule {11}archives\npolicy {9}\S+\nstate {10}InProgress\n/,
    );
    await upload('fin-1', 'a');
    const args = ['retention', 'put', 'oss://fin-1/a', '--for', '6y', '--dry-run', '--json'];
    const put = (await run(...args)).stdout;
    const seen = await shown(put);
    expect(seen.stdout).toMatch(
      /^retention of oss:\/\/fin-1\/a .*\nsize {11}1 B\nmodified {7}2026-11-20T10:0\d:\S+Z\nretention {6}none: it can be deleted\n/,
    );
    // Whoever approves needs no right to look at objects.
    cloud.oss.faults.add({ operation: 'HeadObject', effect: { status: 403, code: 'AccessDenied' } });
    const unseen = await shown(put, '--note', 'unseen');
    expect(unseen).toMatchObject({ code: 0 });
    expect(unseen.stdout).toContain('version        it could not be looked at: ACCESS_DENIED');
    cloud.oss.faults.clear();
    await plainClient(cloud.url, 'fin-1').delete('a', { versionId: JSON.parse(put).versionId });
    expect((await shown(put, '--note', 'gone')).stdout).toContain('version        it is not there any more');
  });

  it('the size and the rules of a run', async () => {
    const { shown, upload, run, cloud } = await shownWorld();
    for (const key of ['a', 'b', 'c']) await upload('fin-1', key);
    await cloud.advance(2000);
    const planned = (await run('protect', 'oss://fin-1', '--dry-run', '--json')).stdout;
    expect((await shown(planned)).stdout).toMatch(
      /^retention of 3 versions in oss:\/\/fin-1 until .*\nrules {10}sha256:[0-9a-f]{12}\nplan says {6}3 B, 3 versions by fin\nplan sha256/,
    );
  });
});

it('shows nothing of a plan that has another form', () => {
  const document = { reason: 7, lifted: -1, deletableNow: 'x', lastDeletable: 'soon', bytes: {}, rules: [] };
  const told = toldByPlan.parse(document);
  expect([toldOfRelease(told), toldOfRun(told)]).toEqual([[], []]);
  expect(toldOfRun(toldByPlan.parse({ rules: { fin: { 'would-protect': 'all' } } }))).toEqual([]);
});

it('says what would fail, and when the last version could be deleted', () => {
  const told = toldByPlan.parse({ lifted: 2, failed: 1, lastDeletable: '2028-01-01T00:00:00.000Z' });
  expect(toldOfRelease(told)).toEqual([
    ['plan says', '2 holds would be taken off, all by 2028-01-01T00:00:00Z, 1 version failed'],
  ]);
  expect(toldOfRun(toldByPlan.parse({ bytes: 0, unsized: 1, failed: 2 }))).toEqual([
    ['plan says', '0 B and 1 version of unknown size, 2 versions could not be looked at'],
  ]);
});
