import { type Command, Option } from 'commander';
import { approveDisposition, type DispositionApproveOptions } from './disposition/approve.ts';
import { certifyDisposition, type DispositionCertifyOptions } from './disposition/certify.ts';
import { type DispositionPlanOptions, planDisposition } from './disposition/plan.ts';
import { runDisposition } from './disposition/world.ts';
import { addRulesOptions } from './options/cloud-options.ts';
import { operationHelpStyle } from './options/common-options.ts';
import { readCount } from './options/read-count.ts';

/** Returns the three operations of disposition, one subcommand each. */
export function configure(command: Command): void {
  command.configureHelp(operationHelpStyle).addHelpText('after', help);

  restartable(
    looking(
      named(command, 'plan', 'find the versions that may go, and write down why')
        .argument(
          '[urls...]',
          'oss://bucket or oss://bucket/prefix (default: every bucket that the rules match)',
        )
        .requiredOption('--out <folder>', 'where the plan is kept; it must have none yet')
        .option(
          '--inventory <url>',
          'take the versions from the manifest.json at this address instead of listing them',
        )
        .option('--no-decode-keys', 'the keys in the inventory are not URL-encoded'),
    ),
  ).action(async (urls: readonly string[], options: DispositionPlanOptions) =>
    runDisposition(command, `nothing is planned yet; ${goesOn}`, (run) =>
      planDisposition(urls, options, run),
    ),
  );

  looking(
    named(
      command,
      'approve',
      'approve a plan that somebody else has made, and write the lists to delete with',
    )
      .argument('<folder>', 'of the plan')
      .requiredOption('--reason <text>', 'why; it stays on record')
      .option('--for <duration>', 'how long the approval lasts, from now', '30d')
      .option('--yes', 'do not ask'),
  ).action(async (folder: string, options: DispositionApproveOptions) =>
    runDisposition(command, `nothing was approved; ${again}`, (run) =>
      approveDisposition(folder, options, run),
    ),
  );

  restartable(
    looking(
      named(command, 'certify', 'look what is gone, and write the certificate into the evidence').argument(
        '<folder>',
        'of the plan',
      ),
    ),
  ).action(async (folder: string, options: DispositionCertifyOptions) =>
    runDisposition(command, `nothing is certified yet; ${goesOn}`, (run) =>
      certifyDisposition(folder, options, run),
    ),
  );
}

const again = 'the same command begins anew';
const goesOn = 'the same command goes on where it was';

const restartable = (command: Command): Command =>
  command.option('--restart', 'forget what a run that was stopped has left in the folder, and begin anew');

const named = (parent: Command, name: string, summary: string): Command =>
  parent.command(name).summary(summary).description(summary);

const looking = (command: Command): Command =>
  addRulesOptions(
    command
      .option('--concurrency <n>', 'requests under way at once, at most', readCount, 64)
      .option('--qps <n>', 'requests a second, at most (default: as many as the service takes)', readCount)
      // Other commands have it, so it is refused with what to do.
      .addOption(new Option('--all-regions').hideHelp()),
  );

const help = `
Nothing in Holdfast deletes. A plan names the versions that may go: the latest date of all rules that match is past, so is the
retention that is stored, and no matter or legal hold has them. Another access key approves it, somebody deletes with delete.sh,
and certify says what is gone. Each step is a record of the evidence, so the rules have to name a folder (audit). A plan is of one region.
docs/disposition.md has the whole story.`;
