import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseTemplate } from '../../shared/deploy/template.ts';
import { deploymentWarnings } from '../../shared/deploy/warnings.ts';
import { readConfig } from '../../shared/platform/config.ts';
import { validRules } from '../support/rules-file.ts';

const text = readFileSync('s.yaml', 'utf8');
const sources = { environment: {}, accountId: '1234567890123456' };

function messageOf(changed: string): string {
  expect(changed).not.toBe(text);
  try {
    parseTemplate(changed, 's.yaml', sources);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return 'accepted';
}

const withVariable = (line: string) =>
  messageOf(text.replace('HOLDFAST_RULES: rules.yaml\n', `HOLDFAST_RULES: rules.yaml\n        ${line}\n`));

describe('a variable of a function', () => {
  test.each([
    ['HOLDFAST_DRYRUN: "true"', 'HOLDFAST_DRY_RUN'],
    ['HOLDFAST_DRY-RUN: "true"', 'is not a name for a variable'],
    ['HoldFast_Dry_Run: "true"', 'HOLDFAST_DRY_RUN'],
    ['holdfast_dry_run: "true"', 'HOLDFAST_DRY_RUN'],
    ['HOLDFSAT_DRY_RUN: "true"', 'HOLDFAST_DRY_RUN'],
    ['HOLD_FAST_DRY_RUN: "true"', 'HOLDFAST_DRY_RUN'],
    ['HOLDFAST_LOGLEVEL: info', 'HOLDFAST_LOG_LEVEL'],
    ['HOLDFAST_BUCKET: x', 'functions read no such variable'],
    ['HOLDFAST_DRY_RUN: "on"', 'it must be true or false (found on)'],
    ['HOLDFAST_DRY_RUN: "treu"', 'it must be true or false (found treu)'],
    ['HOLDFAST_TASK_QPS: "0"', 'it must be a whole number from 1'],
  ])('%s is a mistake', (line, words) => {
    expect(withVariable(line)).toContain(words);
    expect(withVariable(line)).toMatch(/\ns\.yaml:\d+:\d+ /);
  });

  test.each([
    'HOLDFAST_DRY_RUN: "True"',
    'HOLDFAST_DRY_RUN: "1"',
    'HOLDFAST_DRY_RUN: ""',
    'TZ: UTC',
    'HOLD: x',
  ])('%s is fine', (line) => {
    expect(withVariable(line)).toBe('accepted');
  });

  test.each([
    [{ HOLDFAST_DRYRUN: 'true' }, 'HOLDFAST_DRYRUN', /did you mean HOLDFAST_DRY_RUN\?/],
    [{ holdfast_dry_run: 'true' }, 'holdfast_dry_run', /did you mean HOLDFAST_DRY_RUN\?/],
    [{ HOLDFAST_OSS_ENDPIONT: 'x' }, 'HOLDFAST_OSS_ENDPIONT', /did you mean HOLDFAST_OSS_ENDPOINT\?/],
    [{ HOLDFAST_DRYRUN: '' }, 'HOLDFAST_DRYRUN', /did you mean/],
  ])('%j stops a function at its start', (env, name, message) => {
    expect(() => readConfig(env)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
    expect(() => readConfig(env)).toThrow(new RegExp(`^${name} is not usable: .*${message.source}`));
  });

  test('names of development beside them are fine', () => {
    expect(
      readConfig({ HOLDFAST_CHROMIUM: 'x', HOLDFAST_MODEL_RUNS: '6', HOLDFAST_DRY_RUN: 'TRUE' }).dryRun,
    ).toBe(true);
  });
});

const trigger = / {8}# One bucket each\.[\s\S]*?suffix: ""\n/;
const bridge = (extra: string) => `        - triggerName: uploads-eb
          triggerType: eventbridge
          qualifier: LATEST
          triggerConfig:
            triggerEnable: true
            asyncInvocationType: true
            eventRuleFilterPattern: '{"source":["acs.oss"],"type":["oss:ObjectCreated:PutObject"]}'
            eventSourceConfig:
              eventSourceType: Default
${extra}`;
const sink = (option: string) =>
  bridge(`            eventSinkConfig:\n              deliveryOption: ${option}\n`);

describe('an EventBridge trigger', () => {
  test.each([
    ['without a sink', bridge('')],
    ['with a mode', sink('{ mode: event-driven, eventSchema: CloudEvents }')],
    ['with a mode alone', sink('{ mode: event-driven }')],
    ['with bare data', sink('{ eventSchema: RawData }')],
    ['invoked synchronously', bridge('').replace('asyncInvocationType: true', 'asyncInvocationType: false')],
    ['with options of its runs', bridge('            runOptions: { mode: event-driven, maximumTasks: 3 }\n')],
    [
      'with a pattern of subjects',
      bridge('').replace('"]}\'', '"],"subject":[{"prefix":"acs:oss:cn-hangzhou:*:a"}]}\''),
    ],
  ])('%s is accepted', (_name, changed) => {
    expect(messageOf(text.replace(trigger, changed))).toBe('accepted');
  });

  test.each([
    ['a misspelt option', sink('{ evntSchema: RawData }'), 'does not know "evntSchema"'],
    ['a misspelt event', bridge('').replace('PutObject', 'PutObjekt'), 'is not JSON of the form'],
  ])('%s is refused', (_name, changed, words) => {
    expect(messageOf(text.replace(trigger, changed))).toContain(words);
  });
});

describe('two native triggers of one bucket', () => {
  const second = (events: string, prefix: string, suffix: string) =>
    messageOf(
      text.replace(
        '        # One bucket each.',
        `        - triggerName: uploads2
          triggerType: oss
          sourceArn: acs:oss:\${vars.region}:\${config('AccountID')}:\${vars.bucket}
          invocationRole: acs:ram::\${config('AccountID')}:role/holdfast-trigger
          triggerConfig: { events: ["${events}"], filter: { key: { prefix: "${prefix}", suffix: "${suffix}" } } }
        # One bucket each.`,
      ),
    );
  test.each([
    ['oss:ObjectCreated:PutObject', 'led', ''],
    ['oss:ObjectCreated:PutObject', '', '.zip'],
    ['oss:ObjectCreated:*', '', ''],
  ])('%s "%s" "%s" overlap with all uploads', (...given) => {
    expect(second(...given)).toMatch(
      /triggers uploads2 and uploads-holdfast-records of bucket holdfast-records overlap in event/,
    );
  });

  test('other events do not', () => {
    expect(second('oss:ObjectCreated:AppendObject', '', '')).toBe('accepted');
  });
});

test('a trigger of another region than its function is warned of', () => {
  const changed = text.replace(/sourceArn: acs:oss:[^:]*:/, 'sourceArn: acs:oss:cn-beijing:');
  const { functions } = parseTemplate(changed, 's.yaml', sources);
  const rules = validRules(readFileSync('rules.yaml', 'utf8'));
  const resources = functions.map((props) => ({ name: 'object-created', props }));
  const found = deploymentWarnings(rules, resources, [], {});
  expect(found).toContainEqual(
    expect.objectContaining({
      code: 'other-region',
      in: 's.yaml',
      message: expect.stringMatching(/in cn-beijing, and its function is in cn-hangzhou/),
    }),
  );
});

describe('what would take minutes', () => {
  const bomb = Array.from(
    { length: 18 },
    (_, level) => `  v${level}: "${`\${vars.v${level + 1}}`.repeat(9)}"`,
  );
  test.each([
    [
      'variables that multiply',
      text.replace(/^vars:$/m, `vars:\n${bomb.join('\n')}\n  v18: x`),
      'variables are to be filled in',
    ],
    ['a long text', text.replace('rules.yaml\n', `${'a.'.repeat(500_000)}!\n`), 'at most 4096 are read'],
    ['an endless period', text.replace('0 */15 * * * *', `@every ${'9'.repeat(400)}h`), 'is not a period'],
    ['brackets', `${text}\nx: ${'['.repeat(5000)}`, 'nested too deeply'],
    [
      'unclosed variables',
      text.replace('description: Keeps', `description: \${${' '.repeat(4000)} Keeps`),
      'Too big',
    ],
  ])('%s', (_name, changed, words) => {
    expect(messageOf(changed)).toContain(words);
  });
});
