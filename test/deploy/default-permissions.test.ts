import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createRetentionBucket, plainClient } from '../../local/plain-client.ts';
import { needsOf } from '../../shared/deploy/role-needs.ts';
import { bucketRules, defaultsOfBucket, objectRulesOfBucket } from '../../shared/rules/match.ts';
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

it('two permissions are all that is added', () => {
  expect(actions).toEqual(['oss:GetBucketObjectWormConfiguration', 'oss:PutBucketObjectWormConfiguration']);
});
