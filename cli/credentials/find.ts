import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { failure, hasCode } from '../../shared/platform/errors.ts';
import { obsKeyVariables } from '../../shared/storage/obs/credentials.ts';
import type { LoadIssuers } from './load-issuers.ts';
import { profileSource } from './profile-source.ts';
import { profileFile, readProfiles } from './profiles.ts';
import {
  accessKeyOf,
  type CredentialSource,
  checkedUri,
  fixedSource,
  type Surroundings,
  uriName,
} from './source.ts';

/** A place that was looked at, and what was found there instead of credentials. */
interface LookedAt {
  readonly place: string;
  readonly found: string;
}

/**
 * Finds where this command's credentials come from. --profile comes first; then the environment, a token of OpenID
 * Connect, the profiles of `aliyun configure`, the credentials file of the SDKs, a credentials URI, and the metadata server
 * of an ECS instance. The first place that has something is the one: credentials that it cannot give are an error, and
 * nobody else's are taken instead.
 * @throws CREDENTIALS_MISSING with every place that was looked at, PROFILES_INVALID, PROFILE_UNKNOWN, PROFILE_INVALID,
 * CREDENTIALS_REFUSED, CREDENTIALS_UNREACHABLE
 */
export async function findSource(surroundings: Surroundings, load: LoadIssuers): Promise<CredentialSource> {
  const { env } = surroundings;
  if (surroundings.profile !== undefined) {
    const found = await fromProfiles(surroundings, load);
    if ('issue' in found) return found;
    throw failure('CREDENTIALS_MISSING', { looked: inWords([found]) });
  }
  const looked: LookedAt[] = [];
  for (const look of [
    fromAlibabaVariables,
    fromOssVariables,
    fromOidc,
    fromProfiles,
    fromSharedFile,
    fromUri,
    fromMetadata,
  ]) {
    const found = await look(surroundings, load);
    if ('issue' in found) return found;
    looked.push(found);
  }
  throw failure('CREDENTIALS_MISSING', { looked: inWords([...looked, ...ofTheOtherCloud(env)]) });

  function fromAlibabaVariables(): CredentialSource | LookedAt {
    return fromPair(
      'ALIBABA_CLOUD_ACCESS_KEY_ID',
      'ALIBABA_CLOUD_ACCESS_KEY_SECRET',
      'ALIBABA_CLOUD_SECURITY_TOKEN',
    );
  }
  function fromOssVariables(): CredentialSource | LookedAt {
    return fromPair('OSS_ACCESS_KEY_ID', 'OSS_ACCESS_KEY_SECRET', 'OSS_SESSION_TOKEN');
  }
  function fromPair(id: string, secret: string, token: string): CredentialSource | LookedAt {
    const keys = accessKeyOf(env[id], env[secret], env[token]);
    if (keys !== undefined) return fixedSource(id, keys);
    return { place: `${id} and ${secret}`, found: variablesFound(env, [id, secret]) };
  }
}

/** Keys for OBS that are there: nobody takes them for OSS, and whoever has set them wants to know why. */
const ofTheOtherCloud = (env: Surroundings['env']): LookedAt[] =>
  obsKeyVariables
    .filter((name) => env[name])
    .map((name) => ({ place: 'Huawei Cloud', found: `${name} is set, and is for obs:// alone` }));

/** One place a line. */
const inWords = (looked: readonly LookedAt[]): string =>
  looked.map(({ place, found }) => `\n  ${place}: ${found}`).join('');

/** Which of several variables are set; all of them are not. */
function variablesFound(env: Surroundings['env'], names: readonly string[]): string {
  const isSet = names.filter((name) => env[name]);
  if (isSet.length === 0) return 'not set';
  const missing = names.filter((name) => !env[name]);
  return `${isSet.join(' and ')} ${isSet.length === 1 ? 'is' : 'are'} set, but not ${missing.join(' and ')}`;
}

const oidcVariables = [
  'ALIBABA_CLOUD_OIDC_TOKEN_FILE',
  'ALIBABA_CLOUD_OIDC_PROVIDER_ARN',
  'ALIBABA_CLOUD_ROLE_ARN',
];

/** Tells what ACK sets in a pod whose service account has a role (RRSA). */
async function fromOidc({ env }: Surroundings, load: LoadIssuers): Promise<CredentialSource | LookedAt> {
  if (oidcVariables.some((name) => !env[name])) {
    return { place: 'OIDC (RRSA)', found: variablesFound(env, oidcVariables) };
  }
  const role = env['ALIBABA_CLOUD_ROLE_ARN'];
  return (await load()).oidc(`OIDC (RRSA), role ${role}`, {
    oidc_token_file: env['ALIBABA_CLOUD_OIDC_TOKEN_FILE'],
    oidc_provider_arn: env['ALIBABA_CLOUD_OIDC_PROVIDER_ARN'],
    ram_role_arn: role,
  });
}

async function fromProfiles(
  surroundings: Surroundings,
  load: LoadIssuers,
): Promise<CredentialSource | LookedAt> {
  const place = profileFile(surroundings) ?? '~/.aliyun/config.json';
  if (isTrue(surroundings.env['ALIBABA_CLOUD_CLI_PROFILE_DISABLED']) && surroundings.profile === undefined) {
    return { place, found: 'ALIBABA_CLOUD_CLI_PROFILE_DISABLED is true' };
  }
  const profiles = await readProfiles(surroundings);
  if (typeof profiles === 'string') return { place, found: profiles };
  const { chosen, isNamed } = profiles;
  // `aliyun` writes a profile without keys when it is first called.
  const isBlank =
    chosen.mode === 'AK' && chosen.access_key_id === undefined && chosen.access_key_secret === undefined;
  if (isBlank && !isNamed) return { place, found: `profile "${chosen.name}" has no access key` };
  return await profileSource(profiles, load);
}

async function fromSharedFile(
  { env, home }: Surroundings,
  load: LoadIssuers,
): Promise<CredentialSource | LookedAt> {
  const named = env['ALIBABA_CLOUD_CREDENTIALS_FILE'] || undefined;
  const file = named ?? (home === undefined ? undefined : join(home, '.alibabacloud', 'credentials'));
  const place = file ?? '~/.alibabacloud/credentials';
  if (file === undefined) return { place, found: 'there is no home folder' };
  const isThere = await access(file).then(
    () => true,
    () => false,
  );
  if (!isThere && named === undefined) return { place, found: 'there is no such file' };
  return (await load()).sharedFile(place, env['ALIBABA_CLOUD_PROFILE'] || undefined);
}

async function fromUri({ env }: Surroundings, load: LoadIssuers): Promise<CredentialSource | LookedAt> {
  const address = env['ALIBABA_CLOUD_CREDENTIALS_URI'];
  if (!address) return { place: 'ALIBABA_CLOUD_CREDENTIALS_URI', found: 'not set' };
  return (await load()).uri(uriName('ALIBABA_CLOUD_CREDENTIALS_URI', address), checkedUri(address));
}

/** The last place: outside an ECS instance nobody answers there, which takes two seconds to find out. */
async function fromMetadata({ env }: Surroundings, load: LoadIssuers): Promise<CredentialSource | LookedAt> {
  const place = 'metadata server of ECS (100.100.100.200)';
  if (isTrue(env['ALIBABA_CLOUD_ECS_METADATA_DISABLED'])) {
    return { place, found: 'ALIBABA_CLOUD_ECS_METADATA_DISABLED is true' };
  }
  const role = env['ALIBABA_CLOUD_ECS_METADATA'] || undefined;
  const source = (await load()).metadata(role === undefined ? place : `${place}, role ${role}`, role);
  if (role !== undefined) return source;
  try {
    const first = await source.issue();
    let isNew = true;
    return {
      name: source.name,
      issue() {
        const wasNew = isNew;
        isNew = false;
        return wasNew ? Promise.resolve(first) : source.issue();
      },
    };
  } catch (error) {
    if (!hasCode(error, 'CREDENTIALS_REFUSED', 'CREDENTIALS_UNREACHABLE')) throw error;
    return { place, found: error.message.replace(`${source.name}: `, '') };
  }
}

const isTrue = (text: string | undefined): boolean => text?.toLowerCase() === 'true';
