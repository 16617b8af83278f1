import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { cloudEnvironment, runCli } from '../support/cli.ts';
import { protectWorld } from '../support/protect-world.ts';

const rules = (objects: string) => `version: 1\nlimits: { maxRetention: 10y }\nobjects:\n${objects}`;
const plain = (retain: string) =>
  `  - { name: plain, match: { bucket: records, key: "plain/**" }, retain: ${retain} }\n`;
const old = rules(plain('1y'));
const fresh = rules(
  `${plain('3y')}  - { name: logs, match: { bucket: records, key: "logs/**" }, retain: 30d }\n`,
);
const prices =
  'version: 1\ncurrency: CNY\nperGbMonth: 0.12\nbuckets: [{ match: rec*, perGbMonth: 1073741824 }]\n';

async function diffWorld() {
  const world = await protectWorld(old);
  const file = (name: string, text: string) => writeFileSync(join(world.folder, name), text);
  file('old.yaml', old);
  file('new.yaml', fresh);
  file('prices.yaml', prices);
  for (const key of ['plain/1', 'plain/2', 'logs/a|b', 'other']) await world.upload(key);
  const run = (...args: string[]) =>
    runCli(args, { cwd: world.folder, env: cloudEnvironment(world.cloud.url) });
  return { ...world, file, run, diff: (...args: string[]) => run('diff', ...args) };
}

it('says in text, Markdown and JSON what becomes retained, for how long, and what it costs', async () => {
  const { diff } = await diffWorld();
  const text = await diff('old.yaml', 'new.yaml', '--prices', 'prices.yaml');
  expect(text).toMatchObject({ code: 0, stderr: '' });
  expect(text.stdout).toContain(
    '1 version (1 B) would become retained, until 2026-12-20T10:00:00Z at the latest.\n',
  );
  expect(text.stdout).toContain(
    '2 versions (2 B) would be retained for longer, until 2029-11-20T10:00:00Z at the latest.\n',
  );
  // 1 B for 30 days and 2 B for two years of 731 days, at 1 CNY a byte and month.
  expect(text.stdout).toContain(`Storage until then costs ${(1 + (2 * 731) / 30).toFixed(2)} CNY more.\n`);
  expect(text.stdout).toMatch(/^records +logs +1 +1 B +30 +2026-12-20$/m);
  expect(text.stdout).toMatch(/oss:\/\/records\/plain\/1\?versionId=\S+: 2027-11-20 -> 2029-11-20/);

  const markdown = await diff(
    'old.yaml',
    'new.yaml',
    '--format',
    'markdown',
    '--over',
    'oss://records/logs/',
  );
  expect(markdown.stdout).toContain(
    '### Retention: `new.yaml` instead of `old.yaml`\n\n- 1 version (1 B) would become retained',
  );
  expect(markdown.stdout).toContain('| records | logs | 1 | 1 B | 30 | 2026-12-20 |\n');

  const json: unknown = JSON.parse(
    (await diff('old.yaml', 'new.yaml', '--json', '--prices', 'prices.yaml')).stdout,
  );
  expect(json).toMatchObject({
    format: 'holdfast.diff/1',
    versions: 4,
    bytes: 4,
    before: { source: 'old.yaml', actions: { 'would-protect': 2, 'no-rule': 2 } },
    after: { source: 'new.yaml', actions: { 'would-protect': 3, 'no-rule': 1 } },
    cost: { currency: 'CNY', more: expect.closeTo(1 + (2 * 731) / 30, 3), less: 0, stays: 0 },
    changes: [
      {
        kind: 'newly-retained',
        bucket: 'records',
        rule: 'logs',
        versions: 1,
        bytes: 1,
        mostDays: expect.closeTo(30, 3),
        latest: '2026-12-20T10:00:00Z',
        cost: expect.closeTo(1, 3),
      },
      { kind: 'retained-longer', rule: 'plain', versions: 2, mostDays: 731, latest: '2029-11-20T10:00:00Z' },
    ],
  });
});

it('is a gate: 0 no difference, 2 a difference, 1 an error', async () => {
  const { diff, file, upload } = await diffWorld();
  const code = async (...args: string[]) => (await diff(...args, '--detailed-exitcode')).code;
  expect(await code('old.yaml', 'old.yaml')).toBe(0);
  expect(await code('old.yaml', 'new.yaml')).toBe(2);
  expect(await code('old.yaml', 'nowhere.yaml')).toBe(1);
  file(
    'tag.yaml',
    rules('  - { name: t, match: { bucket: records, tags: { until: "*" } }, retain: { untilTag: until } }\n'),
  );
  await upload('other', { until: 'never' });
  expect(await code('old.yaml', 'tag.yaml'), 'a version of which the new rules make nothing').toBe(1);
});

it('compares one file with the deployed rules, over an inventory', async () => {
  const { diff, client, inventory } = await diffWorld();
  await client.put('rules.yaml', Buffer.from(old));
  const url = await inventory([`"records","plain%2F1","null","true","false","2026-11-20T10:00:00Z","0"\n`]);
  const found = await diff(
    'new.yaml',
    '--rules',
    'oss://records/rules.yaml',
    '--inventory',
    url,
    '--over',
    'oss://records',
    '--no-head',
    '--json',
  );
  expect(JSON.parse(found.stdout)).toMatchObject({
    before: { source: 'oss://records/rules.yaml' },
    versionsFrom: url,
    versions: 1,
    changes: [{ kind: 'retained-longer', versions: 1, unsized: 1 }],
  });
});

it('takes the versions of a stored report, with what was stored then', async () => {
  const { diff, run, folder, file, upload } = await diffWorld();
  // A report is compared at the machine's time, whatever day the tests run on: the dates are decades ahead.
  const decades = (objects: string) => rules(objects).replace('10y', '60y');
  file('near.yaml', decades(plain('40y')));
  const logs = '  - { name: logs, match: { bucket: records, key: "logs/**" }, retain: 40y }\n';
  file('far.yaml', decades(`${plain('50y')}${logs}`));
  await run('protect', 'oss://records', '--yes', '--rules', 'near.yaml');
  await upload('logs/later', {});
  await run(
    'report',
    '--format',
    'jsonl',
    '--output',
    'report.jsonl',
    'oss://records',
    '--rules',
    'near.yaml',
  );
  const [head = '', first = ''] = readFileSync(join(folder, 'report.jsonl'), 'utf8').split('\n');
  expect(JSON.parse(head)).toMatchObject({ format: 'holdfast.report.versions/1', read: true });
  const found = await diff('far.yaml', 'near.yaml', '--report', 'report.jsonl', '--json');
  expect(JSON.parse(found.stdout)).toMatchObject({
    versions: 5,
    changes: [
      { kind: 'no-longer-retained', rule: 'logs', versions: 2 },
      { kind: 'retained-shorter', rule: 'plain', versions: 2, latest: '2066-11-20T10:00:00Z' },
    ],
  });
  const none = await diff('near.yaml', 'near.yaml', '--report', 'report.jsonl');
  expect(none.stdout).toMatch(/^No difference for 5 versions\.\n/);
  const gone = decades('  - { name: x, match: { bucket: other }, retain: 1y }\n');
  file('none.yaml', gone);
  expect((await diff('near.yaml', 'none.yaml', '--report', 'report.jsonl')).stdout).toContain(
    '2 versions (2 B) would stay retained although the rules no longer ask for it, until 2066-11-20T10:00:00Z at the latest.',
  );

  for (const [text, says] of [
    ['{"version":1,"at":"2026-01-01T00:00:00Z","cells":[]}\n', /report\.jsonl:1 .*made by an older Holdfast/],
    [
      `${head.replace('versions/1', 'versions/9')}\n`,
      /report\.jsonl:1 .*"holdfast\.report\.versions\/9", not holdfast\.report\.versions\/1/,
    ],
    [`${head}\n${first}\n{"bucket":1}\n`, /report\.jsonl:3 /],
    ['', /report\.jsonl:1 .*empty/],
  ] as const) {
    file('report.jsonl', text);
    const refused = await diff('old.yaml', 'new.yaml', '--report', 'report.jsonl');
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringMatching(says) });
    expect(refused.stderr).toMatch(/^error REPORT_INVALID/);
  }
  expect((await diff('old.yaml', 'new.yaml', '--report', 'nowhere.jsonl')).stderr).toMatch(
    /^error FILE_UNREADABLE/,
  );
});

it.each<[what: string, args: string[], says: RegExp, pricesText?: string]>([
  [
    'a typo in the prices',
    ['--prices', 'prices.yaml'],
    /^error PRICES_INVALID: 1 mistake in prices\.yaml:\nprices\.yaml:3:1 .*"perGBMonth".*perGbMonth/,
    'version: 1\ncurrency: CNY\nperGBMonth: 0.12\n',
  ],
  [
    'a price below 0',
    ['--prices', 'prices.yaml'],
    /^error PRICES_INVALID: .*\nprices\.yaml:3:13 /,
    'version: 1\ncurrency: CNY\nperGbMonth: -1\n',
  ],
  [
    'an inventory without a bucket',
    ['--inventory', 'oss://a/manifest.json'],
    /^error USAGE: --inventory is of one bucket/,
  ],
  ['a report and a bucket', ['--report', 'r', '--over', 'oss://a'], /^error USAGE: --report says/],
  ['two formats', ['--json', '--format', 'text'], /--json and --format text exclude each other/],
])('refuses %s', async (_what, args, says, pricesText = prices) => {
  const { diff, file } = await diffWorld();
  file('prices.yaml', pricesText);
  const refused = await diff('old.yaml', 'new.yaml', ...args);
  expect(refused.code).toBe(2);
  expect(refused.stderr || refused.stdout).toMatch(says);
});
