import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, it, vi } from 'vitest';
import { type ProtectWorld, protectWorld } from '../support/protect-world.ts';

/** Uploads so many versions that rules protect, and one that fails; @returns their keys and ids, in order. */
async function fill(world: ProtectWorld, count: number): Promise<[string, string][]> {
  const uploaded: [string, string][] = [];
  for (let from = 0; from < count; from += 50) {
    const keys = Array.from({ length: Math.min(50, count - from) }, (_, index) => keyOf(from + index));
    const ids = await Promise.all(keys.map((key) => world.upload(key, { class: 'finance' })));
    uploaded.push(...keys.map((key, index): [string, string] => [key, ids[index] ?? '']));
  }
  uploaded.push(['until/bad', await world.upload('until/bad', { until: 'soon' })]);
  world.requests();
  return uploaded;
}

const keyOf = (number: number) =>
  `${number % 2 === 0 ? 'plain' : 'tagged'}/${String(number).padStart(5, '0')}`;

/** Runs the command until the server has seen so many requests more, then ends it. */
async function stopAfter(
  world: ProtectWorld,
  requests: number,
  signal: NodeJS.Signals,
  args: readonly string[],
) {
  world.requests();
  const child = world.start(...args);
  const ended = once(child, 'close');
  const said = text(child.stderr);
  await vi.waitFor(
    () => {
      const seen = world.cloud.oss.requests.list().length;
      if (seen < requests && child.exitCode === null) throw new Error(`${seen} requests`);
    },
    { timeout: 120_000, interval: 2 },
  );
  child.kill(signal);
  const [code] = await ended;
  return { code, stderr: await said };
}

it('killed again and again, it goes on where it was, and reports what a run reports that nobody stopped', async () => {
  const world = await protectWorld();
  const count = 1100; // more than one page of a listing
  await fill(world, count);
  const args = ['oss://records', '--report', 'report.jsonl'];
  await world.run(...args, '--dry-run');
  const undisturbed = world.report().map((line) => ({
    ...line,
    result: line['result'] === 'would-protect' ? 'protected' : line['result'],
  }));
  expect(undisturbed).toHaveLength(count + 1);

  for (const requests of [2, 900, 1600, 300]) {
    expect((await stopAfter(world, requests, 'SIGKILL', args)).code).toBeNull();
  }
  expect((await world.run(...args)).code).toBe(1);
  expect(world.report()).toEqual(undisturbed);
}, 600_000);

it('Ctrl-C ends it cleanly, says how to go on, and nothing is lost', async () => {
  const world = await protectWorld();
  const uploaded = await fill(world, 300);
  const rows = uploaded.map(([key, id]) => `records,${encodeURIComponent(key)},${id}\n`);
  const files = [0, 50, 100, 150, 200, 250].map((from) => rows.slice(from, from + 50).join(''));
  const url = await world.inventory([...files, rows.slice(300).join('')], {
    schema: 'Bucket, Key, VersionId',
  });
  const args = ['oss://records', '--inventory', url, '--report', 'report.jsonl'];
  const { code, stderr } = await stopAfter(world, 250, 'SIGINT', args);
  expect(code).toBe(130);
  expect(stderr).toContain('interrupted: what was begun is finished or kept in .holdfast/');
  const kept = readdirSync(join(world.folder, '.holdfast'));
  expect(kept.some((name) => name.endsWith('.checkpoint.json'))).toBe(true);
  const again = await world.run(...args);
  expect(again.stderr).toMatch(/going on after \d+ versions/);
  expect(again.stdout).toContain('301 version(s), 300 changed, 1 failed');
  expect(world.report().map(({ key }) => key)).toEqual(uploaded.map(([key]) => key));
}, 120_000);
