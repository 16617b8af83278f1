import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { plainClient } from '../../local/plain-client.ts';
import { day, hour } from '../../shared/platform/instant.ts';
import { type ApprovalTestWorld, approvalRules, approvalTestWorld } from '../support/approval-world.ts';

const flat = (text: string): string => text.replaceAll(/\s+/g, ' ');

/** A world in which archive-1 is due to be locked, and a plan that says so. */
async function dueWorld() {
  const world = await approvalTestWorld();
  await world.initiate('archive-1', 365);
  await world.cloud.advance(2 * hour);
  expect((await world.run('plan', '--out', 'plan.json')).code).toBe(0);
  return world;
}

describe('holdfast apply, where the rules ask for an approval', () => {
  it('locks what somebody else has approved, and says so in the evidence', async () => {
    const { run, second, stateOf } = await dueWorld();
    const refused = await run('apply', 'plan.json', '--yes');
    expect(refused.code).toBe(1);
    expect(flat(refused.stderr)).toMatch(
      /error APPROVAL_MISSING: the rules ask that somebody else approves this first, and nobody has: lock of archive-1 \(policy \w+, 365 days\) what to do: make a plan of it with `holdfast plan --out plan.json`, and let somebody with another access key run `holdfast approve plan.json`/,
    );
    expect((await run('apply', 'plan.json', '--dry-run')).code).toBe(0);

    const wanting = await run('plan');
    expect(flat(wanting.stdout)).toMatch(
      /needs the approval of somebody else: lock of archive-1 .*: holdfast approve/,
    );

    const piped = await run('plan', '--out', '-');
    expect(flat(piped.stderr)).toContain(': holdfast approve plan.json (plan --out plan.json)');

    // One's own approval does not count, and is no harm.
    expect((await run('approve', 'plan.json', '--yes')).code).toBe(0);
    const own = await run('apply', 'plan.json', '--yes');
    expect(flat(own.stderr)).toMatch(
      /error APPROVAL_OWN: .* in use is \S+: it has approved the lock of archive-1/,
    );
    expect(await stateOf('archive-1')).toBe('InProgress');

    const approved = await second('approve', 'plan.json', '--yes', '--note', 'looked at', '--json');
    expect(approved).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(approved.stdout)).toMatchObject({
      ...{ format: 'holdfast.approve/1', approvedBy: 'approver', note: 'looked at' },
      subjects: [{ act: 'lock', bucket: 'archive-1', days: 365 }],
      approval: {
        bucket: 'evidence',
        key: expect.stringMatching(/^decisions\/approvals\/approver\/2026112\dT/),
      },
    });
    const planned = await run('plan', '--json');
    expect(JSON.parse(planned.stdout).approvals).toMatchObject([{ approved: true, approvedBy: 'approver' }]);
    expect((await run('apply', 'plan.json', '--yes')).code).toBe(0);
    expect(await stateOf('archive-1')).toBe('Locked');
    const listed = (await run('audit', 'list', '--json')).stdout.split('\n').filter(Boolean);
    const records = listed.map((line): unknown => JSON.parse(line));
    expect(records).toContainEqual(
      expect.objectContaining({ action: 'approved', caller: 'approver', reason: 'looked at' }),
    );
    expect(records).toContainEqual(
      expect.objectContaining({
        ...{ action: 'lock', approvedBy: 'approver' },
        approval: expect.stringMatching(/^approvals\/approver\//),
      }),
    );
  });

  it('shows in a plan that nobody knows what is approved, and fails; the plan can be kept all the same', async () => {
    const { run, second, cloud } = await dueWorld();
    expect((await second('approve', 'plan.json', '--yes')).code).toBe(0);
    cloud.oss.faults.add({
      ...{ operation: 'GetObject', bucket: 'evidence', key: 'decisions/approvals/' },
      effect: { status: 403, code: 'AccessDenied' },
    });
    const unread = await run('plan', '--out', 'plan.json');
    expect(unread).toMatchObject({ code: 1, stderr: '' });
    expect(flat(unread.stdout)).toMatch(
      /needs the approval .* ACCESS_DENIED what is approved is not known: .* what to do: .* kept in plan.json/,
    );
    const { approvals, approvalsUnknown } = JSON.parse((await run('plan', '--json')).stdout);
    expect(approvals).toMatchObject([{ approved: false }]);
    expect(approvalsUnknown).toMatchObject({ code: 'ACCESS_DENIED' });
    expect((await run('apply', 'plan.json', '--yes')).stderr).toContain('error ACCESS_DENIED');
  });

  it('takes no approval that has ended, that is of another policy, or that was taken back', async () => {
    const { run, second, stateOf, cloud } = await dueWorld();
    const approved = await second('approve', 'plan.json', '--yes', '--until', '59min', '--json');
    const { key } = JSON.parse(approved.stdout).approval;
    await cloud.advance(hour);
    const late = await run('apply', '--yes');
    expect(flat(late.stderr)).toMatch(
      /error APPROVAL_EXPIRED: the approval by approver ended at 2026-11-20T1\d:/,
    );

    expect((await second('approve', 'plan.json', '--yes')).code).toBe(0);
    const client = plainClient(cloud.url, 'archive-1');
    await client.abortBucketWorm('archive-1');
    await client.initiateBucketWorm('archive-1', '400');
    await cloud.advance(2 * hour);
    const other = await run('apply', '--yes');
    expect(flat(other.stderr)).toMatch(
      /error APPROVAL_OTHER: this was not approved: lock of archive-1 \(policy \w+, 400 days\)\. The approval by approver is of another plan: lock of archive-1 \(policy \w+, 365 days\)/,
    );
    // The plan of the first policy is no plan any more, so it cannot be approved either.
    const stale = await second('approve', 'plan.json', '--yes');
    expect(flat(stale.stderr)).toMatch(
      /error PLAN_CHANGED: .*bucket archive-1: its policy is \w+, InProgress, 400 days now/,
    );

    await run('plan', '--out', 'new.json');
    const again = JSON.parse((await second('approve', 'new.json', '--yes', '--json')).stdout);
    await plainClient(cloud.url, 'evidence').delete(again.approval.key);
    expect((await run('apply', '--yes')).stderr).toContain('error APPROVAL_OTHER');
    expect(key).not.toBe(again.approval.key);
    expect(await stateOf('archive-1')).toBe('InProgress');
  });

  it('takes what was approved before it was due', async () => {
    const { initiate, run, second, stateOf, cloud } = await approvalTestWorld();
    await initiate('archive-1', 365);
    await run('plan', '--out', 'early.json');
    expect((await second('approve', 'early.json', '--yes')).code).toBe(0);
    await cloud.advance(2 * hour);
    expect((await run('apply', '--yes')).code).toBe(0);
    expect(await stateOf('archive-1')).toBe('Locked');
  });

  it('counts no approval that somebody has written by another way, and names it', async () => {
    const { run, second, cloud, storage } = await dueWorld();
    const approved = await second('approve', 'plan.json', '--yes', '--json');
    const { bucket, key } = JSON.parse(approved.stdout).approval;
    const found = await storage.readText({ bucket, key });
    if (found === 'unchanged') throw new Error('it was not read');
    await plainClient(cloud.url, bucket).delete(key);
    await storage.writeText({ bucket, key: key.replace('/approver/', '/somebody/') }, found.text);
    const refused = await run('apply', 'plan.json', '--yes');
    expect(flat(refused.stderr)).toContain(
      'it lies in the folder of somebody, and says that it is of approver',
    );
    expect(refused.stderr).toContain('error APPROVAL_MISSING');
  });
});

/** Keeps what a command prints as a file that can be approved. */
async function planned(world: ApprovalTestWorld, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await world.run(...args, '--dry-run', '--json');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  writeFileSync(join(world.folder, 'act.json'), stdout);
  return 'act.json';
}

describe('what is done by hand', () => {
  it('needs the same approval: a lock, an extension, and long retention', async () => {
    const world = await approvalTestWorld();
    const { run, second, stateOf } = world;
    await world.initiate('archive-1', 365);
    const version = await world.upload('fin-1', 'a');
    const acts = [
      [
        ['policy', 'lock', 'oss://archive-1'],
        'holdfast policy lock oss://archive-1 --dry-run --json > plan.json',
      ],
      [
        ['policy', 'extend', 'oss://archive-1', '--days', '400'],
        'holdfast policy extend oss://archive-1 --days 400 --dry-run --json > plan.json',
      ],
      [
        ['retention', 'put', 'oss://fin-1/a', '--until', '2033-01-01'],
        `holdfast retention put oss://fin-1/a --version-id ${version} --until 2033-01-02T00:00:00Z --dry-run --json > plan.json`,
      ],
    ] as const;
    for (const [args, make] of acts) {
      const refused = await run(...args, '--yes');
      expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('error APPROVAL_MISSING') });
      expect(flat(refused.stderr)).toContain(`make a plan of it with \`${make}\``);
      expect(await second('approve', await planned(world, ...args), '--yes')).toMatchObject({ code: 0 });
      expect(await run(...args, '--yes')).toMatchObject({ code: 0 });
    }
    expect(await stateOf('archive-1')).toBe('Locked');
    const pasted = "b;touch pwn #'$(id).txt";
    await world.upload('fin-1', pasted);
    const put = await run('retention', 'put', `oss://fin-1/${pasted}`, '--until', '2033-01-01', '--yes');
    expect(flat(put.stderr)).toContain(
      "holdfast retention put 'oss://fin-1/b;touch pwn #'\\''$(id).txt' --version-id",
    );
    // What the rules ask nothing for needs nothing.
    expect(
      (await run('retention', 'put', 'oss://fin-1/a', '--until', '2033-01-02', '--yes')).stderr,
    ).toContain('APPROVAL_OTHER');
    await world.upload('fin-1', 'b');
    expect((await run('retention', 'put', 'oss://fin-1/b', '--for', '1y', '--yes')).code).toBe(0);
  });

  it('counts long retention from now, and not from the upload', async () => {
    const { run, upload, cloud } = await approvalTestWorld();
    await upload('fin-1', 'a');
    await cloud.advance(2 * 365 * day);
    const put = ['retention', 'put', 'oss://fin-1/a', '--yes', '--for'];
    expect((await run(...put, '8y')).stderr).toContain('APPROVAL_MISSING');
    expect((await run(...put, '6y')).code).toBe(0); // 4 years from now
  });
});

describe('holdfast approve', () => {
  it('takes no key of a session, whose end nobody knows', async () => {
    const world = await dueWorld();
    const { code, stderr } = await world.inSession('approve', 'plan.json', '--yes');
    expect({ code, stderr: flat(stderr) }).toEqual({
      code: 1,
      stderr: expect.stringContaining('error CALLER_TEMPORARY'),
    });
  });

  it('says until when in whole seconds, as the approval itself does', async () => {
    const world = await dueWorld();
    const { stdout } = await world.second('approve', 'plan.json', '--yes', '--json');
    expect(JSON.parse(stdout).until).toMatch(/T\d\d:\d\d:\d\dZ$/);
  });

  it.each([
    ['no JSON', 2, 'error APPROVAL_PLAN_INVALID: act.json is nothing that can be approved: it is not JSON'],
    ['{"bucket":"b"}', 2, 'it has no act that the rules asked an approval for'],
    [
      '{"approval":{"act":"lock","bucket":"b"}}',
      2,
      'error APPROVAL_PLAN_INVALID: act.json is nothing that can be approved: approval.wormId',
    ],
    ['{"approval":{"act":"lock","bucket":"b","wormId":"W","days":365}}', 1, 'error'],
    ['{"steps":[]}', 2, 'error PLAN_INVALID'],
  ])('refuses %s with exit code %i', async (text, exitCode, error) => {
    const world = await approvalTestWorld();
    writeFileSync(join(world.folder, 'act.json'), text);
    const { code, stderr } = await world.second('approve', 'act.json', '--yes');
    expect(code).toBe(exitCode);
    expect(flat(stderr)).toContain(error);
  });

  it('refuses an end that is past, too far or none, what needs nothing, and what nobody confirms', async () => {
    const world = await approvalTestWorld();
    await world.initiate('archive-1', 365);
    const file = await planned(world, 'policy', 'lock', 'oss://archive-1');
    const refused = async (...args: string[]) => flat((await world.second('approve', file, ...args)).stderr);
    expect(await refused('--yes', '--until', '2026-11-01')).toContain(
      'error USAGE: --until 2026-11-01 is past',
    );
    expect(await refused('--yes', '--until', '91d')).toContain('an approval lasts for 90 days at most');
    expect(await refused('--yes', '--until', 'soon')).toContain(
      'expected a duration such as 7d, or a date such as',
    );
    expect(await refused()).toContain('error NOT_CONFIRMED');
    expect(await refused('--yes', '--note', '  ')).toContain('error USAGE: --note is empty');
    expect(await refused('--yes', '--note', 'x'.repeat(1001))).toContain(
      'error USAGE: --note has 1001 characters, and 1000 at most are kept',
    );
    const keys: string[] = [];
    for await (const { key } of world.storage.listVersions('evidence', 'decisions/')) keys.push(key);
    expect(keys).toEqual([]);
    writeFileSync(join(world.folder, 'rules.yaml'), approvalRules.replace(/^approvals: .*\n/m, ''));
    expect(await refused('--yes')).toContain(
      'error USAGE: the rules ask for no approval of what is in act.json',
    );
  });
});
