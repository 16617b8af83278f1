import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readPolicies } from '../../cli/options/read-policies.ts';
import { createRetentionBucket, plainClient } from '../../local/plain-client.ts';
import { needsOf } from '../../shared/deploy/role-needs.ts';
import { withDefaultPermissions } from '../../shared/init/account/default-permissions.ts';
import { bucketRules, defaultsOfBucket, objectRulesOfBucket } from '../../shared/rules/match.ts';
import { runCli } from '../support/cli.ts';
import { holdfastCloud, invoke, policyTimer } from '../support/holdfast-cloud.ts';
import { validRules } from '../support/rules-file.ts';
import { storageOf } from '../support/storage-of.ts';
import { temporaryFolder } from '../support/store.ts';

const text = `version: 1
limits: { maxRetention: 10y }
defaults:
  - { name: month, match: { bucket: month-* }, retain: 30d }
`;
const rules = validRules(text);

/** These are the permissions that rules under `defaults` make the timer need on a bucket beyond what ram/ has. */
const added = needsOf(
  'policy-timer',
  rules,
  [
    {
      name: 'month-*',
      objectRules: objectRulesOfBucket(rules, 'month-1'),
      bucketRules: bucketRules(rules, 'month-1'),
      defaultRules: defaultsOfBucket(rules, 'month-1'),
    },
  ],
  { functionName: '', rulesAt: undefined, inventories: [] },
).filter(({ resource }) => resource === 'month-*');

/** The files of ram/, with these permissions for the timer. */
function policies(actions: readonly string[]): string {
  const folder = temporaryFolder();
  cpSync('ram', folder, { recursive: true });
  const file = join(folder, 'policy-timer.json');
  const policy = JSON.parse(readFileSync(file, 'utf8'));
  policy.Statement.push({ Effect: 'Allow', Action: actions, Resource: ['acs:oss:*:*:month-*'] });
  writeFileSync(file, JSON.stringify(policy));
  return folder;
}

const actions = added.map(({ action }) => action);

it.each([
  ['with all of them', actions, true],
  ...actions.map(
    (action) =>
      [
        `not without ${action}`,
        [...actions.filter((each) => each !== action), 'oss:Nothing'],
        false,
      ] as const,
  ),
] as const)(
  'the timer puts the default retention under the permissions that the rules need: %s',
  async (_, given, isPut) => {
    const cloud = await holdfastCloud(text, { policies: policies(given) });
    await createRetentionBucket(cloud.url, 'month-1');
    await plainClient(cloud.url, 'other').putBucket('other');
    const { error } = await invoke(cloud, policyTimer, { triggerName: 't' });
    expect(error === undefined).toBe(isPut);
    if (!isPut) expect(error?.errorMessage).toMatch(/month-1: ACCESS_DENIED: .* on oss:\/\/month-1/);
    const worm = await storageOf(cloud).getObjectWorm('month-1');
    expect(worm?.defaultRetention !== undefined).toBe(isPut);
  },
);

/** Tells whether the timer puts the default retention of a bucket under the policies of a folder. */
async function putsDefault(rulesText: string, ram: string, bucket: string): Promise<boolean> {
  const cloud = await holdfastCloud(rulesText, { policies: ram });
  for (const name of [bucket, 'letters', 'other']) await createRetentionBucket(cloud.url, name);
  await invoke(cloud, policyTimer, { triggerName: 't' });
  return (await storageOf(cloud).getObjectWorm(bucket))?.defaultRetention !== undefined;
}

it('init gives them where it writes a rule under defaults, for its buckets and the timer alone', async () => {
  const answers = ['--region', 'cn-hangzhou', '--object-bucket', 'fin-eu', '--keep', '7y', '--max', '10y'];
  const init = async (...more: string[]) => {
    const cwd = temporaryFolder();
    const { code } = await runCli(['init', ...answers, '--dead-letters', 'oss://letters/dead/', ...more], {
      cwd,
    });
    expect(code).toBe(0);
    const policy = (name: string) => readFileSync(join(cwd, 'ram', `${name}.json`), 'utf8');
    return { cwd, rules: readFileSync(join(cwd, 'rules.yaml'), 'utf8'), policy };
  };
  // Without buckets for the timer nothing deploys it.
  const archives = ['--archive-bucket', 'archive-1'];
  const without = await init(...archives);
  await init('--default-retention', '30d').then(({ policy }) => policy('policy-timer'));
  expect(without.rules).not.toContain('defaults:');
  expect(without.policy('policy-timer')).not.toContain('ObjectWormConfiguration');
  const { cwd, rules: written, policy } = await init(...archives, '--default-retention', '30d');
  expect(written).toMatch(
    /^defaults:\n {2}- name: \S+\n {4}match:\n {6}bucket: \[fin-eu\]\n {4}retain: 30d$/m,
  );
  const statements: { Action: string[]; Resource: string[] }[] = JSON.parse(policy('policy-timer')).Statement;
  expect(statements.filter(({ Action }) => Action.some((action) => actions.includes(action)))).toEqual([
    { Effect: 'Allow', Action: actions, Resource: ['acs:oss:*:*:fin-eu'] },
  ]);
  for (const other of ['object-created', 'protect-existing', 'dead-letter'])
    expect(policy(other)).not.toContain('PutBucketObjectWormConfiguration');
  expect(await putsDefault(written, join(cwd, 'ram'), 'fin-eu')).toBe(true);
  expect(await putsDefault(written, join(without.cwd, 'ram'), 'fin-eu')).toBe(false);
});

it('setup adds them to what ram/ has, by the globs of the rules, unless they are there', async () => {
  const given = await readPolicies('ram');
  const { policies: filled, added: statement, byHand } = withDefaultPermissions(given, rules);
  expect(JSON.parse(statement ?? '')).toEqual({
    ...{ Effect: 'Allow', Action: actions, Resource: ['acs:oss:*:ACCOUNT:month-*'] },
  });
  expect(byHand).toEqual([]);
  const folder = temporaryFolder();
  for (const [name, content] of filled) writeFileSync(join(folder, name), content);
  expect(await putsDefault(text, folder, 'month-1')).toBe(true);
  expect(withDefaultPermissions(filled, rules).added).toBeUndefined();
  expect(withDefaultPermissions(given, { ...rules, defaults: [] })).toEqual({
    ...{ policies: given, added: undefined, byHand: [] },
  });
  const odd = validRules(text.replace('month-*', '["fin-{a,b}", "!fin-c"]'));
  expect(withDefaultPermissions(given, odd)).toMatchObject({ added: undefined, byHand: ['month'] });
});

it('two permissions are all that is added', () => {
  expect(actions).toEqual(['oss:GetBucketObjectWormConfiguration', 'oss:PutBucketObjectWormConfiguration']);
});
