// Runs the tests with the machine's clock moved, by Debian's faketime: a test must pass on any day. See docs/testing.md.
import { spawnSync } from 'node:child_process';

/** The machine's clock, at the start of a run. */
const dates = {
  'a month ahead': (now) => new Date(now.getTime() + 31 * 24 * 3_600_000),
  '29 February': () => new Date('2028-02-29T12:00:00Z'),
  'the end of a year': () => new Date('2026-12-31T23:59:30Z'),
  'ten years ahead': (now) => new Date(now.getTime() + 3653 * 24 * 3_600_000),
};

const filters = process.argv.slice(2);
// The library is loaded without its wrapper, whose lock all processes share: one that is killed while it holds it stops the others.
const { stdout, error } = spawnSync('faketime', ['-m', '-f', '+0', 'printenv', 'LD_PRELOAD'], {
  encoding: 'utf8',
});
if (error) {
  console.error("faketime is missing; install Debian's package: apt-get install faketime");
  process.exit(1);
}

const failed = [];
for (const [name, dateOf] of Object.entries(dates)) {
  // biome-ignore lint/plugin: this script moves the machine's own clock
  const now = new Date();
  const date = dateOf(now);
  // An offset and no date: each process would begin at the date, and be behind those that began before.
  const seconds = Math.round((date.getTime() - now.getTime()) / 1000);
  console.log(`${name}: the machine's clock is at ${date.toISOString()}`);
  const env = {
    ...process.env,
    LD_PRELOAD: stdout.trim(),
    FAKETIME: `${seconds < 0 ? '' : '+'}${seconds}`,
    FAKETIME_DISABLE_SHM: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
    // The library reads its variables again after 10 seconds. An instance of a function has taken them out of its environment by
    // then, and would be in the real time.
    FAKETIME_CACHE_DURATION: '86400',
  };
  // A browser hardly gets on under the library.
  const inBrowser = ['test/cli/report-page.test.ts', 'test/local/console.test.ts'];
  const excluded = inBrowser.flatMap((file) => ['--exclude', file]);
  const args = ['vitest', 'run', ...excluded, ...filters];
  const { status } = spawnSync('npx', args, { env, stdio: 'inherit' });
  if (status !== 0) failed.push(name);
}
console.log(failed.length === 0 ? 'the tests pass on each date' : `tests failed at: ${failed.join(', ')}`);
if (failed.length > 0) process.exitCode = 1;
