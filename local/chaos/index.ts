import { fileURLToPath } from 'node:url';
import { Command, InvalidArgumentError } from 'commander';
import { showError } from '../../cli/output.ts';
import { minute } from '../../shared/platform/instant.ts';
import { type Cloud, startCloud } from '../cloud.ts';
import { whenOrphaned } from '../orphan.ts';
import type { ChaosOptions } from './options.ts';
import { reportText } from './report.ts';
import { begin, runChaos } from './run.ts';
import { createWatch } from './watch.ts';

/** The stress tool behind `npm run chaos`: all of Holdfast in a storm, and whether anything slipped through. */

const inProject = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** It is to end with an error rather than to hang. */
const longestRunMs = 30 * minute;

/** What a shell reports for a program that a signal has ended: 128 + its number. */
const signals = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

let cloud: Cloud | undefined;
let ending = false;

/** Closes the cloud and ends, whatever still goes on. */
async function endWith(exitCode: number): Promise<void> {
  if (ending) return;
  ending = true;
  await cloud?.close();
  process.exit(exitCode);
}

for (const [name, exitCode] of Object.entries(signals)) process.on(name, () => void endWith(exitCode));
whenOrphaned(() => void endWith(signals.SIGTERM));
setTimeout(() => {
  showError(new Error(`the run has not ended within ${longestRunMs / minute} minutes`), false);
  void endWith(1);
}, longestRunMs).unref();

const options = new Command('npm run chaos --')
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
  .description(
    'Uploads to an embedded cloud where much goes wrong, repairs, and compares all with the rules.',
  )
  .option('--events <n>', 'uploads, each of which makes an event', readCount, 20_000)
  .option('--seed <n>', 'what everything random comes from', readCount, 1)
  .option('--faults <rate>', 'calls of the functions that fail', readRate, 0.2)
  .option('--duplicate <rate>', 'events that arrive twice', readRate, 0.1)
  .option('--lose <rate>', 'events that never arrive', readRate, 0.05)
  .option('--reorder <rate>', 'events that later ones overtake', readRate, 0.1)
  .option('--kill <rate>', 'invocations whose instance is killed', readRate, 0.02)
  .option('--no-repair', 'leave what the storm has left as it is')
  .parse()
  .opts<ChaosOptions>();

try {
  const rules = inProject('local/chaos/rules.yaml');
  const watch = createWatch();
  cloud = await startCloud({
    template: inProject('s.yaml'),
    rules,
    clock: begin,
    everyBucket: true,
    environment: { HOLDFAST_LOG_LEVEL: 'error' },
    onInvocation: watch.onInvocation,
  });
  const workshop = { holdfast: inProject('dist/cli/holdfast.js'), rules };
  const { comparison, letters } = await runChaos(cloud, workshop, options, watch);
  process.stdout.write(`${reportText(options, comparison, letters, watch)}\n`);
  process.exitCode = comparison.found.length === 0 ? 0 : 1;
} catch (error) {
  if (!ending) showError(error, false);
} finally {
  if (!ending) await cloud?.close();
}

function readCount(text: string): number {
  const count = Number(text);
  if (!/^\d+$/.test(text) || count < 1 || count > 1_000_000)
    throw new InvalidArgumentError('Expected a whole number from 1 to 1000000.');
  return count;
}

function readRate(text: string): number {
  const rate = Number(text);
  if (text === '' || !(rate >= 0 && rate <= 1))
    throw new InvalidArgumentError('Expected a rate from 0 to 1.');
  return rate;
}
