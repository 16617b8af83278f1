import { expect, it } from 'vitest';
import { fillWithOneBad, stopAfter } from '../support/protect-stopped.ts';
import { protectWorld } from '../support/protect-world.ts';

it('killed again and again, it goes on where it was, and reports what a run reports that nobody stopped', async () => {
  const world = await protectWorld();
  const count = 1100; // more than one page of a listing
  await fillWithOneBad(world, count);
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
