import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { rulesFile } from '../support/rules-file.ts';

const demo = 'dist/local/demo.js';
const longest = 240_000; // a limit against hanging, on machines of any speed

beforeAll(async () => {
  if (existsSync(demo)) return;
  const [code] = await once(spawn(process.execPath, ['build.js'], { stdio: 'inherit' }), 'close');
  expect(code).toBe(0);
}, longest);

const startDemo = (...args: string[]) => start(process.execPath, demo, ...args);

/** Starts a program as the leader of a process group of its own, so that whoever it leaves behind can be found. */
function start(program: string, ...args: string[]) {
  const env = { ...process.env, NO_COLOR: '1' };
  const child = spawn(program, args, { detached: true, env });
  const group = -(child.pid ?? Number.NaN);
  const lives = () => {
    try {
      return process.kill(group, 0);
    } catch {
      return false;
    }
  };
  onTestFinished(() => {
    if (lives()) process.kill(group, 'SIGKILL');
  });
  let output = '';
  const waiting: (() => void)[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => {
      output += text;
      for (const check of waiting) check();
    });
  }
  return {
    child,
    lives,
    ended: once(child, 'close').then(([code, signal]) => ({ code, signal, output })),
    /** Resolves when it has printed this. */
    printed: (text: string) =>
      new Promise<void>((resolve) => {
        const check = () => output.includes(text) && resolve();
        waiting.push(check);
        check();
      }),
  };
}

/** The line of the objects table for a key. */
const row = (output: string, key: string) => output.split('\n').find((line) => line.startsWith(key));

test(
  'the demo ends well: everything is as the rules say, nothing is left running',
  async () => {
    const { ended, lives } = startDemo();
    const { code, output } = await ended;
    expect(output).toContain('checks are as the rules say.');
    expect(output).not.toContain('WRONG');
    expect(code).toBe(0);
    expect(lives()).toBe(false);

    expect(row(output, 'fin-eu/ledger/年度 账本+50%.csv')).toMatch(/finance .* refused +ok$/);
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
  },
  longest,
);

test(
  'functions that keep ledgers a year too short, lock too early and accept too little are found out',
  async () => {
    const wrong = readFileSync('rules.yaml', 'utf8')
      .replace('retain: 7y', 'retain: 6y')
      .replace('after: 20h', 'after: 19h')
      .replace('atLeast: 180', 'atLeast: 5');
    const { code, output } = await startDemo('--rules', rulesFile(wrong)).ended;
    expect(code).toBe(1);
    expect(row(output, 'fin-eu/ledger/q3.parquet')).toMatch(/WRONG$/);
    expect(row(output, 'audit-eu/2026/login.log')).toMatch(/ok$/);
    expect(output).toMatch(/^archive-2026 .* WRONG$/m);
    expect(output).toMatch(/^archive-short .* WRONG$/m);
    expect(output).toMatch(/^backup-db .* ok$/m);
    expect(output).toMatch(/7 of \d+ checks are not as the rules say:\n {2}- fin-eu\/ledger\/q3\.parquet/);
  },
  longest,
);

test('a rules file that cannot be read is said at once', async () => {
  const { code, output } = await startDemo('--rules', 'no-such-rules.yaml').ended;
  expect(code).toBe(2);
  expect(output).toMatch(/^error RULES_UNREADABLE: cannot read the rules from no-such-rules\.yaml/);
});

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s in the middle ends it and its functions', async (signal, exitCode) => {
  const { child, printed, ended, lives } = startDemo();
  await printed('Holdfast initiates a policy');
  child.kill(signal);
  expect(await ended).toMatchObject({ code: exitCode });
  expect(lives()).toBe(false);
});

test('its functions end by themselves when it is killed', async () => {
  const { child, printed, ended, lives } = startDemo();
  await printed('Holdfast initiates a policy');
  child.kill('SIGKILL');
  expect(await ended).toMatchObject({ signal: 'SIGKILL' });
  await expect.poll(lives).toBe(false);
});

test('it ends with the shell that npm starts it by, which passes no signal on', async () => {
  const { child, printed, ended, lives } = start('sh', '-c', `"$0" ${demo}; exit $?`, process.execPath);
  await printed('Holdfast initiates a policy');
  child.kill('SIGTERM');
  expect((await ended).output).not.toContain('are as the rules say');
  await expect.poll(lives).toBe(false);
});
