import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { deliveries } from '../../../shared/deploy/deliveries.ts';
import { type OssTrigger, parseTemplate } from '../../../shared/deploy/template.ts';
import { component, serverlessDevs } from '../../../shared/deploy/tools.ts';
import { ossSetupFiles } from '../../../shared/init/files.ts';
import { readAnswers, type Texts } from '../../../shared/init/read-answers.ts';
import { parsePolicy } from '../../../shared/ram/policy.ts';
import { loadCases } from '../../../shared/rules-test/load.ts';
import { failuresOf, runCases } from '../../../shared/rules-test/run.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { validRules } from '../../support/rules-file.ts';

const policies = new Map(
  readdirSync('ram')
    .filter((name) => name.endsWith('.json'))
    .map((name) => [name, readFileSync(join('ram', name), 'utf8')]),
);
const shipped = { template: readFileSync('s.yaml', 'utf8'), policies };
const clock = manualClock('2026-11-20T10:00:00Z');

const given: Texts = {
  region: 'ap-southeast-1',
  objectBuckets: 'fin-eu,fin-us',
  archiveBuckets: 'archive-2026',
  keep: '7y',
  max: '10y',
  deadLetters: 'oss://my-letters/dead/',
};

function filesFor(texts: Texts) {
  const read = readAnswers(texts);
  if ('problems' in read) throw new Error(read.problems.join('\n'));
  const files = ossSetupFiles(shipped, read.answers, 'npx holdfast bundle');
  const text = (name: string) => files.get(name) ?? '';
  return { files, text };
}

const templateOf = (texts: Texts, environment = {}) =>
  parseTemplate(filesFor(texts).text('s.yaml'), 's.yaml', { environment, accountId: '1234567890123456' });

const never = (): never => {
  throw new Error('it is not there');
};

const isOss = (trigger: { triggerType: string }): trigger is OssTrigger => trigger.triggerType === 'oss';

/** Every resource that the policies name. */
function resourcesOf(texts: Texts): string[] {
  return [...filesFor(texts).files]
    .filter(([path]) => path.startsWith('ram/'))
    .flatMap(([, text]) => [...text.matchAll(/"(acs:[^"]+)"/g)].map(([, resource = '']) => resource));
}

describe('s.yaml', () => {
  test('is the one that ships, but for buckets, region and the command that brings the code', () => {
    const uncommented = (text: string) => text.replace(/^ *#.*\n/gm, '');
    const own = uncommented(
      filesFor({ ...given, objectBuckets: 'fin-eu', inventoryBucket: 'lists' }).text('s.yaml'),
    );
    const expected = uncommented(shipped.template)
      .replace("'cn-hangzhou'", "'ap-southeast-1'")
      .replace(/ {2}(bucket|inventoryBucket): .*\n/g, '')
      .replaceAll('${' + 'vars.bucket}', 'fin-eu')
      .replaceAll('${' + 'vars.inventoryBucket}', 'lists')
      .replaceAll('npm run build', 'npx holdfast bundle');
    expect(own).toBe(expected);
  });

  test('keeps the comments of what it keeps', () => {
    const text = filesFor(given).text('s.yaml');
    for (const comment of ['# One line is one entry.', '# The four ways in which', '# One bucket each.']) {
      expect(text.split(comment)).toHaveLength(2);
    }
    expect(text).not.toContain('HOLDFAST_BUCKET');
  });

  test('has a trigger for each bucket whose objects are retained, and they differ in nothing else', () => {
    const last = templateOf(given).functions.at(-1);
    const triggers = (last?.triggers ?? []).filter(isOss);
    expect(triggers.map(({ triggerName, sourceArn }) => [triggerName, sourceArn])).toEqual([
      ['uploads-fin-eu', 'acs:oss:ap-southeast-1:1234567890123456:fin-eu'],
      ['uploads-fin-us', 'acs:oss:ap-southeast-1:1234567890123456:fin-us'],
    ]);
    const [one, two] = triggers.map(({ triggerName, sourceArn, ...rest }) => rest);
    expect(one).toEqual(two);
  });

  test('has the region of the answers, until the environment names another', () => {
    expect(templateOf(given).functions.map(({ region }) => region)).not.toContain('cn-hangzhou');
    const [first] = templateOf(given, { HOLDFAST_REGION: 'cn-beijing' }).functions;
    expect(first?.region).toBe('cn-beijing');
  });

  test('leaves out the functions that would have nothing to do', () => {
    const names = (texts: Texts) => templateOf(texts).functions.map(({ functionName }) => functionName);
    expect(names({ ...given, archiveBuckets: '' })).toEqual([
      'holdfast-dead-letter',
      'holdfast-protect-existing',
      'holdfast-object-created',
    ]);
    expect(names({ ...given, objectBuckets: '' })).toEqual(['holdfast-dead-letter', 'holdfast-policy-timer']);
  });

  test('brings uploads by EventBridge where somebody else has a trigger, and all of that bucket alone', () => {
    const texts = { ...given, eventBridgeBuckets: 'fin-us' };
    const triggers = templateOf(texts).functions.at(-1)?.triggers ?? [];
    expect(triggers.map(({ triggerName, triggerType }) => [triggerName, triggerType])).toEqual([
      ['uploads-fin-eu', 'oss'],
      ['uploads-fin-us', 'eventbridge'],
    ]);
    const [, bridge] = deliveries(
      [{ name: 'object-created', props: templateOf(texts).functions.at(-1) ?? never() }],
      () => false,
    );
    expect(bridge).toMatchObject({
      bucket: 'fin-us',
      events: expect.arrayContaining(['oss:ObjectCreated:PutObject']),
    });
    expect(readAnswers({ ...given, eventBridgeBuckets: 'elsewhere' })).toEqual({
      problems: [expect.stringContaining('--event-bridge elsewhere')],
    });
  });

  test('names the tool and the component with the versions that were tried, by their full names', () => {
    const { devDependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
    expect(devDependencies['@serverless-devs/s']).toBe('3.1.10');
    expect(serverlessDevs).toBe('npx @serverless-devs/s@3.1.10');
    const text = filesFor(given).text('s.yaml');
    expect([...text.matchAll(/component: (.*)/g)].map(([, name]) => name)).toEqual(Array(4).fill(component));
    expect(text.match(/npx holdfast bundle/g)).toHaveLength(1);
    expect(text).not.toMatch(/npx s /);
  });

  test('repairs from inventories where a bucket for them is named', () => {
    const triggersOf = (texts: Texts) =>
      templateOf(texts).functions.find(({ functionName }) => functionName === 'holdfast-protect-existing')
        ?.triggers;
    expect(triggersOf(given)).toEqual([]);
    expect(triggersOf({ ...given, inventoryBucket: 'lists' })).toMatchObject([
      { triggerName: 'inventories-lists', sourceArn: 'acs:oss:ap-southeast-1:1234567890123456:lists' },
    ]);
  });
});

describe('the policies', () => {
  test('name the buckets of the answers and nothing that stands for an example', () => {
    const named = resourcesOf({ ...given, inventoryBucket: 'lists' }).map(
      (arn) => arn.split(/[:/]/)[4] ?? '',
    );
    const known = [
      '*',
      'fin-eu',
      'fin-us',
      'archive-2026',
      'my-letters',
      'lists',
      'functions',
      'project',
      'role',
    ];
    expect([...new Set(named)].filter((name) => !known.includes(name))).toEqual([]);
    for (const name of known) expect(named).toContain(name);
  });

  test('give what those that ship give, but for policies that nobody but people initiate', () => {
    const { files } = filesFor({ ...given, inventoryBucket: 'lists' });
    const actions = (text: string) =>
      new Set([...text.matchAll(/"((?:oss|fc|log):\w+)"/g)].map(([, action]) => action));
    for (const [name, text] of policies) {
      // No role has it: it is attached to whoever runs `holdfast export`.
      if (name === 'examiner.json') continue;
      const expected = actions(text);
      expected.delete('oss:InitiateBucketWorm');
      expected.delete('oss:AbortBucketWorm');
      expect(actions(files.get(`ram/${name}`) ?? '')).toEqual(expected);
    }
  });

  test('are for the roles that are needed, and no others', () => {
    const names = (texts: Texts) =>
      [...filesFor(texts).files.keys()].filter((path) => path.startsWith('ram/'));
    expect(names({ ...given, objectBuckets: '' }).sort()).toEqual([
      'ram/dead-letter.json',
      'ram/deployer.json',
      'ram/policy-timer.json',
      'ram/trust-functions.json',
    ]);
    expect(names({ ...given, archiveBuckets: '' })).not.toContain('ram/policy-timer.json');
  });
});

const bucketNames = fc.uniqueArray(
  fc.oneof(
    fc.constantFrom('null', 'true', '007', '1e3', '0x1f', 'yes', '2026-11-20'),
    fc.stringMatching(/^[a-z0-9][a-z0-9-]{1,20}[a-z0-9]$/),
  ),
  { maxLength: 4 },
);
const periods = fc.constantFrom(
  ...[
    ['1d', '30d'],
    ['30d', '10y'],
    ['26w', '18mo'],
    ['2mo', '3mo'],
    ['1mo', '31d'],
    ['P7Y', '10y'],
    ['10y', '3653d'],
    ['69y', '99y'],
  ],
);

test('for any answers that fit each other rules, cases, s.yaml and policies are valid, and the cases pass and cover all', () => {
  let accepted = 0;
  fc.assert(
    fc.property(bucketNames, bucketNames, periods, (objects, archives, [keep, max]) => {
      const texts = {
        ...given,
        objectBuckets: objects.join(),
        archiveBuckets: archives.join(' '),
        keep,
        max,
      };
      fc.pre(!('problems' in readAnswers(texts)));
      accepted += 1;
      const { files, text } = filesFor(texts);
      const rules = validRules(text('rules.yaml'));
      expect([...objects, ...archives].sort()).toEqual(
        [...rules.objects, ...rules.buckets].flatMap(({ match }) => match.bucket.globs).sort(),
      );
      const loaded = loadCases(text('rules.test.yaml'), 'rules.test.yaml');
      if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
      const run = runCases(() => rules, loaded.cases, clock);
      expect(failuresOf(run)).toEqual([]);
      expect(run.uncovered).toEqual([]);
      expect(templateOf(texts).functions.length).toBeGreaterThan(1);
      for (const [path, policy] of files) {
        if (path.startsWith('ram/') && !path.includes('trust')) parsePolicy(policy, path);
      }
    }),
    { numRuns: 30 },
  );
  expect(accepted).toBeGreaterThan(0);
});
