import { expect, it } from 'vitest';
import { fillWithOneBad, stopAfter } from '../support/protect-stopped.ts';
import { type ProtectWorld, protectWorld } from '../support/protect-world.ts';

it('killed again and again, it goes on where it was, and reports what a run reports that nobody stopped', async () => {
  const count = 1100; // more than one page of a listing
  const args = ['oss://records', '--report', 'report.jsonl'];
  const undisturbed = await unseenIn(count, (world) => world.run(...args));
  const disturbed = await unseenIn(count, async (world) => {
    await world.run(...args, '--dry-run');
    const expected = world.report().map(({ looked: _always, ...line }) => ({
      ...line,
      result: line['result'] === 'would-protect' ? 'protected' : line['result'],
    }));
    expect(expected).toHaveLength(count + 1);
    for (const requests of [2, 900, 1600, 300]) {
      expect((await stopAfter(world, requests, 'SIGKILL', args)).code).toBeNull();
    }
    const ended = await world.run(...args);
    expect(world.report().map(({ looked: _seldom, ...line }) => line)).toEqual(expected);
    return ended;
  });
  expect(undisturbed.length).toBeGreaterThan(count / 3);
  expect(disturbed, 'what was written without a look is the same').toEqual(undisturbed);
}, 600_000);

/** The keys that a run in a world of its own has written without a look. A dry run looks at all, so it cannot tell. */
async function unseenIn(count: number, run: (world: ProtectWorld) => Promise<{ code: number | null }>) {
  const world = await protectWorld();
  await fillWithOneBad(world, count);
  expect((await run(world)).code).toBe(1);
  return world.report().flatMap(({ looked, key }) => (looked === false ? [key] : []));
}
