import type { Command } from 'commander';
import { addRulesOptions } from './cloud-options.ts';
import { operationHelpStyle } from './common-options.ts';
import { approveDisposition, type DispositionApproveOptions } from './disposition-approve.ts';
import { certifyDisposition } from './disposition-certify.ts';
import { type DispositionPlanOptions, planDisposition } from './disposition-plan.ts';
import type { DispositionOptions } from './disposition-world.ts';
import { showUnder } from './output.ts';
import { readCount } from './read-count.ts';

/** Returns the three operations of disposition, one subcommand each. */
export function configure(command: Command): void {
  command.configureHelp(operationHelpStyle).addHelpText('after', help);

  looking(
    named(command, 'plan', 'find the versions that may go, and write down why')
      .argument(
        '[urls...]',
        'oss://bucket or oss://bucket/prefix (default: every bucket that the rules match)',
      )
      .requiredOption('--out <folder>', 'where the plan is kept; it must have none yet'),
  ).action(async (urls: readonly string[], options: DispositionPlanOptions) =>
    showUnder(command, await planDisposition(urls, options)),
  );

  looking(
    named(
      command,
      'approve',
      'approve a plan that somebody else has made, and write the lists to delete with',
    )
      .argument('<folder>', 'of the plan')
      .requiredOption('--reason <text>', 'why; it stays on record')
      .option('--for <duration>', 'how long the approval lasts', '30d')
      .option('--yes', 'do not ask'),
  ).action(async (folder: string, options: DispositionApproveOptions) =>
    showUnder(command, await approveDisposition(folder, options)),
  );

  looking(
    named(command, 'certify', 'look what is gone, and write the certificate into the evidence').argument(
      '<folder>',
      'of the plan',
    ),
  ).action(async (folder: string, options: DispositionOptions) =>
    showUnder(command, await certifyDisposition(folder, options)),
  );
}

const named = (parent: Command, name: string, summary: string): Command =>
  parent.command(name).summary(summary).description(summary);

const looking = (command: Command): Command =>
  addRulesOptions(command.option('--concurrency <n>', 'requests under way at once, at most', readCount, 64));

const help = `
Nothing in Holdfast deletes. A plan names the versions that may go: the latest date of all rules that match is past, so is the
retention that is stored, and no matter or legal hold has them. Another access key approves it, somebody deletes with delete.sh,
and certify says what is gone. Each step is a record of the evidence, so the rules have to name a folder (audit).
docs/disposition.md has the whole story.`;
