import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { folderWith, runCli } from '../support/cli.ts';

const rules = `version: 1
limits: { maxRetention: 11y }
objects:
  - name: ledgers
    because: "=Accounting Law, article 23"
    owner: finance
    review: 2020-06-30
    match: { bucket: fin-* }
    retain: { for: 10y, from: { endOf: year, zone: "+08:00" } }
`;

describe('holdfast schedule', () => {
  it('writes one schedule in five forms', async () => {
    const cwd = folderWith({ 'rules.yaml': rules });
    const run = async (...args: string[]) => await runCli(['schedule', ...args], { cwd });
    const text = await run();
    expect(text).toMatchObject({ code: 0, stderr: '' });
    expect(text.stdout).toContain('the end of the year of Last-Modified (last day 12-31, UTC+08:00)');
    expect(text.stdout).toContain('Nothing is retained longer than 11y (limits.maxRetention).');
    expect((await run('--format', 'markdown', '--title', 'Ours')).stdout).toMatch(
      /^# Ours\n\n\| Rule \| Records/,
    );
    expect((await run('--format', 'csv')).stdout).toMatch(
      /^Rule,Records,.*\nledgers,.*,"'=Accounting Law, article 23",finance,2020-06-30$/m,
    );
    expect(JSON.parse((await run('--json')).stdout)).toMatchObject({
      format: 'holdfast.schedule/1',
      cap: '11y',
      rows: [{ rule: 'ledgers', period: '10y' }],
    });
    expect((await run('--format', 'html', '--out', 'schedule.html')).stdout).toBe(
      '1 rule in schedule.html\n',
    );
    expect(readFileSync(join(cwd, 'schedule.html'), 'utf8')).toContain('<th scope="row">ledgers</th>');
  });

  it('says what is wrong with the rules, and where it cannot write', async () => {
    const cwd = folderWith({ 'rules.yaml': rules, 'bad.yaml': 'version: 2\n' });
    expect(await runCli(['schedule', 'bad.yaml'], { cwd })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('error RULES_INVALID'),
    });
    expect(await runCli(['schedule', '--out', 'no/where.html'], { cwd })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('error FILE_UNWRITABLE'),
    });
  });

  it('goes with a warning of validate that a review is past', async () => {
    const cwd = folderWith({ 'rules.yaml': rules });
    const { code, stdout } = await runCli(['validate'], { cwd });
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^rules\.yaml:7:13 warning: rule ledgers was to be reviewed by 2020-06-30: find out with finance whether .* \(review-past\)$/m,
    );
  });
});
