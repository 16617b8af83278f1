import { type Command, InvalidArgumentError } from 'commander';
import * as z from 'zod';
import type { CloudName } from '../shared/platform/address.ts';
import { maxPolicyDays } from '../shared/rules/duration.ts';
import { policiesOf } from '../shared/storage/policies.ts';
import { wormId } from '../shared/storage/port.ts';
import { readAddress } from './options/address.ts';
import { addCloudOptions, addRulesOptions, type CloudOptions, connect } from './options/cloud-options.ts';
import { operationHelpStyle } from './options/common-options.ts';
import { readConfiguration, value } from './options/configuration.ts';
import { usage } from './options/usage.ts';
import { type ChangeOptions, changePolicy } from './policy/change.ts';
import { color, objectUrl, type Report, showUnder } from './terminal/output.ts';
import { aligned, policyFacts, policyLines } from './world/policy-facts.ts';

interface DaysOptions extends ChangeOptions {
  readonly days?: number;
  readonly initiateWormConfiguration?: string;
  readonly extendWormConfiguration?: string;
}

interface IdOptions extends ChangeOptions {
  readonly wormId?: string;
}

/** Returns the five operations on a bucket's WORM policy, one subcommand each. */
export function configure(command: Command): void {
  command.configureHelp(operationHelpStyle).addHelpText('after', help);

  addCloudOptions(operation(command, 'get', 'show the policy, and how long it may still be locked')).action(
    async (url: string, options: CloudOptions) =>
      showUnder(command, await get(readBucket(options.cloud, url), options)),
  );

  changing(operation(command, 'initiate', 'begin a policy; it has to be locked within 24 hours'))
    .option('--days <n>', 'how long each object is kept, in days', readDays)
    .option('--initiate-worm-configuration <text>', `the same as ossutil takes it: ${forms}`)
    .action(async (url: string, options: DaysOptions) => {
      const days = await daysOf(options, 'initiate', options.initiateWormConfiguration);
      showUnder(
        command,
        await changePolicy(readBucket(options.cloud, url), { action: 'initiate', days }, options),
      );
    });

  confirmed(fenced(changing(operation(command, 'lock', 'lock the policy, for good')))).action(
    async (url: string, options: IdOptions) =>
      showUnder(
        command,
        await changePolicy(readBucket(options.cloud, url), { action: 'lock', ...idOf(options) }, options),
      ),
  );

  confirmed(fenced(changing(operation(command, 'extend', 'lengthen a locked policy, for good'))))
    .option('--days <n>', 'the new total of days, not what is added', readDays)
    .option('--extend-worm-configuration <text>', `the same as ossutil takes it: ${forms}`)
    .action(async (url: string, options: DaysOptions & IdOptions) => {
      const days = await daysOf(options, 'extend', options.extendWormConfiguration);
      const wish = { action: 'extend', days, ...idOf(options) } as const;
      showUnder(command, await changePolicy(readBucket(options.cloud, url), wish, options));
    });

  fenced(changing(operation(command, 'abort', 'end a policy that is not locked'))).action(
    async (url: string, options: IdOptions) =>
      showUnder(
        command,
        await changePolicy(readBucket(options.cloud, url), { action: 'abort', ...idOf(options) }, options),
      ),
  );
}

const help = `
Each command looks first, refuses what the rules do not allow, and shows the policy as it is read back afterwards.
Locking and extending cannot be undone by anybody: they ask for the word to be typed, or take --yes.`;

const forms = 'JSON or XML, or file://path';

const operation = (parent: Command, name: string, summary: string): Command =>
  parent.command(name).summary(summary).description(summary).argument('<url>', 'oss://bucket');

const changing = (command: Command): Command =>
  addRulesOptions(command.option('--dry-run', 'go through it all and send no write'));

const confirmed = (command: Command): Command =>
  command.option('--yes', 'do not ask before what cannot be undone');

const fenced = (command: Command): Command =>
  command.option('--worm-id <id>', 'only if this is the policy that the bucket has');

async function get(bucket: string, options: CloudOptions): Promise<Report> {
  const { storage, clock } = await connect(options);
  const policy = await policiesOf(storage, bucket).getPolicy(bucket);
  const title = color.bold(objectUrl(storage.cloud, { bucket }));
  if (policy === undefined) {
    return { text: `${title}\nno WORM policy`, json: { bucket, policy: null } };
  }
  const facts = policyFacts(policy, clock.now());
  return { text: `${title}\n${aligned(policyLines(facts))}`, json: { bucket, policy: facts } };
}

function idOf({ wormId: id }: IdOptions) {
  return id === undefined ? {} : { id: wormId(id) };
}

async function daysOf(
  { days }: DaysOptions,
  name: 'initiate' | 'extend',
  configuration: string | undefined,
): Promise<number> {
  const option = `--${name}-worm-configuration`;
  if (configuration === undefined && days !== undefined) return days;
  if (configuration === undefined || days !== undefined) {
    throw usage(`give one of --days and ${option}`);
  }
  const root = name === 'initiate' ? 'InitiateWormConfiguration' : 'ExtendWormConfiguration';
  const content = z.strictObject({ RetentionPeriodInDays: value });
  const { RetentionPeriodInDays: text } = await readConfiguration(configuration, { option, root, content });
  const count = toDays(text);
  if (count === undefined) throw usage(`${option}: ${text} is not ${dayRange}`);
  return count;
}

const dayRange = `a whole number of days from 1 to ${maxPolicyDays}`;

function readDays(text: string): number {
  const count = toDays(text);
  if (count === undefined) throw new InvalidArgumentError(`Expected ${dayRange}.`);
  return count;
}

/** A number of days that the service takes (InitiateBucketWorm, EC 0027-00000002). */
function toDays(text: string): number | undefined {
  const count = Number(text);
  return /^\d+$/.test(text) && count >= 1 && count <= maxPolicyDays ? count : undefined;
}

function readBucket(cloud: CloudName, url: string): string {
  const { bucket, key } = readAddress(cloud, url, 'bucket');
  if (key === '') return bucket;
  throw usage(`"${url}" is not ${cloud}://bucket`);
}
