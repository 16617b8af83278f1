import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { isDeployed } from '../../shared/deploy/code-package.ts';
import { checkTemplate, loadTemplate, parseTemplate } from '../../shared/deploy/template.ts';

const text = readFileSync('s.yaml', 'utf8');
const sources = { environment: {}, accountId: '1234567890123456' };

const variable = (expression: string) => `\${${expression}}`;
const bucketVariable = variable("env('HOLDFAST_BUCKET', 'holdfast-records')");

/** The message for s.yaml with a piece of it replaced. */
function messageFor(piece: string | RegExp, replacement: string): string {
  const broken = text.replace(piece, replacement);
  expect(broken).not.toBe(text);
  try {
    parseTemplate(broken, 's.yaml', sources);
  } catch (error) {
    return String(error);
  }
  return 'accepted';
}

test('s.yaml is right, and is what the functions are', () => {
  const { functions } = loadTemplate('s.yaml', sources);
  expect(functions.map(({ functionName }) => functionName)).toEqual([
    'holdfast-dead-letter',
    'holdfast-protect-existing',
    'holdfast-policy-timer',
    'holdfast-object-created',
  ]);
  expect(functions.at(-1)).toMatchObject({
    region: 'cn-hangzhou',
    role: 'acs:ram::1234567890123456:role/holdfast-object-created',
    environmentVariables: { HOLDFAST_REGION: 'cn-hangzhou' },
    triggers: [
      {
        triggerName: 'uploads-holdfast-records',
        sourceArn: 'acs:oss:cn-hangzhou:1234567890123456:holdfast-records',
      },
    ],
  });
});

test('the environment changes what it is meant to change', () => {
  const environment = { HOLDFAST_REGION: 'ap-southeast-1', HOLDFAST_BUCKET: 'ledger' };
  const last = loadTemplate('s.yaml', { ...sources, environment }).functions.at(-1);
  expect(last).toMatchObject({
    region: 'ap-southeast-1',
    environmentVariables: { HOLDFAST_REGION: 'ap-southeast-1' },
    triggers: [
      { triggerName: 'uploads-ledger', sourceArn: 'acs:oss:ap-southeast-1:1234567890123456:ledger' },
    ],
  });
});

test.each([
  ['a misspelt prefix', 'prefix: ""', 'prefx: ""', 'filter.key: does not know "prefx"'],
  ['a missing suffix', /\n *suffix: ""/, '', 'filter.key.suffix: is missing'],
  ['a prefix with a slash', 'prefix: ""', 'prefix: /a', 'filter.key.prefix: may not start with "/"'],
  [
    'a wrong event name',
    'ObjectCreated:PostObject',
    'ObjectCreated:PutObjects',
    'did you mean oss:ObjectCreated:PutObject?',
  ],
  [
    'an event without oss:',
    'oss:ObjectCreated:PostObject',
    'ObjectCreated:PostObject',
    'events[1]: "ObjectCreated:PostObject" is no event of OSS',
  ],
  ['no events', /\n *- oss:ObjectCreated:\w+/g, '', 'triggers[0].triggerConfig.events: '],
  ['a cron of five fields', '0 */15 * * * *', '*/15 * * * *', 'cronExpression: "*/15 * * * *" has 5 fields'],
  ['a cron that never fires', '0 */15 * * * *', '0 0 0 30 2 *', 'never fires'],
  ['an unknown key', 'timeout: 60', 'timeOut: 60', 'dead-letter.props.timeout: is missing'],
  ['an unknown key', 'cpu: 0.1', 'cpu: 0.1\n      gpu: 1', 'dead-letter.props: does not know "gpu"'],
  [
    'a missing region',
    /\n *region: \$\{vars.region\}\n *description: Puts/,
    '\n      description: Puts',
    'props.region: is missing',
  ],
  ['a runtime that is not there', 'nodejs20', 'nodejs22', 'props.runtime: '],
  ['odd memory', 'memorySize: 256', 'memorySize: 200', 'props.memorySize: '],
  [
    'too much memory for the CPU',
    'memorySize: 256',
    'memorySize: 1024',
    'memorySize: is 10.00 GB for each vCPU',
  ],
  ['no time', 'timeout: 60', 'timeout: 0', 'props.timeout: '],
  ['more than a day', 'timeout: 60', 'timeout: 86401', 'props.timeout: '],
  ['too many attempts', 'Attempts: 8', 'Attempts: 9', 'asyncInvokeConfig.maxAsyncRetryAttempts: '],
  [
    'an age above 7 days',
    'Seconds: 86400',
    'Seconds: 604801',
    'asyncInvokeConfig.maxAsyncEventAgeInSeconds: ',
  ],
  [
    'glued log lines',
    'logBeginRule: None',
    'logBeginRule: DefaultRegex',
    'logConfig.logBeginRule: must be None',
  ],
  ['a role that is no ARN', /role: acs:ram.*object-created/, 'role: holdfast', 'props.role: is not an ARN'],
  ['another source', 'sourceArn: acs:oss:', 'sourceArn: acs:mns:', 'triggers[0].sourceArn: is not an ARN'],
  ['no invocation role', /\n *invocationRole: .*/, '', 'triggers[0].invocationRole: is missing'],
  ['an unknown trigger type', 'triggerType: timer', 'triggerType: tmier', 'triggers[0].triggerType: '],
  ['a reserved variable', 'HOLDFAST_RULES:', 'FC_RULES:', 'environmentVariables.FC_RULES: '],
  ['another component', 'component: fc3@0.1.22', 'component: fc', 'dead-letter.component: is not fc3@'],
  ['a version that is a range', 'fc3@0.1.22', 'fc3@^0.1', 'dead-letter.component: is not fc3@'],
  ['another qualifier', 'qualifier: LATEST', 'qualifier: prod', 'asyncInvokeConfig.qualifier: '],
  ['an action that is not known', 'pre-deploy:', 'pre-deplyo:', 'actions'],
  ['another edition', 'edition: 3.0.0', 'edition: 1.0.0', 'edition: '],
  [
    'two of the same name',
    'functionName: holdfast-policy-timer',
    'functionName: holdfast-object-created',
    'two functions are called',
  ],
  [
    'an unknown variable',
    variable('vars.bucket'),
    variable('vars.buckett'),
    `${variable('vars.buckett')}: there is no such value`,
  ],
  [
    'a variable without a value',
    bucketVariable,
    variable("env('HOLDFAST_BUCKET')"),
    'HOLDFAST_BUCKET is not set',
  ],
  ['a variable that is itself', bucketVariable, variable('vars.bucket'), 'refers to itself'],
  [
    'an unknown function of variables',
    bucketVariable,
    variable('secret(x)'),
    'is not a variable that is known',
  ],
])('%s is refused, with its place', (_what, piece, replacement, message) => {
  const found = messageFor(piece, replacement);
  expect(found).toContain(message);
  expect(found).toMatch(/\ns\.yaml:\d+:\d+ /);
});

test.each([
  'oss:ObjectReplication:ObjectCreated',
  'oss:ObjectReplication:ObjectModified',
  'oss:ObjectReplication:ObjectRemoved',
  'oss:ObjectCreated:*',
  'oss:ObjectRemoved:*',
  'oss:ObjectModified:UpdateObjectMeta',
])('%s is an event that a trigger may name', (name) => {
  expect(messageFor('- oss:ObjectCreated:PostObject', `- "${name}"`)).toBe('accepted');
});

test('text that is no YAML is refused with its place', () => {
  expect(() => parseTemplate('edition: [3', 's.yaml', sources)).toThrow(/s\.yaml:1:\d+ /);
  expect(() => parseTemplate('a: 1\na: 2', 's.yaml', sources)).toThrow(/s\.yaml:2:1 this key is there twice/);
});

test('an empty file is refused, and one that is not there', () => {
  expect(() => parseTemplate('', 's.yaml', sources)).toThrow('1 mistake in s.yaml');
  expect(() => loadTemplate('nowhere/s.yaml', sources)).toThrow('cannot read nowhere/s.yaml');
});

test('a failure destination has to be in the file', () => {
  expect(messageFor('functions/holdfast-dead-letter', 'functions/holdfast-dead-lettre')).toContain(
    'failure destination holdfast-dead-lettre is not in the file',
  );
  expect(messageFor('functions/holdfast-dead-letter', 'functions/holdfast-policy-timer')).toBe('accepted');
});

test('what fails in a function is kept by dead-letter; neither its own failures nor those of the timer, which runs again', () => {
  const { functions } = loadTemplate('s.yaml', sources);
  const destinations = functions.map(({ functionName, asyncInvokeConfig }) => [
    functionName,
    asyncInvokeConfig.destinationConfig?.onFailure.destination,
  ]);
  const deadLetter = 'acs:fc:cn-hangzhou:1234567890123456:functions/holdfast-dead-letter';
  for (const [name, destination] of destinations) {
    const isKept = name !== 'holdfast-dead-letter' && name !== 'holdfast-policy-timer';
    expect(destination).toBe(isKept ? deadLetter : undefined);
  }
});

test('the source maps stay out of what is deployed', () => {
  const { functions } = loadTemplate('s.yaml', sources);
  for (const { code } of functions) {
    const patterns = readFileSync(join(code, '.fcignore'), 'utf8').trim().split('\n');
    const left = readdirSync(code).filter((name) =>
      patterns.some((pattern) =>
        pattern.startsWith('*') ? name.endsWith(pattern.slice(1)) : name === pattern,
      ),
    );
    expect(left.sort()).toEqual(
      readdirSync(code)
        .filter((name) => !isDeployed(name))
        .sort(),
    );
    expect(left).toContain('index.js.map');
  }
});

test('Serverless Devs renders s.yaml to the same functions, and what it renders is right', () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-preview-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 's.json');
  const cli = join('node_modules', '.bin', 's');
  const args = ['preview', '-t', 's.yaml', '--output-format', 'json', '--output-file', file];
  const environment = { PATH: process.env['PATH'], HOME: folder, HOLDFAST_BUCKET: 'ledger' };
  execFileSync(cli, args, { env: environment, stdio: 'ignore' });
  const rendered = checkTemplate(JSON.parse(readFileSync(file, 'utf8')), file);
  expect(rendered).toEqual(loadTemplate('s.yaml', { environment: { HOLDFAST_BUCKET: 'ledger' } }));
});
