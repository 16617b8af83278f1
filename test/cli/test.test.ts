import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { XMLValidator } from 'fast-xml-parser';
import { describe, expect, it } from 'vitest';
import { folderWith, runCli } from '../support/cli.ts';

const rules = readFileSync('rules.yaml', 'utf8');

const cases = (...lines: string[]) => `version: 1
now: 2026-11-20T10:00:00Z
cases:
${lines.map((line) => `  - ${line}\n`).join('')}`;

const kept =
  '{name: kept, given: {object: oss://fin-eu/ledger/a, tags: {class: finance}}, expect: {action: protect}}';
const wrong =
  '{name: kept for eight years, given: {object: oss://fin-eu/ledger/a, tags: {class: finance}}, expect: {action: protect, until: in 8y}}';

describe('holdfast test', () => {
  it('finds the rules that ship as their cases say, and a case for every rule', async () => {
    const { code, stdout, stderr } = await runCli(['test', '--require-coverage']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^ok {4}a ledger of the finance class is kept for seven years$/m);
    expect(stdout).toMatch(/\n\n(\d+) cases, none failed; (\d+) of \2 rules covered\n$/);
  });

  it.each([
    ['retain: 7y', 'retain: 6y', 'finance'],
    ['key: ledger/**', 'key: "**"', 'finance'],
    ['"!tmp/**"', '"!temp/**"', 'logs'],
    ['atLeast: 30d', 'atLeast: 31d', 'by-tag'],
    ['otherwise: 1y', 'otherwise: 2y', 'by-tag'],
    ['untilTag: retain-until, atMost: 10y', 'untilTag: retain-until, atMost: 5y', 'until-tag'],
    ['for: 6y', 'for: 5y', 'contract-end'],
    ['atLeast: 180', 'atLeast: 366', 'archive'],
    ['days: 35', 'days: 36', 'backups'],
    ['upTo: 730d', 'upTo: 765d', 'backups'],
  ])('finds that the rules that ship say %s: with %s a case of %s fails', async (from, to, rule) => {
    const changed = rules.replace(from, to);
    expect(changed).not.toBe(rules);
    const cwd = folderWith({
      'rules.yaml': changed,
      'rules.test.yaml': readFileSync('rules.test.yaml', 'utf8'),
    });
    const { code, stdout } = await runCli(['test', '--json'], { cwd });
    const failed = JSON.parse(stdout).cases.filter((one: { ok: boolean }) => !one.ok);
    expect(code).toBe(1);
    expect(JSON.stringify(failed)).toContain(`"${rule}"`);
  });

  it('shows of a case that fails its place, what was expected and found, and the reason', async () => {
    const cwd = folderWith({ 'rules.yaml': rules, 'rules.test.yaml': cases(kept, wrong) });
    const { code, stdout } = await runCli(['test'], { cwd });
    expect(code).toBe(1);
    expect(stdout).toBe(`ok    kept
FAIL  kept for eight years
      rules.test.yaml:5:5
             EXPECTED              FOUND
      until  2034-11-20T10:00:00Z  2033-11-20T10:00:00Z
      reason: the rule with the latest date wins

no case covers in rules.yaml: logs, by-tag, until-tag, contract-end, archive, backups
2 cases, 1 failed; 1 of 7 rules covered
`);
  });

  it('tells of rules without a case, and fails for them only when asked to', async () => {
    const cwd = folderWith({ 'rules.yaml': rules, 'rules.test.yaml': cases(kept) });
    const { code, stdout } = await runCli(['test'], { cwd });
    expect(code).toBe(0);
    expect(stdout).toContain('no case covers in rules.yaml: logs, ');
    expect((await runCli(['test', '--require-coverage'], { cwd })).code).toBe(1);
  });

  it('writes JUnit XML beside what it prints', async () => {
    const cwd = folderWith({ 'rules.yaml': rules, 'rules.test.yaml': cases(kept, wrong) });
    const { code, stdout } = await runCli(['test', '--junit', 'out.xml'], { cwd });
    expect({ code, printed: stdout.includes('2 cases, 1 failed') }).toEqual({ code: 1, printed: true });
    const xml = readFileSync(join(cwd, 'out.xml'), 'utf8');
    expect(XMLValidator.validate(xml)).toBe(true);
    expect(xml).toContain('<testsuites name="rules.test.yaml" tests="2" failures="1" errors="0"');
  });

  it('looks for the cases beside the rules that are named, under their name', async () => {
    const cwd = folderWith({ 'other.yaml': rules, 'other.test.yaml': cases(kept) });
    expect(await runCli(['test', '--rules', 'other.yaml'], { cwd })).toMatchObject({ code: 0 });
    const { stdout } = await runCli(['test', '--rules', join(cwd, 'other.yaml'), '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, file: join(cwd, 'other.test.yaml') });
  });

  it.each([
    ['a file of cases that is not there', {}, 'FILE_UNREADABLE'],
    ['cases with mistakes', { 'rules.test.yaml': cases('{name: a}') }, 'TESTS_INVALID'],
    ['rules with mistakes', { 'rules.yaml': 'version: 1', 'rules.test.yaml': cases(kept) }, 'RULES_INVALID'],
  ])('refuses %s with exit code 2', async (_, files, error) => {
    const { code, stderr } = await runCli(['test'], { cwd: folderWith({ 'rules.yaml': rules, ...files }) });
    expect(code).toBe(2);
    expect(stderr).toContain(`error ${error}:`);
  });

  it('names every mistake of the cases with its place', async () => {
    const cwd = folderWith({ 'rules.yaml': rules, 'rules.test.yaml': cases('{nmae: a}', '{name: b}') });
    const { stderr } = await runCli(['test'], { cwd });
    expect(stderr).toContain('rules.test.yaml:4:6 unknown key "nmae" (did you mean "name"?)');
    expect(stderr).toContain('rules.test.yaml:5:5 "given" is missing');
  });
});
