import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { folderWith, runCli } from '../support/cli.ts';

const locks = (after: string) => `version: 1
limits: { maxRetention: 10y }
buckets:
  - name: archive
    match: { bucket: archive-* }
    policy:
      days: { atLeast: 180, atMost: 3650 }
      lock: { after: ${after} }
`;

/** The s.yaml that ships, with another timer. */
const template = (cron: string) => {
  const shipped = readFileSync('s.yaml', 'utf8');
  const changed = shipped.replace(/cronExpression: .*/, `cronExpression: "${cron}"`);
  expect(changed).toContain(cron);
  return changed;
};

const tenMistakes = `version: 2
limits: { maxRetension: 10y }
objects:
  - name: finance
    match: { bukket: fin-* }
    retain: 7 years
  - name: finance
    match: { bucket: logs-* }
    retain: { forTag: retain-for, atLeast: 2y, atMost: 1y }
  - match: { bucket: x }
    retain: 99y
buckets:
  - name: archive
    match: { bucket: archive-* }
    policy:
      days: -1
      lock: { after: 25h }
      mismatch: ignore
`;

const place = /^rules\.yaml:\d+:\d+ \S/;

describe('holdfast validate', () => {
  it('says how many rules are fine in the rules that ship, with their s.yaml, without a warning', async () => {
    const { code, stdout } = await runCli(['validate', '--strict']);
    expect(code).toBe(0);
    expect(stdout.split('\n')).toEqual([
      expect.stringMatching(/^ok rules\.yaml: \d+ object rules?, \d+ bucket rules?$/),
      'the bucket of a trigger is not set here: whether every object rule has a trigger was not checked',
      '',
    ]);
  });

  it('names every mistake of a file at once, one line each with its place, in the order of the file', async () => {
    const { code, stdout } = await runCli(['validate'], { cwd: folderWith({ 'rules.yaml': tenMistakes }) });
    expect(code).toBe(2);
    const lines = stdout.trimEnd().split('\n');
    const mistakes = lines.filter((line) => place.test(line));
    expect(mistakes.length).toBeGreaterThanOrEqual(10);
    expect(lines).toEqual([...mistakes, `${mistakes.length} mistakes`]);
    const numbers = mistakes.map((line) => Number(line.split(':')[1]));
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
    expect(stdout).toContain('did you mean "maxRetention"?');
  });

  it('gives machines the same mistakes with file, line and column', async () => {
    const cwd = folderWith({ 'rules.yaml': tenMistakes });
    const { code, stdout } = await runCli(['validate', '--json'], { cwd });
    const report = JSON.parse(stdout);
    expect(code).toBe(2);
    expect(report).toMatchObject({ ok: false, file: 'rules.yaml', error: { code: 'RULES_INVALID' } });
    expect(report.mistakes[0]).toEqual({
      file: 'rules.yaml',
      line: 1,
      col: expect.any(Number),
      message: expect.any(String),
    });
  });

  it.each([
    { after: '23h30min', cron: '0 */15 * * * *', most: '23h30min', period: '15min' },
    { after: '20h', cron: '0 0 */2 * * *', most: '20h', period: '2h' },
    { after: '1h', cron: '0 0 3 * * *', most: undefined, period: '1d' },
  ])('refuses lock.after $after with the timer $cron, naming both and what to change', async (row) => {
    const cwd = folderWith({ 'rules.yaml': locks(row.after), 's.yaml': template(row.cron) });
    const { code, stdout } = await runCli(['validate'], { cwd });
    expect(code).toBe(2);
    expect(stdout).toMatch(/^rules\.yaml:8:22 rule archive: /);
    expect(stdout).toContain(`lock.after ${row.after} plus twice the timer's period of ${row.period}`);
    if (row.most === undefined) expect(stdout).not.toContain('lower lock.after');
    else expect(stdout).toContain(`lower lock.after below ${row.most}`);
    expect(stdout).toContain('let the timer run more often');
  });

  it.each([
    { after: '23h29min', cron: '0 */15 * * * *' },
    { after: '19h59min', cron: '0 0 */2 * * *' },
  ])('accepts lock.after $after with the timer $cron', async ({ after, cron }) => {
    const cwd = folderWith({ 'rules.yaml': locks(after), 's.yaml': template(cron) });
    expect(await runCli(['validate'], { cwd })).toMatchObject({ code: 0, stderr: '' });
  });

  it('refuses a rule that locks when no timer is enabled', async () => {
    const off = readFileSync('s.yaml', 'utf8').replace('enable: true', 'enable: false');
    const cwd = folderWith({ 'rules.yaml': locks('20h'), 's.yaml': off });
    const { code, stdout } = await runCli(['validate'], { cwd });
    expect(code).toBe(2);
    expect(stdout).toContain('nothing would lock the policy');
  });

  it('says that the timer was not checked when there is no s.yaml', async () => {
    const { code, stdout } = await runCli(['validate'], { cwd: folderWith({ 'rules.yaml': locks('20h') }) });
    expect(code).toBe(0);
    expect(stdout).toContain('no s.yaml beside rules.yaml');
  });

  it('names the mistakes of s.yaml beside those of the rules', async () => {
    const broken = readFileSync('s.yaml', 'utf8').replace('logBeginRule: None', 'logBeginRole: None');
    const cwd = folderWith({ 'rules.yaml': tenMistakes, 's.yaml': broken });
    const { code, stdout } = await runCli(['validate'], { cwd });
    expect(code).toBe(2);
    expect(stdout).toMatch(/^rules\.yaml:\d+:\d+ /m);
    expect(stdout).toMatch(/^s\.yaml:\d+:\d+ .*logBeginRole/m);
  });

  it('looks for s.yaml beside the rules, wherever they are', async () => {
    const folder = folderWith({ 'rules.yaml': locks('23h59min'), 's.yaml': template('0 */15 * * * *') });
    expect((await runCli(['validate', join(folder, 'rules.yaml')])).code).toBe(2);
  });

  it('says so when the file is not there, no UTF-8 text, or empty', async () => {
    const cwd = folderWith({ 'empty.yaml': '' });
    const missing = await runCli(['validate', 'nowhere.yaml'], { cwd });
    expect(missing).toMatchObject({ code: 2, stdout: '' });
    expect(missing.stderr).toContain('error RULES_UNREADABLE: cannot read the rules from nowhere.yaml');
    writeFileSync(join(cwd, 'gbk.yaml'), Buffer.from([0xba, 0xcf, 0xcd, 0xac]));
    const gbk = await runCli(['validate', 'gbk.yaml'], { cwd });
    expect(gbk).toMatchObject({ code: 2, stdout: '' });
    expect(gbk.stderr).toContain('error TEXT_ENCODING: gbk.yaml is not UTF-8 text');
    const empty = await runCli(['validate', 'empty.yaml'], { cwd });
    expect(empty.code).toBe(2);
    expect(empty.stdout).toMatch(/^empty\.yaml:1:1 /);
  });

  it.each([
    ['validate', 'oss://fin/rules.yaml'],
    ['schedule', 'oss://fin/rules.yaml'],
    ['test', '--rules', 'oss://fin/rules.yaml'],
    ['local', '--port', '0', '--rules', 'oss://fin/rules.yaml'],
    ['bundle', '--rules', 'oss://fin/rules.yaml'],
    ['apply', 'oss://fin/plan.json'],
  ])('%s of an object of the cloud says to copy it first', async (...args) => {
    const { code, stderr } = await runCli(args, { cwd: folderWith({}) });
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringContaining('what to do: copy the object into a file first, and name that'),
    });
  });

  it('rules at an address without a key are wrong usage', async () => {
    expect(await runCli(['plan', '--rules', 'oss://fin'], { cwd: folderWith({}) })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('error USAGE: "oss://fin" is not oss://bucket/key'),
    });
  });

  it('says that an s.yaml that is a folder cannot be read', async () => {
    const cwd = folderWith({ 'rules.yaml': locks('20h') });
    mkdirSync(join(cwd, 's.yaml'));
    const { code, stderr } = await runCli(['validate'], { cwd });
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringMatching(/^error FILE_UNREADABLE: cannot read s\.yaml: EISDIR/),
    });
  });

  it('reads standard input, and so do the other commands that take a rules file', async () => {
    const cases =
      'version: 1\nnow: 2026-11-20T10:00:00Z\ncases:\n  - { name: a, given: { object: oss://other/a }, expect: { action: no-rule } }\n';
    const at = { cwd: folderWith({ 'cases.yaml': cases }), input: locks('20h') };
    expect(
      (await runCli(['validate', '-', '-'], at)).stdout.match(/^ok -: 0 object rules, 1 bucket rule$/gm),
    ).toHaveLength(1);
    expect((await runCli(['schedule', '-', '--format', 'csv'], at)).stdout).toContain('\narchive,');
    expect((await runCli(['test', 'cases.yaml', '--rules', '-'], at)).stdout).toContain(
      '1 case, none failed',
    );
    const explained = [
      'explain',
      'oss://archive-1/a',
      '--rules',
      '-',
      '--modified',
      '2026-11-20',
      '--tag',
      'a=b',
    ];
    expect((await runCli(explained, at)).code).toBe(0);
    expect(await runCli(['validate', '-'], { ...at, input: tenMistakes })).toMatchObject({
      code: 2,
      stdout: expect.stringMatching(/^-:1:10 expected 1/),
    });
  });

  it('tells the mistakes of every file, also beside one that cannot be read', async () => {
    const cwd = folderWith({ 'bad.yaml': 'version: 2\n' });
    writeFileSync(join(cwd, 'gbk.yaml'), Buffer.from([0xba, 0xcf, 0xcd, 0xac]));
    const { code, stdout, stderr } = await runCli(['validate', 'nowhere.yaml', 'gbk.yaml', 'bad.yaml'], {
      cwd,
    });
    expect({ code, stderr }).toEqual({ code: 2, stderr: '' });
    expect(stdout).toMatch(
      /^error RULES_UNREADABLE: cannot read the rules from nowhere\.yaml: .*; name a readable file/m,
    );
    expect(stdout).toMatch(/^error TEXT_ENCODING: gbk\.yaml /m);
    expect(stdout).toMatch(/^bad\.yaml:1:10 /m);
    const machine = await runCli(['validate', '--json', 'nowhere.yaml', 'bad.yaml'], { cwd });
    expect(JSON.parse(machine.stdout)).toMatchObject({
      ok: false,
      files: [
        { ok: false, file: 'nowhere.yaml', error: { code: 'RULES_UNREADABLE' } },
        { ok: false, file: 'bad.yaml', error: { code: 'RULES_INVALID' } },
      ],
    });
  });

  it('prints the JSON Schema that is committed', async () => {
    const { code, stdout } = await runCli(['validate', '--print-schema']);
    expect(code).toBe(0);
    expect(stdout).toBe(readFileSync('rules.schema.json', 'utf8'));
  });
});
