import { type Command, Option } from 'commander';
import { type CloudName, cloudNames, objectIn, schemeOf } from '../../shared/platform/address.ts';
import { type Clock, followingClock, systemClock } from '../../shared/platform/clock.ts';
import { failure } from '../../shared/platform/errors.ts';
import { rulesFrom } from '../../shared/rules/read.ts';
import type { Rules } from '../../shared/rules/types.ts';
import type { ObsSetup } from '../../shared/storage/obs/index.ts';
import type { Connections } from '../../shared/storage/oss/connections.ts';
import type { OssStorageOptions } from '../../shared/storage/oss/options.ts';
import type { ObjectStore, Storage, StorageReads } from '../../shared/storage/port.ts';
import { withRetry } from '../../shared/storage/retry.ts';
import type { Identity } from '../credentials/identity.ts';
import { type Caller, callerOf, identityInUse, regionOfProfile } from '../credentials/in-use.ts';
import { obsIdentity } from '../credentials/obs-identity.ts';
import { renewing } from '../credentials/renewing.ts';
import { settleCloud } from '../world/served-cloud.ts';
import { readRulesInput } from './read-text.ts';
import { usage } from './usage.ts';

/** The options of every command that may talk to the cloud. */
export interface CloudOptions {
  /** Settled before a command runs. */
  readonly cloud: CloudName;
  readonly region: string;
  readonly endpoint: string | undefined;
  /** A profile of `aliyun configure`, when --profile names one. */
  readonly profile?: string | undefined;
}

/** These are the options of the object store, and the rules. */
export interface RulesOptions extends CloudOptions {
  readonly rules: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Returns the rules file that is meant when none is named. */
export const defaultRules = (env: Environment = process.env): string => env['HOLDFAST_RULES'] || 'rules.yaml';

/** Adds --cloud, --region and --endpoint; an empty environment variable counts as unset. */
export function addCloudOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--cloud <name>',
        'where no address says it: oss or obs (default: that of --rules, else oss)',
      ).choices([...cloudNames]),
    )
    .addOption(regionOption('region of the buckets'))
    .addOption(profileOption())
    .addOption(
      new Option(
        '--endpoint <url>',
        "address of the service, {region} stands for the region (HOLDFAST_OSS_ENDPOINT, HOLDFAST_OBS_ENDPOINT; default: the region's)",
      ).default(process.env['HOLDFAST_OSS_ENDPOINT'] || undefined),
    )
    .addHelpText('after', credentialsHelp)
    .hook('preAction', async (_, running) => {
      if (settleCloud(running) === 'oss') await takeRegionOfProfile(running);
    });
}

/** @param whose region it is, for the help */
export const regionOption = (whose: string): Option =>
  new Option('--region <id>', `${whose} (HOLDFAST_REGION; else the profile's)`).default(
    process.env['HOLDFAST_REGION'] || 'cn-hangzhou',
  );

export const profileOption = (): Option =>
  new Option('--profile <name>', 'profile of `aliyun configure` to use (ALIBABA_CLOUD_PROFILE)');

/** Takes the region of the profile where neither option nor environment names one. */
export async function takeRegionOfProfile(command: Command): Promise<void> {
  if (command.getOptionValueSource('region') !== 'default' || process.env['HOLDFAST_REGION']) return;
  const { profile } = command.opts<{ profile?: string }>();
  // What is wrong with profiles is said when credentials are needed: some commands need none.
  const region = await regionOfProfile(profile).catch(() => undefined);
  if (region !== undefined) command.setOptionValueWithSource('region', region, 'config');
}

/** Adds --rules as well. */
export function addRulesOptions(command: Command): Command {
  return addCloudOptions(
    command.option(
      '--rules <file>',
      'rules file, its address in the cloud, or - for standard input (HOLDFAST_RULES)',
      defaultRules(),
    ),
  );
}

const credentialsHelp = `
Credentials come from the environment (ALIBABA_CLOUD_ACCESS_KEY_ID, ALIBABA_CLOUD_ACCESS_KEY_SECRET, and
ALIBABA_CLOUD_SECURITY_TOKEN for temporary ones), a profile of \`aliyun configure\`, OIDC, a credentials URI or the role of
an ECS instance: docs/credentials.md. For obs:// they come from OBS_ACCESS_KEY_ID and OBS_SECRET_ACCESS_KEY, HW_ACCESS_KEY
and HW_SECRET_KEY, or HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK, and the region from HW_REGION_NAME: docs/obs.md.
HTTPS_PROXY, HTTP_PROXY and NO_PROXY are followed.`;

/** A connection to the cloud, with the clock by which its deadlines are judged: the service's own. */
export interface Cloud {
  readonly storage: Storage;
  readonly clock: Clock;
  readonly region: string;
  /** Whose key is used now, for the evidence. */
  readonly caller: () => Caller;
  /** Tells whether that key is of a session: its id changes, so it names nobody. */
  readonly isTemporaryCaller: boolean;
}

/**
 * Makes the connection; nothing is sent yet, unless credentials have to be asked for.
 * @param around is put around every single request, repetitions included, by a command that may send thousands
 * @returns the connection, and the reads of its storage without that
 * @throws CREDENTIALS_MISSING, CREDENTIALS_REFUSED, CREDENTIALS_UNREACHABLE, PROFILES_INVALID, PROFILE_UNKNOWN,
 * PROFILE_INVALID, OBS_CREDENTIALS_MISSING, CONFIG_INVALID
 */
export async function connect(
  options: CloudOptions,
  around?: (storage: Storage) => Storage,
): Promise<Cloud & { readonly direct: StorageReads }> {
  const clock = followingClock(systemClock);
  const identity = await identityFor(options, clock);
  const store = await openStore(options, {
    credentials: identity.current,
    connections: await connectionsFor(around !== undefined),
    onServiceTime: (time) => clock.observe(time),
  });
  const plain = renewing(store, identity);
  const direct = withRetry(plain, { clock: systemClock });
  const storage = around === undefined ? direct : withRetry(around(plain), { clock: systemClock });
  const caller = () => callerOf(identity);
  const { region } = options;
  return { storage, direct, clock, region, caller, isTemporaryCaller: identity.isOfSession };
}

/**
 * Makes the calls that set buckets of OBS up; nothing is sent yet.
 * @throws OBS_CREDENTIALS_MISSING, CONFIG_INVALID
 */
export async function connectObsSetup(options: CloudOptions): Promise<ObsSetup> {
  const clock = followingClock(systemClock);
  const identity = await identityFor(options, clock);
  const { createObsSetup } = await import('../../shared/storage/obs/index.ts');
  return createObsSetup({
    region: options.region,
    endpoint: endpointOf(options),
    credentials: identity.current,
    connections: await connectionsFor(false),
  });
}

/** Finds the credentials for the cloud that is served. @throws as {@link connect} */
export const identityFor = async (
  { cloud, profile }: Pick<CloudOptions, 'cloud' | 'profile'>,
  clock: Clock,
): Promise<Identity> => (cloud === 'obs' ? await obsIdentity(clock) : await identityInUse(profile, clock));

/** Opens the object store of the cloud that is served; only commands that talk to it wait for its code to load. */
async function openStore(
  options: CloudOptions,
  rest: Pick<OssStorageOptions, 'credentials' | 'connections' | 'onServiceTime'>,
): Promise<ObjectStore> {
  const { cloud, region } = options;
  const endpoint = endpointOf(options);
  if (cloud === 'obs') {
    const { createObsStorage } = await import('../../shared/storage/obs/index.ts');
    return createObsStorage({ region, endpoint, ...rest });
  }
  const { createOssStorage } = await import('../../shared/storage/oss/index.ts');
  return createOssStorage({ region, endpoint, ...rest });
}

/** Returns the address of the service, with the region in its place. */
const endpointOf = ({ endpoint, region }: CloudOptions): string | undefined =>
  endpoint?.replaceAll('{region}', region);

/**
 * Returns the way to the service: by undici once many requests are sent, and through the proxies of the environment, as every
 * command-line tool goes. Absent: straight, by `node:http`.
 */
export async function connectionsFor(
  many: boolean,
  env: Environment = process.env,
): Promise<Connections | undefined> {
  const direct = many ? await forMany() : undefined;
  const isNamed = Object.entries(env).some(
    ([name, value]) => /^(https?|all)_proxy$/i.test(name) && value !== undefined && value !== '',
  );
  if (!isNamed) return direct;
  const { proxiedConnections } = await import('../../shared/storage/oss/proxy.ts');
  return proxiedConnections(direct);
}

async function forMany(): Promise<Connections> {
  const { undiciLater } = await import('../../shared/storage/oss/undici-later.ts');
  return undiciLater();
}

/**
 * Returns the rules that --rules names: a file, or an object of the cloud.
 * @throws USAGE, RULES_UNREADABLE, RULES_INVALID, NO_RULE_FOR_CLOUD, ADDRESS_CLOUD, ADDRESS_SCHEME, and what reading an object throws
 */
export async function readRules(options: RulesOptions): Promise<Rules> {
  const { cloud } = options;
  const at = objectIn(cloud, options.rules);
  if (at === undefined && schemeOf(options.rules) !== undefined)
    throw usage(`"${options.rules}" is not ${cloud}://bucket/key`);
  if (at === undefined) return rulesFrom(await readRulesInput(options.rules), options.rules, cloud);
  const { storage } = await connect(options);
  const found = await storage.readText(at);
  if (found === 'unchanged') throw failure('RULES_UNREADABLE', { source: options.rules, reason: 'no text' });
  return rulesFrom(found.text, options.rules, cloud);
}
