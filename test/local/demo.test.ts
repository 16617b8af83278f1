import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { demo, demoRow, start, startDemo } from '../support/demo.ts';

beforeAll(async () => {
  if (existsSync(demo)) return;
  const [code] = await once(spawn(process.execPath, ['build.js'], { stdio: 'inherit' }), 'close');
  expect(code).toBe(0);
});

test('the demo ends well: everything is as the rules say, nothing is left running', async () => {
  const { ended, lives } = startDemo();
  const { code, output } = await ended;
  expect(output).toContain('checks are as the rules say.');
  expect(output).not.toContain('WRONG');
  expect(code).toBe(0);
  expect(lives()).toBe(false);

  expect(demoRow(output, 'fin-eu/ledger/年度 账本+50%.csv')).toMatch(/finance .* refused +ok$/);
  expect(output.match(/app-records\/plan\.md .* refused +ok$/gm)).toHaveLength(6);
  expect(output).toContain('TAG_UNREADABLE  letter.eml');
  const [, huawei = ''] = output.split('4. The same rules on Huawei OBS');
  expect(huawei.match(/ refused +ok$/gm)).toHaveLength(6);
  expect(huawei).toContain('the server refused 6 times (403 AccessDenied)');
  expect(output).toMatch(/archive-2026 +locked by Holdfast after 20 h 14 min/);
  expect(output).toMatch(/backup-db +extended by Holdfast after 5 days 0 h: 35 -> 70 days/);
  expect(output).toMatch(/mismatch {2}archive-short, by 96 runs/);
  const widest = Math.max(...output.split('\n').map((line) => line.length));
  expect(widest).toBeLessThanOrEqual(110);
});

test('a rules file that cannot be read is said at once', async () => {
  const { code, output } = await startDemo('--rules', 'no-such-rules.yaml').ended;
  expect(code).toBe(2);
  expect(output).toMatch(/^error RULES_UNREADABLE: cannot read the rules from no-such-rules\.yaml/);
});

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s in the middle ends it and its functions', async (signal, exitCode) => {
  const { child, functionsRun, ended, lives } = startDemo();
  await functionsRun();
  child.kill(signal);
  expect(await ended).toMatchObject({ code: exitCode });
  expect(lives()).toBe(false);
});

test('its functions end by themselves when it is killed', async () => {
  const { child, functionsRun, ended, lives } = startDemo();
  await functionsRun();
  child.kill('SIGKILL');
  expect(await ended).toMatchObject({ signal: 'SIGKILL' });
  await expect.poll(lives).toBe(false);
});

test('it ends with the shell that npm starts it by, which passes no signal on', async () => {
  const { child, functionsRun, ended, lives } = start('sh', '-c', `"$0" ${demo}; exit $?`, process.execPath);
  await functionsRun();
  child.kill('SIGTERM');
  expect((await ended).output).not.toContain('are as the rules say');
  await expect.poll(lives).toBe(false);
});
