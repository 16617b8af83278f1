import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { loadTemplate } from '../../shared/deploy/template.ts';
import { capStatement } from '../../shared/ram/retention-cap.ts';
import { readRulesFile } from '../../shared/rules/read.ts';

/** The RAM actions that Holdfast may ask for, and whether they act on a bucket or on its objects (OSS, RAM actions). */
const known: Readonly<Record<string, RegExp>> = {
  'oss:ListBuckets': /^acs:oss:\*:ACCOUNT:\*$/,
  'oss:GetBucketWorm': /^acs:oss:\*:ACCOUNT:[^/*]+\*?$/,
  'oss:CompleteBucketWorm': /^acs:oss:\*:ACCOUNT:[^/*]+\*?$/,
  'oss:ExtendBucketWorm': /^acs:oss:\*:ACCOUNT:[^/*]+\*?$/,
  'oss:InitiateBucketWorm': /^acs:oss:\*:ACCOUNT:[^/*]+\*?$/,
  'oss:AbortBucketWorm': /^acs:oss:\*:ACCOUNT:[^/*]+\*?$/,
  'oss:ListObjectVersions': /^acs:oss:\*:ACCOUNT:[^/*]+\*?$/,
  'oss:GetObject': /^acs:oss:\*:ACCOUNT:[^/*]+\/(?:dead-letters\/(?:fan-out|repairs)\/)?\*$/,
  'oss:GetObjectVersion': /^acs:oss:\*:ACCOUNT:[^/*]+\/\*$/,
  'oss:GetObjectTagging': /^acs:oss:\*:ACCOUNT:[^/*]+\/\*$/,
  'oss:GetObjectVersionTagging': /^acs:oss:\*:ACCOUNT:[^/*]+\/\*$/,
  'oss:GetObjectRetention': /^acs:oss:\*:ACCOUNT:[^/*]+\/\*$/,
  'oss:PutObjectRetention': /^acs:oss:\*:ACCOUNT:[^/*]+\/\*$/,
  'oss:PutObject':
    /^acs:oss:\*:ACCOUNT:holdfast-dead-letters\/dead-letters\/(?:fan-out|repairs|letters)\/\*$/,
  'fc:InvokeFunction':
    /^acs:fc:REGION:ACCOUNT:functions\/holdfast-(?:object-created|protect-existing|dead-letter)(?:\/\*)?$/,
  'log:PostLogStoreLogs': /^acs:log:REGION:ACCOUNT:project\/holdfast-ACCOUNT\/logstore\/functions$/,
};

const statement = { Effect: z.literal('Allow') };
const permission = z.strictObject({
  Version: z.literal('1'),
  Statement: z
    .array(
      z.strictObject({
        ...statement,
        Action: z.array(z.string()).nonempty(),
        Resource: z.array(z.string()).nonempty(),
        Condition: z
          .strictObject({
            StringLike: z.strictObject({
              'oss:Prefix': z.tuple([z.string().regex(/^dead-letters\/[a-z-]+\/\*$/)]),
            }),
          })
          .optional(),
      }),
    )
    .nonempty(),
});
const trust = z.strictObject({
  Version: z.literal('1'),
  Statement: z.tuple([
    z.strictObject({
      ...statement,
      Action: z.literal('sts:AssumeRole'),
      Principal: z.strictObject({ Service: z.tuple([z.enum(['fc.aliyuncs.com', 'oss.aliyuncs.com'])]) }),
    }),
  ]),
});

const all = z.object({ Statement: z.array(z.looseObject({ Effect: z.string() })) });

/** A file without its denials, which take nothing but more away. */
function read(file: string): unknown {
  const document: unknown = JSON.parse(readFileSync(join('ram', file), 'utf8'));
  const { Statement } = all.parse(document);
  return { ...Object(document), Statement: Statement.filter(({ Effect }) => Effect !== 'Deny') };
}
const denialsOf = (file: string) =>
  all
    .parse(JSON.parse(readFileSync(join('ram', file), 'utf8')))
    .Statement.filter(({ Effect }) => Effect === 'Deny');
const actionsOf = (file: string) => [
  ...new Set(permission.parse(read(file)).Statement.flatMap(({ Action }) => Action)),
];

test('the folder holds these policies and no others', () => {
  const files = readdirSync('ram').filter((name) => name.endsWith('.json'));
  expect(files.sort()).toEqual([
    'dead-letter.json',
    'deployer.json',
    'examiner.json',
    'inventory.json',
    'object-created.json',
    'policy-timer.json',
    'protect-existing.json',
    'trigger.json',
    'trust-functions.json',
    'trust-trigger.json',
  ]);
});

test.each([
  'dead-letter.json',
  'examiner.json',
  'object-created.json',
  'policy-timer.json',
  'protect-existing.json',
  'trigger.json',
])('%s is a policy of known actions, each once and on what it acts on', (file) => {
  for (const { Action, Resource } of permission.parse(read(file)).Statement) {
    for (const action of Action) {
      const shape = known[action];
      expect(shape, `${action} is not known`).toBeDefined();
      for (const resource of Resource) expect(resource).toMatch(shape ?? /^$/);
    }
  }
  const pairs = permission
    .parse(read(file))
    .Statement.flatMap(({ Action, Resource }) =>
      Action.flatMap((each) => Resource.map((on) => `${each} ${on}`)),
    );
  expect(new Set(pairs).size).toBe(pairs.length);
});

test('the functions may do what they do, and nothing that ends a locked protection', () => {
  expect(actionsOf('object-created.json').sort()).toEqual([
    'fc:InvokeFunction',
    'log:PostLogStoreLogs',
    'oss:GetObject',
    'oss:GetObjectRetention',
    'oss:GetObjectTagging',
    'oss:GetObjectVersion',
    'oss:GetObjectVersionTagging',
    'oss:ListObjectVersions',
    'oss:PutObject',
    'oss:PutObjectRetention',
  ]);
  expect(actionsOf('policy-timer.json').sort()).toEqual([
    'log:PostLogStoreLogs',
    'oss:AbortBucketWorm',
    'oss:CompleteBucketWorm',
    'oss:ExtendBucketWorm',
    'oss:GetBucketWorm',
    'oss:GetObject',
    'oss:InitiateBucketWorm',
    'oss:ListBuckets',
    'oss:ListObjectVersions',
  ]);
  expect(actionsOf('protect-existing.json').sort()).toEqual([
    'fc:InvokeFunction',
    'log:PostLogStoreLogs',
    'oss:GetObject',
    'oss:GetObjectRetention',
    'oss:GetObjectTagging',
    'oss:GetObjectVersion',
    'oss:GetObjectVersionTagging',
    'oss:ListObjectVersions',
    'oss:PutObject',
    'oss:PutObjectRetention',
  ]);
  expect(actionsOf('dead-letter.json')).toEqual(['oss:PutObject', 'log:PostLogStoreLogs']);
});

test('dead letters may be written where the shipped rules put them', async () => {
  const { deadLetters } = await readRulesFile('rules.yaml');
  const resources = permission
    .parse(read('dead-letter.json'))
    .Statement.flatMap(({ Resource }) => Resource)
    .filter((resource) => resource.startsWith('acs:oss:'));
  expect(resources).toEqual([`acs:oss:*:ACCOUNT:${deadLetters?.bucket}/${deadLetters?.prefix}letters/*`]);
});

test('whoever may write retention may not write it beyond the cap of the shipped rules', async () => {
  const { limits } = await readRulesFile('rules.yaml');
  for (const file of readdirSync('ram').filter((name) => name.endsWith('.json'))) {
    const writes = readFileSync(join('ram', file), 'utf8').includes('oss:PutObjectRetention');
    expect([file, denialsOf(file)]).toEqual([file, writes ? [capStatement(limits.maxRetention)] : []]);
  }
});

/** What the real tool asked of Function Compute while it deployed and removed a trigger: method and path, F and T for names. */
const asked: readonly (readonly [request: string, action: string | undefined])[] = [
  ['GET /functions/F', 'fc:GetFunction'],
  ['POST /functions', 'fc:CreateFunction'],
  ['PUT /functions/F', 'fc:UpdateFunction'],
  ['GET /functions/F/triggers/T', 'fc:GetTrigger'],
  ['POST /functions/F/triggers', 'fc:CreateTrigger'],
  ['PUT /functions/F/triggers/T', 'fc:UpdateTrigger'],
  ['GET /functions/F/triggers', 'fc:ListTriggers'],
  ['DELETE /functions/F/triggers/T', 'fc:DeleteTrigger'],
  ['GET /functions/F/async-invoke-config', 'fc:GetAsyncInvokeConfig'],
  ['PUT /functions/F/async-invoke-config', 'fc:PutAsyncInvokeConfig'],
  ['GET /functions/F/vpc-bindings', 'fc:ListVpcBindings'],
  ['GET /functions/F/scaling-config', 'fc:GetScalingConfig'],
  ['GET /functions/F/concurrency', 'fc:GetConcurrencyConfig'],
  ['PUT /functions/F/concurrency', 'fc:PutConcurrencyConfig'],
  ['GET /tempBucketToken', undefined], // no RAM action is documented for it
];

test('whoever deploys may do what the tool asks for, and nothing that deletes a function', () => {
  const actions = actionsOf('deployer.json');
  const needed = asked.flatMap(([, action]) => action ?? []);
  expect(actions.filter((action) => action.startsWith('fc:')).sort()).toEqual(needed.sort());
  expect(actions.filter((action) => !action.startsWith('fc:')).sort()).toEqual([
    'oss:DeleteBucketEventNotification',
    'oss:GetBucketEventNotification',
    'oss:PutBucketEventNotification',
    'ram:PassRole',
  ]);
  const roles = functionsOfTemplate().map(({ role }) => role.split('role/')[1] ?? '');
  for (const role of [...roles, 'holdfast-trigger']) expect(role).toMatch(/^holdfast-/);
});

test('inventories are written into their bucket, and that is all their role may do', () => {
  expect(permission.parse(read('inventory.json')).Statement).toEqual([
    { Effect: 'Allow', Action: ['oss:PutObject'], Resource: ['acs:oss:*:ACCOUNT:INVENTORY/*'] },
  ]);
});

test('each role is taken on by the service that needs it', () => {
  const service = (file: string) => trust.parse(read(file)).Statement[0].Principal.Service[0];
  expect(service('trust-functions.json')).toBe('fc.aliyuncs.com');
  expect(service('trust-trigger.json')).toBe('oss.aliyuncs.com');
});

const functionsOfTemplate = () =>
  loadTemplate('s.yaml', { environment: {}, accountId: '1234567890123456' }).functions;

test('the README names every role that s.yaml uses, and every action', () => {
  const readme = readFileSync('ram/README.md', 'utf8');
  const roles = functionsOfTemplate().flatMap(({ role, triggers }) => [
    role,
    ...triggers.flatMap((trigger) => (trigger.triggerType === 'oss' ? [trigger.invocationRole] : [])),
  ]);
  for (const role of roles) expect(readme).toContain(`\`${role.split('role/')[1]}\``);
  for (const action of Object.keys(known)) expect(readme).toContain(`\`${action}\``);
});
