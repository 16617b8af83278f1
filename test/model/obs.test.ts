import fc from 'fast-check';
import { test } from 'vitest';
import { hour } from '../../shared/platform/instant.ts';
import { breakCalls, calm, effects } from './calls.ts';
import { alive, emptyModel, lookProtected } from './model.ts';
import {
  type Command,
  command,
  deliver,
  deliverAll,
  deliverAndKill,
  lose,
  remove,
  removeVersion,
  repeat,
  setTags,
  upload,
} from './objects.ts';
import { dryRun, repair, repairAll } from './repairs.ts';
import { openWorld } from './world.ts';

/** The model of the objects over OBS, whose functions run on FunctionGraph; it has no bucket policies. */

const asked = process.env['HOLDFAST_MODEL_RUNS'];
const runs = asked === undefined ? { numRuns: 2, seed: 1 } : { numRuns: Number(asked) };

/** Time passes at one go: repetitions come, and the timer repairs what is a day old. */
const wait = (hours: number): Command =>
  command(`${hours} h pass`, async (_model, { cloud }) => {
    await cloud.time.leap(hours * hour);
    await cloud.advance(hour / 4);
  });

const any = fc.nat(999);
const crash = fc.record({ call: fc.integer({ min: 1, max: 30 }), after: fc.boolean() });
const commands = [
  ...Array.from({ length: 4 }, () =>
    fc.tuple(any, any, fc.constantFrom('x', 'y')).map((args) => upload(...args)),
  ),
  ...Array.from({ length: 3 }, () => any.map(deliver)),
  any.map(repeat),
  any.map(lose),
  fc.constant(deliverAll()),
  fc.tuple(any, any).map((args) => deliverAndKill(...args)),
  fc.tuple(any, any).map((args) => setTags(...args)),
  any.map(remove),
  any.map(removeVersion),
  fc
    .tuple(fc.constantFrom(...effects), fc.nat(3), fc.integer({ min: 1, max: 6 }))
    .map((args) => breakCalls(...args)),
  fc.constant(calm()),
  fc.integer({ min: 1, max: 30 }).map(wait),
  ...Array.from({ length: 2 }, () => fc.array(crash, { maxLength: 3 }).map(repair)),
  fc.constant(dryRun()),
];

test('whatever happens in whatever order, every version on OBS ends as the rules ask, by the timer alone', async () => {
  const anyOrder = fc.asyncProperty(
    fc.commands(commands, { maxCommands: 40, size: 'max' }),
    async (drawn) => {
      const world = await openWorld('obs');
      try {
        const model = emptyModel();
        await fc.asyncModelRun(() => ({ model, real: world }), drawn);
        for (const last of [calm(), wait(26)]) await last.run(model, world);
        for (const version of alive(model)) await lookProtected(world, version);
        await repairAll(model, world, []); // nothing is left to change
      } finally {
        await world.close();
      }
    },
  );
  await fc.assert(anyOrder, runs);
}, 3_600_000); // a limit against hanging
