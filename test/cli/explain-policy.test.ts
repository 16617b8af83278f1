import { describe, expect, it } from 'vitest';
import { folderWith, runCli } from '../support/cli.ts';

const rules = `version: 1
limits: { maxRetention: 10y }
objects:
  - name: both
    match: { bucket: archive-both }
    retain: 1y
buckets:
  - name: archive
    match: { bucket: archive-* }
    policy:
      days: { atLeast: 180, atMost: 3650 }
      extend: { within: 30d, by: 365d, upTo: 3650d }
  - name: backups
    match: { bucket: backup-* }
    policy: { days: 35, initiate: true }
  - name: watched
    match: { bucket: "{watch,archive-two}-*" }
    policy: { days: 35, lock: false }
`;

const explain = (...args: string[]) =>
  runCli(['explain', ...args], { cwd: folderWith({ 'rules.yaml': rules }) });

const created = ['--created', '2026-11-20T10:00:00Z'];
const at = (time: string) => ['--at', time];

describe('holdfast explain, of a policy in words', () => {
  it('says of every bucket rule whether it matches the bucket, and asks nobody for the rest', async () => {
    const { code, stdout } = await explain(
      'oss://archive-1',
      '--days',
      '365',
      ...created,
      ...at('2026-11-21T05:00Z'),
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(/^archive +yes$/m);
    expect(stdout).toMatch(/^backups +no +bucket archive-1 does not match backup-\*$/m);
    expect(stdout).toMatch(/^lock deadline +2026-11-21T10:00:00Z \(5\.0 hours left\)$/m);
    expect(stdout).toMatch(/^next +locked at 2026-11-21T06:00:00Z unless aborted before \(irreversible\)$/m);
    expect(stdout).not.toMatch(/^policy /m);
  });

  it.each([
    {
      what: 'old enough to be locked',
      args: ['oss://archive-1', '--days', '365', ...created, ...at('2026-11-21T07:00Z')],
      next: 'locked at the next run unless aborted before; lapses at 2026-11-21T10:00:00Z (irreversible)',
    },
    {
      what: 'watched',
      args: ['oss://watch-1', '--days', '35', ...created, ...at('2026-11-21T07:00Z')],
      next: 'lapses at 2026-11-21T10:00:00Z unless a person locks it before',
    },
    {
      what: 'lapsed',
      code: 1,
      args: ['oss://archive-1', '--days', '365', ...created, ...at('2026-11-22')],
      next: 'lapsed since 2026-11-21T10:00:00Z; every run reports it until a person decides',
    },
    {
      what: 'lapsed, where the rule initiates',
      args: ['oss://backup-1', '--policy-state', 'Expired', '--days', '35', ...created, ...at('2026-11-22')],
      next: 'aborted at the next run and initiated anew with 35 days, and locked 20h later unless aborted',
    },
    {
      what: 'not acceptable',
      code: 1,
      args: ['oss://archive-1', '--days', '3', ...created, ...at('2026-11-21')],
      next: 'lapses at 2026-11-21T10:00:00Z unless a person locks it; every run reports it until a person decides',
    },
    {
      what: 'missing, where the rule initiates',
      args: ['oss://backup-1', '--policy-state', 'none'],
      next: 'initiated at the next run with 35 days, and locked 20h later unless aborted',
    },
    {
      what: 'locked and not near its end',
      args: ['oss://archive-1', '--policy-state', 'Locked', '--days', '365', ...created, ...at('2027-01-01')],
      next: 'extended at 2027-10-21T10:00:00Z from 365 to 730 days (irreversible)',
    },
    {
      what: 'locked and near its end',
      args: ['oss://archive-1', '--policy-state', 'Locked', '--days', '365', ...created, ...at('2027-11-01')],
      next: 'extended at the next run from 365 to 730 days (irreversible)',
    },
    {
      what: 'locked at the cap',
      args: [
        'oss://archive-1',
        '--policy-state',
        'Locked',
        '--days',
        '3650',
        ...created,
        ...at('2027-11-01'),
      ],
      next: 'from 2036-10-18T10:00:00Z on every run reports that it cannot be extended: 3650 days is the cap',
    },
    {
      what: 'locked, where the rule does not extend',
      args: ['oss://backup-1', '--policy-state', 'Locked', '--days', '35', ...created, ...at('2026-11-22')],
      next: 'stays as it is: the rule does not extend',
    },
  ])('that is $what: $next', async ({ args, next, code = 0 }) => {
    const result = await explain(...args);
    expect(result.stdout).toContain(`\nnext           ${next}\n`);
    expect(result.code).toBe(code);
  });

  it.each([
    { bucket: 'archive-both', code: 'RULES_COLLIDE' },
    { bucket: 'archive-two-1', code: 'BUCKET_RULES_OVERLAP' },
  ])(
    'says of $bucket which rules claim it together, and that nothing will be done',
    async ({ bucket, code }) => {
      const text = await explain(`oss://${bucket}`);
      expect(text.code).toBe(1);
      expect(text.stdout).toMatch(/^archive +yes$/m);
      expect(text.stdout).toContain('next           nothing: the timer leaves the bucket alone');
      expect(text.stdout).toContain(`error ${code}: `);
      const json = JSON.parse((await explain(`oss://${bucket}`, '--json')).stdout);
      expect(json).toMatchObject({ bucket, rule: null, next: null, errors: [{ code }] });
    },
  );

  it.each([
    { approvals: '{ lock: true }', state: 'InProgress', act: 'lock' },
    { approvals: '{ extend: true }', state: 'InProgress', act: null },
    { approvals: '{ extend: true }', state: 'Locked', act: 'extend' },
    { approvals: '{ retain: { longerThan: 364d } }', state: 'InProgress', act: 'lock' },
    { approvals: '{ retain: { longerThan: 366d } }', state: 'InProgress', act: null },
  ])(
    'says what of it somebody else has to approve: $approvals, $state',
    async ({ approvals, state, act }) => {
      const text = `${rules}approvals: ${approvals}\naudit: oss://evidence/x/\n`;
      const cwd = folderWith({ 'rules.yaml': text });
      const described = ['oss://archive-1', '--policy-state', state, '--days', '365', ...created];
      const when = at(state === 'Locked' ? '2027-11-01' : '2026-11-20T11:00Z');
      const shown = await runCli(['explain', ...described, ...when], { cwd });
      const json = JSON.parse((await runCli(['explain', ...described, ...when, '--json'], { cwd })).stdout);
      expect(json, shown.stdout).toMatchObject({ needsApproval: act });
      if (act === null) expect(shown.stdout).not.toContain('approval');
      else expect(shown.stdout).toMatch(/^approval +the (lock|extension) is not done before somebody else/m);
    },
  );

  it('gives machines the same', async () => {
    const { stdout } = await explain(
      'oss://archive-1',
      '--days',
      '365',
      ...created,
      ...at('2026-11-21T05:00Z'),
      '--json',
    );
    expect(JSON.parse(stdout)).toEqual({
      format: 'holdfast.explain/1',
      cloud: 'oss',
      bucket: 'archive-1',
      rule: 'archive',
      rules: [
        { rule: 'archive', matched: true, says: '' },
        { rule: 'backups', matched: false, says: 'bucket archive-1 does not match backup-*' },
        { rule: 'watched', matched: false, says: 'bucket archive-1 does not match {watch,archive-two}-*' },
      ],
      objectRules: [],
      policy: {
        state: 'InProgress',
        days: 365,
        createdAt: '2026-11-20T10:00:00Z',
        lockDeadline: '2026-11-21T10:00:00Z',
        hoursLeft: 5,
      },
      decision: expect.objectContaining({ action: 'wait', until: '2026-11-21T06:00:00Z' }),
      next: {
        action: 'lock',
        at: '2026-11-21T06:00:00Z',
        irreversible: true,
        says: 'locked at 2026-11-21T06:00:00Z unless aborted before (irreversible)',
      },
      needsApproval: null,
      errors: [],
    });
  });

  it.each([
    { args: ['oss://archive-1', '--policy-state', 'Locked'], reason: 'needs --days' },
    { args: ['oss://archive-1', '--policy-state', 'none', '--days', '3'], reason: 'has neither --days nor' },
    {
      args: ['oss://archive-1', '--days', '3', '--created', '2027-01-01', ...at('2026-01-01')],
      reason: 'later than',
    },
    {
      args: ['oss://archive-1', '--days', '3', '--created', 'soon'],
      reason: '--created soon: expected ISO 8601',
    },
    { args: ['oss://archive-1', '--days', 'many'], reason: 'whole number' },
    { args: ['oss://archive-1/key', '--days', '3'], reason: 'of a bucket, not an object' },
  ])('refuses $args as wrong usage', async ({ args, reason }) => {
    const { code, stderr } = await explain(...args);
    expect(code).toBe(2);
    expect(stderr).toContain(reason);
  });
});
