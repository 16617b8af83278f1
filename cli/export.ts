import type { Command } from 'commander';
import { type ExportScope, mayConcernBucket } from '../shared/export/scope.ts';
import { failure } from '../shared/platform/errors.ts';
import { endOfDate } from '../shared/rules/tag-date.ts';
import type { Rules } from '../shared/rules/types.ts';
import { folderTaken, lookAtFolder } from './export/folder.ts';
import { makePack } from './export/make.ts';
import type { ExportOptions } from './export/world.ts';
import { addRulesOptions, readRules } from './options/cloud-options.ts';
import { readCount } from './options/read-count.ts';
import { readDay } from './options/read-day.ts';
import { usage } from './options/usage.ts';
import { isStop, stopOnInterrupt } from './terminal/interrupt.ts';
import { note, show } from './terminal/output.ts';
import { didYouMean } from './terminal/usage-hints.ts';
import { addAllRegionsOption } from './world/all-regions.ts';

export function configure(command: Command): void {
  addRulesOptions(
    addAllRegionsOption(command)
      .requiredOption(
        '--out <folder>',
        'where the pack is written: empty, not there, or with an export that was stopped',
      )
      .option('--rule <name...>', 'only what these rules are for (default: every rule)')
      .option('--from <date>', 'the first day (UTC): versions of that day or later, and decisions since then')
      .option('--to <date>', 'the last day (UTC): versions of that day or earlier, and decisions until then')
      .option('--bucket <name...>', 'only these buckets (default: every bucket that the rules match)')
      .option('--concurrency <n>', 'requests under way at once, at most', readCount, 64)
      .option('--qps <n>', 'requests a second, at most (default: as many as the service takes)', readCount)
      .option('--restart', 'forget what an export that was stopped has left in the folder, and begin anew'),
  )
    .addHelpText('after', help)
    .action(run);
}

const help = `
Changes nothing in the cloud. The folder has tables (CSV), the evidence that proves them, SHA256SUMS and READ-ME.txt, which says how to
check it without Holdfast: docs/export.md. Exit code 1: something is wrong with the evidence, or a bucket could not be read; the
pack is written all the same, and says so. Stopped at any moment (Ctrl-C, kill, power), the same command goes on where it was; a
folder that has INCOMPLETE.txt is no pack yet.`;

async function run(options: ExportOptions): Promise<void> {
  const { signal } = stopOnInterrupt();
  const folder = lookAtFolder(options.out);
  if (folder.is === 'taken') throw folderTaken(folder.problem);
  const period = readPeriod(options);
  const rules = await readRules(options);
  const { audit: place, cloud } = rules;
  if (place === undefined) throw failure('EVIDENCE_UNSET', { cloud, what: 'export' });
  const chosen = readRuleNames(options, rules);
  const buckets = options.bucket && new Set(options.bucket);
  const scope = { rules, chosen, buckets, ...period };
  for (const bucket of buckets ?? []) {
    if (!mayConcernBucket(scope, bucket)) throw usage(`--bucket ${bucket}: none of the rules is for it`);
  }
  try {
    show(await makePack(options, scope, place, signal), options);
  } catch (error) {
    if (lookAtFolder(options.out).is === 'unfinished')
      note(
        `${isStop(signal, error) ? 'interrupted: ' : ''}${options.out} is no pack yet; the same command goes on where it was`,
      );
    if (!isStop(signal, error)) throw error;
    process.exitCode = 130;
  }
}

/** @throws USAGE */
function readPeriod({ from, to }: ExportOptions): Pick<ExportScope, 'from' | 'until'> {
  const start = from === undefined ? undefined : readDay('--from', from).at;
  const until = to === undefined ? undefined : endOfDate(readDay('--to', to));
  if (start !== undefined && until !== undefined && start >= until)
    throw usage(`--from ${from} is not before --to ${to}: nothing would be in the period`);
  return { from: start, until };
}

/** @throws USAGE */
function readRuleNames({ rule: asked }: ExportOptions, rules: Rules): ReadonlySet<string> {
  const { objects, buckets, defaults } = rules;
  const names = [...objects, ...buckets, ...defaults].map(({ name }) => name);
  const unknown = asked?.find((name) => !names.includes(name));
  if (unknown !== undefined)
    throw usage(`--rule ${unknown}: there is no such rule${didYouMean(unknown, names)}`);
  return new Set(asked ?? names);
}
