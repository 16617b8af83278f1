import type { Command } from 'commander';
import { listMatters, showMatter } from './hold/list.ts';
import { openMatter } from './hold/open.ts';
import type { HoldOpenOptions, HoldOptions, HoldReleaseOptions } from './hold/options.ts';
import { releaseMatter } from './hold/release.ts';
import { addRulesOptions } from './options/cloud-options.ts';
import { operationHelpStyle } from './options/common-options.ts';
import { readCount } from './options/read-count.ts';
import { showUnder } from './terminal/output.ts';

/** Returns the four operations on matters, one subcommand each. */
export function configure(command: Command): void {
  command.configureHelp(operationHelpStyle).addHelpText('after', help);

  const open = named(command, 'open', 'open a matter: put a legal hold on every version that it matches')
    .requiredOption(
      '--match <place...>',
      'what is held: oss://bucket/key with globs; "!" before a place excludes it',
    )
    .option('--tag <k=v...>', 'only versions with this tag; the value is a glob')
    .option('--from <time>', 'the first day of the versions, by Last-Modified: ISO 8601 (UTC)')
    .option('--until <time>', 'the last day of the versions, by Last-Modified')
    .requiredOption('--reason <text>', 'why; it stays on record')
    .option('--again', 'go over the versions of an open matter again, with the scope that it has')
    .option(
      '--inventory <url>',
      'take the versions from the manifest.json at this address instead of listing them',
    )
    .option('--no-decode-keys', 'the keys in the inventory are not URL-encoded');
  passing(open).action(async (id: string, options: HoldOpenOptions) =>
    showUnder(command, await openMatter(id, options)),
  );

  passing(
    named(
      command,
      'release',
      'release a matter: take the legal hold off every version that no other matter holds',
    )
      .requiredOption('--reason <text>', 'why; it stays on record')
      .option('--again', 'go over the versions of a matter that is released again: a hold was put on since'),
  ).action(async (id: string, options: HoldReleaseOptions) =>
    showUnder(command, await releaseMatter(id, options)),
  );

  addRulesOptions(
    command
      .command('list')
      .summary('list all matters')
      .description('list all matters, those that are released too'),
  ).action(async (options: HoldOptions) => showUnder(command, await listMatters(options)));

  addRulesOptions(named(command, 'show', 'show what a matter holds, and all that was done about it')).action(
    async (id: string, options: HoldOptions) => showUnder(command, await showMatter(id, options)),
  );
}

const named = (parent: Command, name: string, summary: string): Command =>
  parent.command(name).summary(summary).description(summary).argument('<name>', 'of the matter');

const passing = (command: Command): Command =>
  addRulesOptions(
    command
      .option('--dry-run', 'say what would be done and write nothing to the cloud')
      .option('--yes', 'do not count and ask before anything is done')
      .option('--concurrency <n>', 'requests under way at once, at most', readCount, 64),
  );

const help = `
A matter is kept as records in the folder that the rules name as audit, which are never changed. While it is open, every
version that it matches is under a legal hold, which keeps it from being deleted whatever its retention says; uploads are
held by the function as they come. Its holds are taken off when it is released, where no other open matter has the version.
Stopped at any moment, the same command goes on where it was; open with --again begins with the first version. A hold that was put on
while its matter was released may stay on: release with --again takes it off. Exit code 1 when a version is not kept although it should be. Where a bucket takes no legal hold, generations of retention keep its versions;
protect, open with --again, and the repairs of the functions renew them. docs/matters.md says more.

With --inventory the versions of its bucket come from there, and those of other buckets of the matter are listed. Where it was taken before
the matter was opened, the exit code is 1: run it again without, or with a newer one, for what was uploaded between them.`;
