import type { Command } from 'commander';
import { type CloudName, isCloudName, schemeOf } from '../../shared/platform/address.ts';
import { cloudWords } from '../../shared/platform/cloud-words.ts';
import { usage } from '../options/usage.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** The options that settle which cloud a command serves, as commander has read them. */
interface Given {
  readonly cloud?: CloudName;
  readonly profile?: string;
  readonly rules?: string;
  readonly folder?: string;
  readonly inventory?: string;
  readonly over?: readonly string[];
  /** Places of a matter, of which some begin with `!`. */
  readonly match?: readonly string[];
  /** `--tag` takes several values, so an address that follows it is among them. */
  readonly tag?: readonly string[];
}

/**
 * Tells which cloud a command serves: that of --cloud; else of the first address among its arguments; else of the address
 * that --match, --over, --folder, --inventory or --rules names; else OSS.
 */
export function cloudOf(
  args: readonly string[],
  { cloud, rules, folder, inventory, over = [], match = [], tag = [] }: Given,
): CloudName {
  if (cloud !== undefined) return cloud;
  const texts = [
    ...args,
    ...match.map((place) => place.replace(/^!/, '')),
    ...tag,
    ...over,
    folder,
    inventory,
    rules,
  ];
  const schemes = texts.flatMap((text) => (text === undefined ? [] : (schemeOf(text) ?? [])));
  return schemes.find(isCloudName) ?? 'oss';
}

/** The variables of OBS that stand for what was not given: Huawei's own come first, since HOLDFAST_REGION may be of OSS. */
const obsDefaults = (env: Environment) => ({
  region: env['HW_REGION_NAME'] || env['HOLDFAST_REGION'] || cloudWords.obs.region,
  endpoint: env['HOLDFAST_OBS_ENDPOINT'] || undefined,
});

/**
 * Settles the cloud of a command before it runs, with the region and the endpoint that go with it.
 * @throws USAGE for a profile of Alibaba Cloud where OBS is served
 */
export function settleCloud(command: Command, env: Environment = process.env): CloudName {
  const given = command.opts<Given>();
  const cloud = cloudOf(command.args, given);
  command.setOptionValueWithSource('cloud', cloud, 'config');
  if (cloud === 'oss') return cloud;
  if (given.profile !== undefined) {
    const reason = '--profile names credentials of Alibaba Cloud, which are not used for OBS';
    throw usage(reason);
  }
  for (const [name, value] of Object.entries(obsDefaults(env))) {
    if (command.getOptionValueSource(name) === 'default' || command.opts()[name] === undefined)
      command.setOptionValueWithSource(name, value, 'config');
  }
  return cloud;
}
