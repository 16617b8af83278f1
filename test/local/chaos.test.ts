import { execFile } from 'node:child_process';
import { expect, test } from 'vitest';
import { createPool } from '../../local/fc/pool.ts';

const longest = 180_000; // a limit against hanging, on machines of any speed

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
    expect(code).toBe(0);
  },
  longest,
);

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

test('work that waits for an instance ends with the cloud', async () => {
  let end = (): void => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const pool = createPool(1, () => ({ alive: true, shift: () => undefined, kill: async () => end() }));
  const busy = pool.use(() => ended);
  const waiting = [pool.use(async () => 1), pool.use(async () => 2)];
  await pool.close();
  await busy;
  expect((await Promise.allSettled(waiting)).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
});
