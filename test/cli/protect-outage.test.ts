import { once } from 'node:events';
import { expect, it, vi } from 'vitest';
import { protectWorld } from '../support/protect-world.ts';

const args = ['oss://records', '--report', 'report.jsonl'];

it('in a long outage it soon gives up, and the same command goes on as if nothing had been', async () => {
  const world = await protectWorld();
  const count = 200;
  await Promise.all(Array.from({ length: count }, (_, index) => world.upload(`plain/${index}`)));
  world.requests();
  world.cloud.oss.faults.add({ skip: 100, effect: { reset: 'before' } });
  const broken = await world.run(...args);
  expect(broken.code).toBe(1);
  expect(broken.stderr).toMatch(/50 calls in a row failed.*UNREACHABLE/);
  expect(broken.stderr).toContain('the same command');
  expect(world.cloud.oss.requests.list().length).toBeLessThan(100 + 5 * (50 + 64)); // five tries, 64 at once

  world.cloud.oss.faults.clear();
  expect((await world.run(...args)).code).toBe(0);
  expect(world.report().map(({ result }) => result)).toEqual(Array(count).fill('protected'));
});

it('the same command twice at the same time is refused, and a killed one holds nothing back', async () => {
  const world = await protectWorld();
  await world.upload('plain/1');
  world.requests();
  world.cloud.oss.faults.add({ operation: 'HeadObject', effect: { hang: 'before' } });
  const first = world.start(...args);
  const ended = once(first, 'close');
  await vi.waitFor(
    () => {
      if (!world.cloud.oss.requests.list().some(({ operation }) => operation === 'ListObjectVersions'))
        throw new Error('not yet');
    },
    { timeout: 120_000, interval: 5 },
  );
  const second = await world.run(...args);
  expect(second.code).toBe(1);
  expect(second.stderr).toContain('another process works with the checkpoint .holdfast/protect-records-');
  const other = await world.run('oss://records/other', '--dry-run');
  expect(other.code).toBe(0);

  first.kill('SIGKILL');
  await ended;
  world.cloud.oss.faults.clear();
  expect((await world.run(...args)).code).toBe(0);
  expect(world.report()).toHaveLength(1);
});
