import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command, InvalidArgumentError, Option } from 'commander';
import { cloudNames } from '../../shared/platform/address.ts';
import { hour, minute } from '../../shared/platform/instant.ts';
import { startCloud } from '../cloud.ts';
import { defaultAccessKey } from '../keyring.ts';
import { runProgram } from '../program.ts';
import { type ChaosOptions, hasRecords } from './options.ts';
import { keyOf, personNames, type Workshop } from './people.ts';
import { reportText } from './report.ts';
import { rulesOfRun } from './rules-of-run.ts';
import { begin, runChaos } from './run.ts';
import { chaosStore } from './store.ts';
import { createWatch } from './watch.ts';
import { underWatch } from './watchdog.ts';

/** The stress tool behind `npm run chaos`: all of Holdfast in a storm, and whether anything slipped through. */

const inProject = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** It is to end with an error rather than to hang: as a whole, and when nothing happens any more. A busy machine lets a command start for minutes. */
const longestRunMs = 6 * hour;
const patienceMs = 20 * minute;

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
  .option('--encode <rate>', 'events whose key arrives encoded', readRate, 0.05)
  .option('--early <rate>', 'events that are stamped before their version', readRate, 0.05)
  .option('--hot <rate>', 'uploads that are versions of one key', readRate, 0.1)
  .option('--silent <rate>', 'calls of the functions that are never answered', readRate, 0.0005)
  .option('--renew <rate>', 'looks at a policy after which a person renews it', readRate, 0.002)
  .option('--kill <rate>', 'invocations whose instance is killed', readRate, 0.02)
  .option('--matters <n>', 'matters that are opened and released', readWhole, 0)
  .option('--late-tags <rate>', 'bursts that are cases, which a tag closes late', readRate, 0)
  .option(
    '--approvals <n>',
    'acts of people that somebody else has to approve, as every policy',
    readWhole,
    0,
  )
  .option('--no-repair', 'leave what the storm has left as it is')
  .addOption(
    new Option('--cloud <name>', 'the cloud whose objects are stormed').choices(cloudNames).default('oss'),
  )
  .parse()
  .opts<ChaosOptions>();

if (options.cloud === 'obs' && !options.repair) {
  process.stderr.write('error: --no-repair is for OSS; on OBS the timer repairs every bucket once a day\n');
  process.exit(2);
}

if (hasRecords(options) && !options.repair) {
  process.stderr.write('error: --matters, --late-tags and --approvals need the repair\n');
  process.exit(2);
}

await runProgram({ name: 'the run', longestMs: longestRunMs }, async (keep) => {
  const rules = rulesOfRun(options, inProject('local/chaos/rules.yaml'));
  const watch = createWatch();
  const cloud = keep(
    await startCloud({
      template: inProject('s.yaml'),
      rules,
      clock: begin,
      clouds: [options.cloud],
      everyBucket: true,
      accessKeys: [defaultAccessKey, ...personNames.map(keyOf)],
      environment: { HOLDFAST_LOG_LEVEL: 'error' },
      onInvocation: watch.onInvocation,
      processLimit: 8,
    }),
  );
  const own = hasRecords(options) ? { cwd: dirname(rules) } : {};
  const approver: Partial<Workshop> = options.approvals > 0 ? { approver: 'approver' } : {};
  const workshop = { holdfast: inProject('dist/cli/holdfast.js'), rules, ...own, ...approver };
  const run = runChaos(cloud, workshop, options, watch);
  const { comparison, letters } = await underWatch(run, cloud, chaosStore(cloud, options), watch, patienceMs);
  process.stdout.write(`${reportText(options, comparison, letters, watch)}\n`);
  return comparison.found.length === 0 ? 0 : 1;
});

function readWhole(text: string): number {
  return text === '0' ? 0 : readCount(text);
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
