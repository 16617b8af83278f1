import type { Clock } from '../../shared/platform/clock.ts';
import { nameKeyInErrors } from '../../shared/terminal/error.ts';
import { findSource } from './find.ts';
import { type Identity, openIdentity } from './identity.ts';
import { loadIssuers } from './load-issuers.ts';
import { openedIdentities } from './opened.ts';
import { homeFolder, readProfiles } from './profiles.ts';
import { accessKeyOf, type Surroundings } from './source.ts';

/** Whose key something was done with; neither secret nor token is in it. */
export interface Caller {
  readonly caller: string;
  /** This is where the key comes from, in words. */
  readonly callerFrom: string;
}

/**
 * Finds the credentials of this command, and asks for the first ones. Errors that are about the key name it from then on.
 * @param clock tells when temporary ones end
 * @throws what {@link findSource} throws
 */
export async function identityInUse(profile: string | undefined, clock: Clock): Promise<Identity> {
  const known = openedIdentities.get(profile);
  if (known !== undefined) return await known;
  const opening = findSource(surroundings(profile), loadIssuers(clock)).then((source) =>
    openIdentity(source, clock),
  );
  openedIdentities.set(profile, opening);
  const identity = await opening;
  nameKeyInErrors(() => `access key ${identity.current().accessKeyId}, from ${identity.source}`);
  return identity;
}

export const callerOf = (identity: Identity): Caller => ({
  caller: identity.current().accessKeyId,
  callerFrom: identity.source,
});

/**
 * Returns the region of the profile that the credentials come from; undefined where they come from somewhere else.
 * @throws PROFILES_INVALID, PROFILE_UNKNOWN
 */
export async function regionOfProfile(profile: string | undefined): Promise<string | undefined> {
  const around = surroundings(profile);
  const { env } = around;
  const isElsewhere =
    accessKeyOf(env['ALIBABA_CLOUD_ACCESS_KEY_ID'], env['ALIBABA_CLOUD_ACCESS_KEY_SECRET']) !== undefined ||
    accessKeyOf(env['OSS_ACCESS_KEY_ID'], env['OSS_ACCESS_KEY_SECRET']) !== undefined ||
    Boolean(env['ALIBABA_CLOUD_OIDC_TOKEN_FILE']);
  if (isElsewhere && profile === undefined) return undefined;
  const profiles = await readProfiles(around);
  return typeof profiles === 'string' ? undefined : profiles.chosen.region_id;
}

const surroundings = (profile: string | undefined): Surroundings => ({
  env: process.env,
  home: homeFolder(process.env),
  profile,
});
