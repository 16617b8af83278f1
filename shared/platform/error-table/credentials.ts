import type { ErrorEntry } from './entry.ts';

/** The errors about credentials, and the profiles that name them. */
export const credentialErrors = {
  CREDENTIALS_MISSING: {
    kind: 'permanent',
    message: 'there are no credentials; looked at:{looked}',
    remedy:
      'set ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET, or make a profile with `aliyun configure`; docs/credentials.md lists all ways',
  },
  CREDENTIALS_REFUSED: {
    kind: 'permanent',
    message: '{source}: no credentials are given: {reason}',
    remedy:
      'see that this place is right, and that the role exists and may be assumed by who asks (docs/credentials.md)',
  },
  CREDENTIALS_UNREACHABLE: {
    kind: 'transient',
    message: '{source}: nobody answers a request for credentials: {reason}',
    remedy: 'check the network from this machine to that place, then run again',
  },
  PROFILES_INVALID: {
    kind: 'permanent',
    message: 'the profiles in {file} cannot be read: {reason}',
    remedy: 'correct the file, or write it anew with `aliyun configure`',
  },
  PROFILE_UNKNOWN: {
    kind: 'permanent',
    message: 'there is no profile "{name}" in {file}; {has}',
    remedy:
      'give --profile or ALIBABA_CLOUD_PROFILE one of them, or make it with `aliyun configure --profile`',
  },
  PROFILE_INVALID: {
    kind: 'permanent',
    message: 'profile "{name}" in {file}: {reason}',
    remedy: 'set it anew with `aliyun configure --profile`, or use another profile',
  },
  OBS_CREDENTIALS_MISSING: {
    kind: 'permanent',
    message: 'there are no credentials for OBS in the environment; looked at:{looked}',
    remedy:
      'set OBS_ACCESS_KEY_ID and OBS_SECRET_ACCESS_KEY, or HW_ACCESS_KEY and HW_SECRET_KEY, or HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK (those of Alibaba Cloud are not used for OBS)',
  },
  AGENCY_MISSING: {
    kind: 'permanent',
    message: 'FunctionGraph gives the function {name} no credentials: it has no agency',
    remedy: 'give it an execution agency for op_svc_cff with the permissions that docs/obs.md lists',
  },
} as const satisfies Record<string, ErrorEntry>;
