import { describe, expect, it } from 'vitest';
import { checkTemplate } from '../../../shared/deploy/template.ts';
import { bucketsCheck } from '../../../shared/doctor/buckets.ts';
import { settingDifferences } from '../../../shared/doctor/compare.ts';
import { objectWormCheck } from '../../../shared/doctor/object-buckets.ts';
import { timerCheck } from '../../../shared/doctor/timer.ts';
import { triggersCheck } from '../../../shared/doctor/triggers.ts';
import { prerequisite, type World } from '../../../shared/doctor/world.ts';
import type { FunctionCatalog, RecordedRun } from '../../../shared/function-compute/catalog-port.ts';
import { failure } from '../../../shared/platform/errors.ts';
import { readOnly } from '../../../shared/storage/dry-run.ts';
import { createOssStorage } from '../../../shared/storage/oss/index.ts';
import type { BucketSummary, ObjectWormConfiguration } from '../../../shared/storage/port.ts';
import { functionProps, timerTrigger } from '../../support/functions.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { validRules } from '../../support/rules-file.ts';

const never = () => Promise.reject(failure('USAGE', { reason: 'not asked for here' }));

/** A world of which a test gives what its check looks at. */
function world(part: Partial<World>): World {
  const credentials = { accessKeyId: 'a', accessKeySecret: 'b' };
  const nowhere = createOssStorage({ region: 'cn-hangzhou', endpoint: 'http://127.0.0.1:1', credentials });
  return {
    asksFunctions: true,
    storage: readOnly(nowhere, () => undefined),
    clock: manualClock('2026-11-20T10:00:00Z'),
    region: 'cn-hangzhou',
    servedElsewhere: new Set(),
    rules: prerequisite('the rules', never),
    rulesPlace: 'rules.yaml',
    template: prerequisite('s.yaml', never),
    terraform: prerequisite('main.tf.json', never),
    templatePlace: 's.yaml',
    buckets: prerequisite('the list of buckets', never),
    catalog: prerequisite('Function Compute', never),
    account: prerequisite('the command line aliyun', never),
    accountId: undefined,
    builtFiles: never,
    policyText: never,
    ...part,
  };
}

const given = <Value>(value: Value) => prerequisite('it', () => Promise.resolve(value));
const inShort = (findings: readonly { status: string; about: string; message: string }[]) =>
  findings.map(({ status, about, message }) => `${status} ${about}: ${message}`);

describe('buckets', () => {
  const rules = validRules(`version: 1
limits: { maxRetention: 10y }
audit: oss://evidence/decisions/
objects:
  - { name: fin, match: { bucket: fin-* }, retain: 1y }
  - { name: named, match: { bucket: [ledger, "more-*"] }, retain: 1y }
  - { name: clash, match: { bucket: both }, retain: 1y }
buckets:
  - { name: archive, match: { bucket: "bo*" }, policy: { days: 365 } }
  - { name: empty, match: { bucket: empty-* }, policy: { days: 365 } }
`);
  const bucket = (name: string, region = 'cn-hangzhou'): BucketSummary => ({ name, region });

  it('are told one by one: there, elsewhere, under both kinds of rules, or missing', async () => {
    const buckets = given([bucket('fin-1'), bucket('fin-2', 'cn-beijing'), bucket('both'), bucket('other')]);
    expect(inShort(await bucketsCheck.run(world({ rules: given(rules), buckets })))).toEqual([
      'ok fin-1: is there, under fin',
      'warning fin-2: is in cn-beijing; cn-hangzhou is served here',
      expect.stringMatching(/^failure both: bucket both is matched by object rules \(clash\)/),
      'failure ledger: does not exist, and rule named names it',
      'warning empty-*: no bucket matches it, so rule empty has none',
      'failure evidence: does not exist, and the rules keep the audit there',
    ]);
  });
});

describe('ObjectWorm', () => {
  const rules = validRules(`version: 1
limits: { maxRetention: 10y }
objects:
  - { name: fin, match: { bucket: fin }, retain: 1y }
`);
  it.each<[ObjectWormConfiguration | undefined, string]>([
    [undefined, 'failure fin: is off'],
    [{}, 'ok fin: is on'],
    [
      { defaultRetention: { mode: 'COMPLIANCE', days: 30 } },
      'ok fin: is on; default retention COMPLIANCE, 30d',
    ],
    [
      { defaultRetention: { mode: 'COMPLIANCE', years: 10 } },
      'ok fin: is on; default retention COMPLIANCE, 10y',
    ],
    [
      { defaultRetention: { mode: 'COMPLIANCE', years: 11 } },
      'failure fin: the default retention is COMPLIANCE, 11y, which outranks limits.maxRetention (10y)',
    ],
    [
      { defaultRetention: { mode: 'GOVERNANCE', days: 1 } },
      'failure fin: the default retention is GOVERNANCE, 1d: each upload comes under GOVERNANCE',
    ],
  ])('%j: %s', async (worm, expected) => {
    const part = world({ rules: given(rules), buckets: given([{ name: 'fin', region: 'cn-hangzhou' }]) });
    const storage = { ...part.storage, getObjectWorm: () => Promise.resolve(worm) };
    const [finding] = inShort(await objectWormCheck.run({ ...part, storage }));
    expect(finding?.startsWith(expected), finding).toBe(true);
  });
});

describe('the timer', () => {
  const template = (asyncTask: boolean) =>
    checkTemplate(
      {
        edition: '3.0.0',
        name: 'test',
        access: 'default',
        resources: {
          timer: {
            component: 'fc3',
            props: {
              ...functionProps('timer', [timerTrigger('0 */15 * * * *')]),
              code: './policy-timer',
              asyncInvokeConfig: { asyncTask, maxAsyncRetryAttempts: 1, maxAsyncEventAgeInSeconds: 900 },
            },
          },
        },
      },
      's.yaml',
    );
  const catalogWith = (runs: readonly RecordedRun[]): FunctionCatalog => ({
    getFunction: never,
    getAsyncConfig: never,
    listTriggers: async () => [],
    getCode: never,
    listRuns: async () => runs,
  });
  const run = (status: string, minutesAgo: number): RecordedRun => ({
    status,
    startedAt: new Date(Date.parse('2026-11-20T10:00:00Z') - minutesAgo * 60_000),
  });

  it.each<[string, readonly RecordedRun[], boolean, string]>([
    ['ran lately', [run('Succeeded', 5)], true, 'ok'],
    ['runs just now', [run('Running', 0), run('Succeeded', 15)], true, 'ok'],
    ['missed one run', [run('Succeeded', 31)], true, 'ok'],
    ['missed two runs', [run('Succeeded', 32)], true, 'failure'],
    ['failed', [run('Failed', 5), run('Succeeded', 20)], true, 'warning'],
    ['never ran', [], true, 'failure'],
    ['is not recorded', [], false, 'not-checked'],
  ])('%s', async (_, runs, asyncTask, status) => {
    const part = { template: given(template(asyncTask)), catalog: given(catalogWith(runs)) };
    const [finding] = await timerCheck.run(world(part));
    expect(finding).toMatchObject({ about: 'timer', status });
  });

  it('is nothing without its trigger', async () => {
    const part = { template: given(template(true)), catalog: given(catalogWith([])) };
    expect(inShort(await triggersCheck.run(world(part)))).toEqual(['failure timer/timer: is not in place']);
  });
});

describe('comparing what is deployed', () => {
  const arn = 'acs:ram::$' + "{config('AccountID')}:role/a";
  it('knows an ARN again when the account is not known here, and no other', () => {
    expect(settingDifferences({ role: [arn, 'acs:ram::123:role/a'] })).toBeUndefined();
    expect(settingDifferences({ role: [arn, 'acs:ram::123:role/b'] })).toContain('role is');
    expect(settingDifferences({ role: [arn, 'acs:ram::x:role/a'] })).toContain('role is');
    expect(settingDifferences({ a: [1, 1], b: [undefined, 'x'] })).toBe('b is "x", not unset');
  });
});
