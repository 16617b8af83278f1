import { distance } from 'fastest-levenshtein';
import { failure, type HoldfastError } from '../../shared/platform/errors.ts';
import type { LoadIssuers } from './load-issuers.ts';
import type { Profile, Profiles } from './profiles.ts';
import { accessKeyOf, type CredentialSource, checkedUri, fixedSource, uriName } from './source.ts';

type Field = Exclude<keyof Profile, 'name' | 'mode' | 'enable_vpc' | 'expired_seconds'>;

/** The modes of `aliyun configure`, and what each needs. RsaKeyPair is not among them: the library has dropped it. */
const modes = {
  AK: ['access_key_id', 'access_key_secret'],
  StsToken: ['access_key_id', 'access_key_secret', 'sts_token'],
  RamRoleArn: ['access_key_id', 'access_key_secret', 'ram_role_arn'],
  EcsRamRole: [],
  RamRoleArnWithRoleName: ['ram_role_arn'],
  ChainableRamRoleArn: ['source_profile', 'ram_role_arn'],
  OIDC: ['oidc_provider_arn', 'oidc_token_file', 'ram_role_arn'],
  CredentialsURI: ['credentials_uri'],
  External: [],
  CloudSSO: [],
  OAuth: [],
} satisfies Readonly<Record<string, readonly Field[]>>;

type Mode = keyof typeof modes;

/**
 * Returns the source that a profile describes, and those that it builds upon.
 * @throws PROFILE_INVALID
 */
export async function profileSource(
  { file, all, chosen }: Profiles,
  load: LoadIssuers,
): Promise<CredentialSource> {
  return await sourceOf(chosen, []);

  async function sourceOf(profile: Profile, above: readonly string[]): Promise<CredentialSource> {
    const mode = modeOf(profile);
    const missing = modes[mode].filter((field) => profile[field] === undefined);
    if (missing.length > 0) throw invalid(profile, `its mode ${mode} needs ${missing.join(', ')}`);
    const name = `profile "${profile.name}" of ${file}`;
    const asRole = `${name}, role ${profile.ram_role_arn}`;
    switch (mode) {
      case 'AK':
      case 'StsToken':
        return own(name, profile);
      case 'RamRoleArn':
        return (await load()).assume(asRole, own(name, profile), profile);
      case 'EcsRamRole':
        return (await load()).metadata(`${name}, metadata server of ECS`, profile.ram_role_name);
      case 'RamRoleArnWithRoleName': {
        const issuers = await load();
        const first = issuers.metadata(`${name}, metadata server of ECS`, profile.ram_role_name);
        return issuers.assume(asRole, first, profile);
      }
      case 'ChainableRamRoleArn': {
        const from = below(profile, above);
        return (await load()).assume(asRole, await sourceOf(from, [...above, profile.name]), profile);
      }
      case 'OIDC':
        return (await load()).oidc(asRole, profile);
      case 'CredentialsURI': {
        const address = profile.credentials_uri ?? '';
        return (await load()).uri(uriName(name, address), checkedUri(address));
      }
      case 'External':
      case 'CloudSSO':
      case 'OAuth':
        return (await load()).profile(name, profile.name);
    }
  }

  function below(profile: Profile, above: readonly string[]): Profile {
    const { source_profile: wanted } = profile;
    const from = all.find((each) => each.name === wanted);
    if (from === undefined) throw invalid(profile, `its source_profile "${wanted}" does not exist`);
    if (from === profile || above.includes(from.name)) {
      throw invalid(
        profile,
        `its source_profile leads back to itself: ${[...above, profile.name, from.name].join(' -> ')}`,
      );
    }
    return from;
  }

  function modeOf(profile: Profile): Mode {
    if (isMode(profile.mode)) return profile.mode;
    const wanted = profile.mode;
    const near = Object.keys(modes).toSorted(
      (one, other) => distance(wanted, one) - distance(wanted, other),
    )[0];
    throw invalid(profile, `its mode "${wanted}" is none that Holdfast can use; the nearest is ${near}`);
  }

  function own(name: string, profile: Profile): CredentialSource {
    const { access_key_id: id, access_key_secret: secret } = profile;
    const keys = accessKeyOf(id, secret, profile.mode === 'AK' ? undefined : profile.sts_token);
    if (keys === undefined) throw invalid(profile, 'it has no access key');
    return fixedSource(name, keys);
  }

  function invalid(profile: Profile, reason: string): HoldfastError {
    return failure('PROFILE_INVALID', { name: profile.name, file, reason });
  }
}

const isMode = (text: string): text is Mode => Object.hasOwn(modes, text);
