import { execFile } from 'node:child_process';
import { expect, test } from 'vitest';

const longest = 1_800_000; // a limit against hanging, on machines of any speed

/** Runs the stress tool as `npm run chaos` does. */
function chaos(...args: string[]): Promise<{ code: unknown; output: string }> {
  const env = { ...process.env, NO_COLOR: '1' };
  return new Promise((resolve) => {
    execFile(process.execPath, ['dist/local/chaos.js', ...args], { env }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : error.code, output: stdout + stderr });
    });
  });
}

test(
  'nothing slips through a storm: every version and every policy ends as the rules ask',
  async () => {
    const { code, output } = await chaos('--events', '120', '--seed', '1');
    expect(output).toContain('Everything is as the rules ask.');
    expect(output).toContain('repeat with: npm run chaos -- --events 120 --seed 1');
    expect(output).toMatch(/^in the storm +[1-9]\d* +(1[5-9]|2[0-5])\.\d % failed, 20\.0 % asked/m);
    expect(code).toBe(0);
  },
  longest,
);

test(
  'nothing slips through a storm over OBS, where the timer repairs',
  async () => {
    const { code, output } = await chaos('--events', '120', '--seed', '1', '--cloud', 'obs');
    expect(output).toContain('Everything is as the rules ask.');
    expect(output).toMatch(/^protected as asked +[1-9]\d*/m);
    expect(code).toBe(0);
  },
  longest,
);

test(
  'no record is released early while cases close late and matters come and go',
  async () => {
    const records = ['--matters', '3', '--late-tags', '0.4'];
    const { code, output } = await chaos('--events', '120', '--seed', '2', ...records);
    expect(output).toContain('Everything is as the rules ask.');
    expect(output).toMatch(/^released early +0 +ok$/m);
    expect(code).toBe(0);
  },
  longest,
);

test(
  'no record is released early over OBS, where matters keep it by generations that the timer renews',
  async () => {
    const records = ['--matters', '3', '--late-tags', '0.4', '--cloud', 'obs'];
    const { code, output } = await chaos('--events', '60', '--seed', '2', ...records);
    expect(output).toContain('Everything is as the rules ask.');
    expect(output).toMatch(/^released early +0 +ok$/m);
    expect(code).toBe(0);
  },
  longest,
);

test.each(['oss', 'obs'])(
  'nothing that needs an approval happens without one over %s, while approvals come, end, or do not come',
  async (cloud) => {
    const acts = ['--matters', '2', '--late-tags', '0.3', '--approvals', '6', '--cloud', cloud];
    const { code, output } = await chaos('--events', '60', '--seed', '3', ...acts);
    expect(output).toContain('Everything is as the rules ask.');
    expect(output).toMatch(/^not approved +0 +ok$/m);
    expect(output).toMatch(/^acts done +[1-9]\d* +[1-9]\d* refused for want of an approval/m);
    expect(code).toBe(0);
  },
  longest,
);

test('records need the repair', async () => {
  expect(await chaos('--no-repair', '--late-tags', '0.1')).toEqual({
    code: 2,
    output: expect.stringContaining('--matters, --late-tags and --approvals need the repair'),
  });
});

test('a run over OBS cannot be left without a repair', async () => {
  expect(await chaos('--cloud', 'obs', '--no-repair')).toEqual({
    code: 2,
    output: expect.stringContaining('the timer repairs'),
  });
});

test(
  'versions whose events were lost are found out when nobody repairs',
  async () => {
    const { code, output } = await chaos('--events', '60', '--seed', '1', '--lose', '0.5', '--no-repair');
    expect(output).toMatch(/^unprotected +[1-9]\d* +WRONG$/m);
    expect(output).toMatch(/^lost without a word +[1-9]\d* +WRONG$/m);
    expect(code).toBe(1);
  },
  longest,
);
