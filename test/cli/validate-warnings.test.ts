import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { folderWith, runCli } from '../support/cli.ts';

const rules = `version: 1
limits: { maxRetention: 10y }
deadLetters: oss://letters/failed/
objects:
  - name: finance
    match: { bucket: fin-*, key: ledger/** }
    retain: 7y
  - name: short
    match: { bucket: fin-*, key: ledger/2026/* }
    retain: 1y
`;

/** The s.yaml that ships with some texts replaced; each must be there. */
function template(...changes: [from: string, to: string][]): string {
  return changes.reduce(
    (text, [from, to]) => {
      expect(text).toContain(from);
      return text.replace(from, to);
    },
    readFileSync('s.yaml', 'utf8'),
  );
}

/** The trigger's bucket, which comes from a variable in the file that ships. */
const bucket = (name: string): [string, string] => [`\${env('HOLDFAST_BUCKET', 'holdfast-records')}`, name];

const outdone =
  'rule short never decides: rule finance matches all that it matches and keeps it as long or longer, ' +
  'and the latest date wins; drop it, or narrow the other';

const validate = (files: Readonly<Record<string, string>>, ...args: string[]) =>
  runCli(['validate', ...args], { cwd: folderWith(files) });

describe('holdfast validate, of what is legal and probably wrong', () => {
  it('gives a place and a code word, and still succeeds', async () => {
    const { code, stdout } = await validate({ 'rules.yaml': rules });
    expect(code).toBe(0);
    expect(stdout).toBe(
      `rules.yaml:8:11 warning: ${outdone} (outdone)\n` +
        'ok rules.yaml: 2 object rules, 0 bucket rules, 1 warning\n' +
        'no s.yaml beside rules.yaml: whether the rules have their triggers and timer was not checked\n',
    );
  });

  it('fails with --strict', async () => {
    const { code, stdout } = await validate({ 'rules.yaml': rules }, '--strict');
    expect(code).toBe(1);
    expect(stdout).toMatch(/\n1 warning, and --strict allows none\n$/);
  });

  it('still calls a mistake a mistake with --strict', async () => {
    const { code } = await validate({ 'rules.yaml': rules.replace('1y', '1 y') }, '--strict');
    expect(code).toBe(2);
  });

  it.each([['--json'], ['--format', 'json'], ['--format=json']])(
    'gives machines the same: %s %s',
    async (...args) => {
      const { code, stdout } = await validate({ 'rules.yaml': rules }, ...args);
      expect(code).toBe(0);
      expect(JSON.parse(stdout)).toEqual({
        format: 'holdfast.validate/1',
        ok: true,
        file: 'rules.yaml',
        rules: { objects: 2, buckets: 0, defaults: 0 },
        mistakes: [],
        warnings: [{ file: 'rules.yaml', line: 8, col: 11, code: 'outdone', message: outdone }],
        notes: [expect.stringContaining('no s.yaml')],
      });
    },
  );

  it('refuses two formats at once, and one that there is not', async () => {
    const both = await validate({ 'rules.yaml': rules }, '--json', '--format', 'github');
    expect(both.code).toBe(2);
    const other = await validate({ 'rules.yaml': rules }, '--format', 'xml');
    expect(other.code).toBe(2);
    expect(other.stderr).toContain('Allowed choices are text, json, github');
  });
});

describe('holdfast validate --format github', () => {
  it('writes annotations for warnings and notes', async () => {
    const { code, stdout } = await validate({ 'rules.yaml': rules }, '--format', 'github');
    expect(code).toBe(0);
    expect(stdout.trimEnd().split('\n')).toEqual([
      `::warning file=rules.yaml,line=8,col=11,title=holdfast outdone::${outdone}`,
      expect.stringMatching(/^::notice title=holdfast::no s\.yaml beside rules\.yaml: /),
    ]);
  });

  it('writes an error for each mistake, escaped so that nothing in a file can end or forge a line', async () => {
    const name = 'a,b:c%d.yaml';
    const text = rules.replace('7y', String.raw`"50%\r\n::warning::forged"`);
    const { code, stdout } = await validate({ [name]: text }, name, '--format', 'github');
    expect(code).toBe(2);
    const [line = '', ...more] = stdout.trimEnd().split('\n');
    expect(more).toEqual([]);
    expect(line).toMatch(/^::error file=a%2Cb%3Ac%25d\.yaml,line=7,col=13,title=holdfast::expected .*50%25/);
    expect(line).not.toMatch(/\r/);
  });
});

describe('holdfast validate, of s.yaml beside the rules', () => {
  const indent = ' '.repeat(16); // of the filter of uploads; that of inventories has a suffix
  const wide = rules.slice(0, rules.indexOf('  - name: short'));
  const located = (files: Readonly<Record<string, string>>) => validate({ 'rules.yaml': wide, ...files });
  const warningsOf = ({ stdout }: { stdout: string }) =>
    stdout.split('\n').filter((line) => line.includes(' warning: '));

  it('finds nothing wrong where a trigger passes all that a rule waits for', async () => {
    const result = await located({ 's.yaml': template(bucket('fin-eu')) });
    expect(result).toMatchObject({ code: 0, stdout: 'ok rules.yaml: 1 object rule, 0 bucket rules\n' });
    const exact = await located({
      's.yaml': template(bucket('fin-eu'), [
        `prefix: ""\n${indent}suffix: ""`,
        `prefix: ledger/\n${indent}suffix: ""`,
      ]),
    });
    expect(warningsOf(exact)).toEqual([]);
  });

  it('tells of a rule whose buckets have no trigger, at the rule', async () => {
    const result = await located({ 's.yaml': template(bucket('other')) });
    expect(warningsOf(result)).toEqual([
      expect.stringMatching(
        /^rules\.yaml:6:22 warning: rule finance: no trigger in s\.yaml fires for a bucket .*\(no-trigger\)$/,
      ),
    ]);
  });

  it('tells of each bucket that a rule spells out and no trigger names', async () => {
    const two = wide.replace('fin-*', '[fin-eu, fin-us]');
    const result = await validate({ 'rules.yaml': two, 's.yaml': template(bucket('fin-eu')) });
    expect(warningsOf(result)).toEqual([
      expect.stringContaining('no trigger in s.yaml fires for bucket fin-us'),
    ]);
  });

  it('cannot tell while a variable that is not set names the bucket, and says so', async () => {
    const files = { 'rules.yaml': wide, 's.yaml': template() };
    const unset = await validate(files);
    expect(warningsOf(unset)).toEqual([]);
    expect(unset.stdout).toContain('the bucket of a trigger is not set here');
    const set = await runCli(['validate'], { cwd: folderWith(files), env: { HOLDFAST_BUCKET: 'elsewhere' } });
    expect(warningsOf(set)).toEqual([expect.stringContaining('(no-trigger)')]);
    expect(set.stdout).not.toContain('is not set');
  });

  it.each([
    {
      change: [`prefix: ""\n${indent}suffix: ""`, `prefix: ledger/2026/\n${indent}suffix: ""`],
      passes: 'begin with "ledger/2026/"',
      missed: 'ledger/a',
    },
    { change: ['suffix: ""', 'suffix: .csv'], passes: 'end with ".csv"', missed: 'ledger/a' },
  ] as const)(
    'tells of a trigger that passes only keys that $passes, with one that it misses',
    async (row) => {
      const text = template(bucket('fin-eu'), [...row.change]);
      const line = text.slice(0, text.indexOf(row.change[1])).split('\n').length;
      const [warning, ...more] = warningsOf(await located({ 's.yaml': text }));
      expect(more).toEqual([]);
      expect(warning).toContain(
        `trigger uploads-fin-eu passes only keys that ${row.passes}, and rule finance is also for keys such as ${row.missed} ` +
          'in bucket fin-eu: their uploads stay unprotected (filtered)',
      );
      const at = Number(/^s\.yaml:(\d+):/.exec(warning ?? '')?.[1]);
      expect(Math.abs(at - line)).toBeLessThanOrEqual(1);
    },
  );

  it('tells of a trigger that leaves out a way to upload', async () => {
    const text = template(bucket('fin-eu'), ['              - oss:ObjectCreated:CopyObject\n', '']);
    expect(warningsOf(await located({ 's.yaml': text }))).toEqual([
      expect.stringMatching(
        /^s\.yaml:\d+:\d+ warning: trigger uploads-fin-eu leaves out oss:ObjectCreated:CopyObject: .* in bucket fin-eu stays unprotected \(missing-event\)$/,
      ),
    ]);
  });

  it('tells of a bucket rule that nothing looks at', async () => {
    const watching = `${wide}buckets:
  - name: watched
    match: { bucket: archive-* }
    policy: { days: 365, lock: false }
`;
    const off = template(bucket('fin-eu'), ['enable: true', 'enable: false']);
    expect(warningsOf(await validate({ 'rules.yaml': watching, 's.yaml': off }))).toEqual([
      expect.stringMatching(
        /^rules\.yaml:11:13 warning: rule watched: s\.yaml has no enabled timer .*\(no-timer\)$/,
      ),
    ]);
  });

  it.each([
    [['fc3@0.1.22', 'fc3'], 'unpinned', /dead-letter takes the newest component/],
    [
      [`holdfast-\${config('AccountID')}`, 'holdfast-logs'],
      'log-project',
      /any customer .* called holdfast-logs/,
    ],
  ] as const)('tells of %j', async (change, code, message) => {
    const found = warningsOf(await located({ 's.yaml': template(bucket('fin-eu'), [...change]) }));
    expect(found[0]).toMatch(message);
    expect(found[0]).toMatch(new RegExp(`^s\\.yaml:\\d+:\\d+ .*\\(${code}\\)$`));
    for (const line of found) expect(line).toContain(`(${code})`);
  });

  it('tells of functions that are deployed before their failure destination', async () => {
    const text = template(bucket('fin-eu'));
    const [, letters = ''] = /( {2}dead-letter:\n(?: {4}.*\n|\n)*)/.exec(text) ?? [];
    const last = `${text.replace(letters, '')}\n${letters}`;
    const found = warningsOf(await located({ 's.yaml': last }));
    expect(found).toHaveLength(2);
    for (const line of found) expect(line).toMatch(/stands above dead-letter.*\(destination-later\)$/);
  });

  it('tells of a timer whose failed runs become dead letters, at the setting of s.yaml', async () => {
    const own = 'maxAsyncRetryAttempts: 0\n        maxAsyncEventAgeInSeconds: 900\n';
    const text = template(bucket('fin-eu'), [
      own,
      `${own}        destinationConfig:\n          onFailure:\n            destination: acs:fc:cn-hangzhou:1234567890123456:functions/holdfast-dead-letter\n`,
    ]);
    const [line] = warningsOf(await located({ 's.yaml': text })).filter((each) =>
      each.includes('timer-letters'),
    );
    const row = text
      .split('\n')
      .findIndex(
        (each, index, all) => each.includes('onFailure:') && all[index - 3]?.includes('Attempts: 0'),
      );
    expect(line).toMatch(new RegExp(`^s\\.yaml:${row + 2}:\\d+ .*policy-timer has a failure destination`));
  });

  it('tells of dead letters that nobody keeps', async () => {
    const none = wide.replace(/deadLetters.*\n/, '');
    expect(warningsOf(await validate({ 'rules.yaml': none, 's.yaml': template(bucket('fin-eu')) }))).toEqual([
      expect.stringMatching(/ warning: events that failed to the end are kept nowhere.*\(no-dead-letters\)$/),
    ]);
  });
});
