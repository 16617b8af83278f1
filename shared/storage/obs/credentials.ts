import { failure } from '../../platform/errors.ts';
import type { OssCredentials } from '../oss/options.ts';

/** The variables that Huawei's tools read: those of its OBS clients, of Terraform, and of its other SDKs. */
const variables: readonly (readonly [id: string, secret: string, token: string])[] = [
  ['OBS_ACCESS_KEY_ID', 'OBS_SECRET_ACCESS_KEY', 'OBS_SECURITY_TOKEN'],
  ['HW_ACCESS_KEY', 'HW_SECRET_KEY', 'HW_SECURITY_TOKEN'],
  ['HUAWEICLOUD_SDK_AK', 'HUAWEICLOUD_SDK_SK', 'HUAWEICLOUD_SDK_SECURITY_TOKEN'],
];

/** Credentials, and the variable that their id is in. */
export interface FoundObsCredentials {
  readonly from: string;
  readonly keys: OssCredentials;
}

/**
 * Returns the credentials for OBS in an environment. The first complete pair of names wins; two are never mixed, and
 * an empty variable counts as unset.
 * @throws OBS_CREDENTIALS_MISSING
 */
export function findObsCredentials(env: Readonly<Record<string, string | undefined>>): FoundObsCredentials {
  for (const [id, secret, token] of variables) {
    const { [id]: accessKeyId, [secret]: accessKeySecret, [token]: securityToken } = env;
    if (!accessKeyId || !accessKeySecret) continue;
    return { from: id, keys: { accessKeyId, accessKeySecret, ...(securityToken ? { securityToken } : {}) } };
  }
  throw failure('OBS_CREDENTIALS_MISSING', { looked: lookedAt(env) });
}

/** The variables that hold the id of a key of Alibaba Cloud: whoever has set them wants to know why they are not used. */
const otherVariables = ['ALIBABA_CLOUD_ACCESS_KEY_ID', 'OSS_ACCESS_KEY_ID'];

/** Tells what was found of each pair, one a line. No value is shown. */
function lookedAt(env: Readonly<Record<string, string | undefined>>): string {
  const pairs = variables.map(([id, secret]) => {
    const [set, unset] = env[id] ? [id, secret] : [secret, id];
    return `${id} and ${secret}: ${env[set] ? `${set} is set, and ${unset} is not` : 'not set'}`;
  });
  const others = otherVariables
    .filter((name) => env[name])
    .map((name) => `Alibaba Cloud: ${name} is set, and is for oss:// alone`);
  return [...pairs, ...others].map((line) => `\n  ${line}`).join('');
}

/** The variables that hold the id of a key for OBS. */
export const obsKeyVariables: readonly string[] = variables.map(([id]) => id);
