import { failure } from '../../shared/platform/errors.ts';
import type { OssCredentials } from '../../shared/storage/oss/index.ts';

/** Credentials as a source has issued them. */
export interface Issued {
  readonly keys: OssCredentials;
  /** Temporary ones end then; absent for those that stay. */
  readonly expiresAt?: Date;
}

/** A place that credentials come from. */
export interface CredentialSource {
  /** The place in words, for messages and evidence; no secret is in it. */
  readonly name: string;
  /**
   * Asks the place for credentials.
   * @throws CREDENTIALS_REFUSED, CREDENTIALS_UNREACHABLE
   */
  issue(): Promise<Issued>;
}

/** This is what a command knows of the place it runs in. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The folder that holds `.aliyun`; undefined where the user has none. */
  readonly home: string | undefined;
  /** The profile that --profile names. */
  readonly profile: string | undefined;
}

/** Returns a source whose credentials stay as they are. */
export const fixedSource = (name: string, keys: OssCredentials): CredentialSource => ({
  name,
  issue: () => Promise.resolve({ keys }),
});

/** Makes credentials of texts of which each may be absent or empty; undefined unless id and secret are there. */
export function accessKeyOf(
  accessKeyId: string | undefined,
  accessKeySecret: string | undefined,
  securityToken?: string,
): OssCredentials | undefined {
  if (!accessKeyId || !accessKeySecret) return undefined;
  return { accessKeyId, accessKeySecret, ...(securityToken ? { securityToken } : {}) };
}

/** Returns the address without user, password and query, which may be secret. */
export function uriName(from: string, address: string): string {
  if (!URL.canParse(address)) return from;
  const { origin, pathname } = new URL(address);
  return `${from} (${origin}${pathname})`;
}

/** @throws CONFIG_INVALID for what is no address of HTTP */
export function checkedUri(address: string): string {
  if (URL.canParse(address) && /^https?:$/.test(new URL(address).protocol)) return address;
  throw failure('CONFIG_INVALID', {
    name: 'ALIBABA_CLOUD_CREDENTIALS_URI',
    reason: 'it is no URL of http or https',
  });
}
