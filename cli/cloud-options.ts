import { type Command, Option } from 'commander';
import { objectIn } from '../shared/platform/address.ts';
import { type Clock, followingClock, systemClock } from '../shared/platform/clock.ts';
import { failure } from '../shared/platform/errors.ts';
import { readRulesFile, rulesFrom } from '../shared/rules/read.ts';
import type { Rules } from '../shared/rules/types.ts';
import type { Connections } from '../shared/storage/oss/connections.ts';
import type { OssCredentials } from '../shared/storage/oss/index.ts';
import type { Storage } from '../shared/storage/port.ts';
import { withRetry } from '../shared/storage/retry.ts';
import { servedCloud } from './address.ts';

/** The options of every command that may talk to the cloud. */
export interface CloudOptions {
  readonly region: string;
  readonly endpoint: string | undefined;
}

/** The same, and the rules. */
export interface RulesOptions extends CloudOptions {
  readonly rules: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** The rules file that is meant when none is named. */
export const defaultRules = (env: Environment = process.env): string => env['HOLDFAST_RULES'] || 'rules.yaml';

/** Adds --region and --endpoint; an empty environment variable counts as unset. */
export function addCloudOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--region <id>', 'region of the buckets (HOLDFAST_REGION)').default(
        process.env['HOLDFAST_REGION'] || 'cn-hangzhou',
      ),
    )
    .addOption(
      new Option('--endpoint <url>', "address of OSS (HOLDFAST_OSS_ENDPOINT; default: the region's)").default(
        process.env['HOLDFAST_OSS_ENDPOINT'] || undefined,
      ),
    )
    .addHelpText('after', credentialsHelp);
}

/** Adds --rules as well. */
export function addRulesOptions(command: Command): Command {
  return addCloudOptions(
    command.option('--rules <file>', 'rules file, or oss://bucket/key (HOLDFAST_RULES)', defaultRules()),
  );
}

const credentialsHelp = `
Credentials come from the environment: ALIBABA_CLOUD_ACCESS_KEY_ID, ALIBABA_CLOUD_ACCESS_KEY_SECRET and, for
temporary ones, ALIBABA_CLOUD_SECURITY_TOKEN; or OSS_ACCESS_KEY_ID, OSS_ACCESS_KEY_SECRET, OSS_SESSION_TOKEN.
HTTPS_PROXY, HTTP_PROXY and NO_PROXY are followed.`;

/** A connection to the cloud, with the clock by which its deadlines are judged: the service's own. */
export interface Cloud {
  readonly storage: Storage;
  readonly clock: Clock;
  readonly region: string;
}

/**
 * Makes the connection; nothing is sent yet.
 * @param around is put around every single request, repetitions included
 * @throws CREDENTIALS_MISSING, CONFIG_INVALID
 */
export async function connect(
  { region, endpoint }: CloudOptions,
  around: (storage: Storage) => Storage = (storage) => storage,
): Promise<Cloud> {
  const credentials = readCredentials();
  // The SDK takes longer to load than all the rest: only commands that talk to the cloud wait for it.
  const { createOssStorage } = await import('../shared/storage/oss/index.ts');
  const clock = followingClock(systemClock);
  const oss = createOssStorage({
    region,
    endpoint,
    credentials,
    connections: await proxies(),
    onServiceTime: (time) => clock.observe(time),
  });
  return { storage: withRetry(around(oss), { clock: systemClock }), clock, region };
}

/** The way through the proxies of the environment, as every command-line tool goes; absent when it names none. */
async function proxies(env: Environment = process.env): Promise<Connections | undefined> {
  const isNamed = Object.entries(env).some(
    ([name, value]) => /^(https?|all)_proxy$/i.test(name) && value !== undefined && value !== '',
  );
  if (!isNamed) return undefined;
  const { proxiedConnections } = await import('../shared/storage/oss/proxy.ts');
  return proxiedConnections();
}

/**
 * The first complete pair of names wins; the two are never mixed.
 * @throws CREDENTIALS_MISSING
 */
export function readCredentials(env: Environment = process.env): OssCredentials {
  const found =
    credentialsOf(
      env['ALIBABA_CLOUD_ACCESS_KEY_ID'],
      env['ALIBABA_CLOUD_ACCESS_KEY_SECRET'],
      env['ALIBABA_CLOUD_SECURITY_TOKEN'],
    ) ?? credentialsOf(env['OSS_ACCESS_KEY_ID'], env['OSS_ACCESS_KEY_SECRET'], env['OSS_SESSION_TOKEN']);
  if (found === undefined) throw failure('CREDENTIALS_MISSING', {});
  return found;
}

/** Names whose credentials are used, for the evidence of what a person does by hand. Neither secret nor token is in it. */
export function callerOf(env: Environment = process.env): {
  readonly caller: string;
  readonly callerFrom: string;
} {
  const { accessKeyId } = readCredentials(env);
  const first = 'ALIBABA_CLOUD_ACCESS_KEY_ID';
  return { caller: accessKeyId, callerFrom: env[first] === accessKeyId ? first : 'OSS_ACCESS_KEY_ID' };
}

function credentialsOf(
  accessKeyId: string | undefined,
  accessKeySecret: string | undefined,
  securityToken: string | undefined,
): OssCredentials | undefined {
  if (!accessKeyId || !accessKeySecret) return undefined;
  return { accessKeyId, accessKeySecret, ...(securityToken ? { securityToken } : {}) };
}

/**
 * The rules that --rules names: a file, or an object of the cloud.
 * @throws RULES_UNREADABLE, RULES_INVALID, ADDRESS_CLOUD, ADDRESS_SCHEME, and what reading an object throws
 */
export async function readRules(options: RulesOptions): Promise<Rules> {
  const at = objectIn(servedCloud, options.rules);
  if (at === undefined) return await readRulesFile(options.rules);
  const { storage } = await connect(options);
  const found = await storage.readText(at);
  if (found === 'unchanged') throw failure('RULES_UNREADABLE', { source: options.rules, reason: 'no text' });
  return rulesFrom(found.text, options.rules);
}
