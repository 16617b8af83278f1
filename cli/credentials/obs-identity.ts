import type { Clock } from '../../shared/platform/clock.ts';
import { findObsCredentials } from '../../shared/storage/obs/credentials.ts';
import { nameKeyInErrors } from '../../shared/terminal/error.ts';
import { type Identity, openIdentity } from './identity.ts';
import { openedIdentities } from './opened.ts';
import { fixedSource } from './source.ts';

/** No profile of Alibaba Cloud is called so: it is the place of the identity for OBS among those that are opened. */
const ofObs = 'obs://';

/**
 * Finds the credentials for OBS of this command, in the variables of Huawei's tools. Errors that are about the key name it from
 * then on.
 * @throws OBS_CREDENTIALS_MISSING
 */
export async function obsIdentity(clock: Clock): Promise<Identity> {
  const known = openedIdentities.get(ofObs);
  if (known !== undefined) return await known;
  const { from, keys } = findObsCredentials(process.env);
  const opening = openIdentity(fixedSource(from, keys), clock);
  openedIdentities.set(ofObs, opening);
  const identity = await opening;
  nameKeyInErrors(() => `access key ${identity.current().accessKeyId}, from ${identity.source}`);
  return identity;
}
