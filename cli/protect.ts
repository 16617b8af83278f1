import type { Command } from 'commander';
import { mayNeedProtectApproval } from '../shared/approvals/needed.ts';
import { lockFile } from '../shared/backfill/lock.ts';
import { failure } from '../shared/platform/errors.ts';
import { findCollision } from '../shared/rules/collision.ts';
import { readObjectAddress } from './options/address.ts';
import { addRulesOptions, readRules } from './options/cloud-options.ts';
import { addPassOptions } from './options/pass-options.ts';
import { readCount } from './options/read-count.ts';
import { usage } from './options/usage.ts';
import { refuseUnasked } from './protect/confirm.ts';
import { fanOut } from './protect/fan-out.ts';
import { addFanOutOptions, type FanOutOptions } from './protect/fan-out-options.ts';
import { type ProtectOptions, protectPlaces, readTarget } from './protect/options.ts';
import { protectHere } from './protect/run.ts';

export function configure(command: Command): void {
  const described = command
    .argument('<url>', 'oss://bucket, or oss://bucket/prefix; or obs://…')
    .option('--dry-run', 'say what would be done and write nothing to the cloud')
    .option('--yes', 'do not count and ask before what cannot be undone')
    .option('--look-first', 'look at every version before it is written, so that the report says what it had')
    .option('--max-objects <n>', 'change nothing if more than n versions would change', readCount)
    .option(
      '--report <place>',
      'a file (.jsonl or .csv; the other lies beside it), or a folder of the cloud',
    );
  addRulesOptions(addFanOutOptions(addPassOptions(described)))
    .addHelpText('after', help)
    .action(protect);
}

const help = `
On a terminal it first counts what it would write, and asks for the word to be typed; elsewhere it needs --yes. Stopped
at any moment (Ctrl-C, kill, power), the same command goes on where it was, and on a terminal asks no second time: its
checkpoint is of a run that was confirmed. With --max-objects everything is
read twice: a first pass counts what would change, and only if that is not too much the second one writes.
Repeating a run is harmless: what is protected long enough is not written again.

A version is written without a look where no rule reads tags or extends: one request instead of two, since the service
refuses to shorten. What it refuses is looked at, and a sample of the rest is read back. Where the first versions of a page are
protected already, or it has fewer than 200, all of it is looked at first; so it is with --look-first, --dry-run and --max-objects.

With --fan-out the deployed function does the work: shards of the bucket are its tasks, and --qps is divided among those
that run at once. Plan and results are kept in the folder that the rules name as deadLetters, so any machine can go on.`;

async function protect(url: string, options: ProtectOptions & FanOutOptions): Promise<void> {
  const target = readTarget(options.cloud, url);
  if (options.inventory !== undefined) readObjectAddress(options.cloud, options.inventory);
  const places = protectPlaces(target, options);
  const rules = await readRules(options);
  const collision = findCollision(rules, target.bucket);
  if (collision !== undefined) throw collision;
  if (options.planOnly === true && options.fanOut !== true) throw usage('--plan-only needs --fan-out');
  if (options.fanOut === true && options.dryRun !== true && mayNeedProtectApproval(rules))
    throw failure('APPROVAL_UNCOUNTED', { target: url });
  if (options.planOnly !== true) await refuseUnasked(url, options);
  if (options.fanOut === true) await fanOut(target, places, rules, options);
  else {
    const release = await lockFile(places.checkpoint);
    await protectHere(target, places, rules, options).finally(release);
  }
}
