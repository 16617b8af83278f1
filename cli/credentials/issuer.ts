import {
  CLIProfileCredentialsProvider,
  type CredentialsProvider,
  ECSRAMRoleCredentialsProvider,
  OIDCRoleArnCredentialsProvider,
  ProfileCredentialsProvider,
  RAMRoleARNCredentialsProvider,
  URICredentialsProvider,
} from '@alicloud/credentials';
import type { Clock } from '../../shared/platform/clock.ts';
import { failure } from '../../shared/platform/errors.ts';
import { minute } from '../../shared/platform/instant.ts';
import { rememberSecrets } from '../../shared/platform/secrets.ts';
import type { Profile } from './profiles.ts';
import { accessKeyOf, type CredentialSource, type Issued } from './source.ts';

/**
 * The sources of temporary credentials, each by @alicloud/credentials. Of the library's providers only the request itself
 * is used: they renew by the machine's clock, and at every request when credentials last for 15 minutes or less.
 */
export interface Issuers {
  metadata(name: string, role: string | undefined): CredentialSource;
  uri(name: string, address: string): CredentialSource;
  oidc(name: string, about: OidcRole): CredentialSource;
  assume(name: string, from: CredentialSource, about: AssumedRole): CredentialSource;
  /** Profiles that the library alone knows how to read: External, CloudSSO, OAuth. */
  profile(name: string, profile: string): CredentialSource;
  /** The file of credentials that the SDKs read. */
  sharedFile(name: string, profile: string | undefined): CredentialSource;
}

/** A role that a token of OpenID Connect opens; what is absent comes from the environment. */
export type OidcRole = Pick<
  Partial<Profile>,
  | 'oidc_provider_arn'
  | 'oidc_token_file'
  | 'ram_role_arn'
  | 'ram_session_name'
  | 'expired_seconds'
  | 'sts_region'
  | 'sts_endpoint'
  | 'enable_vpc'
>;

/** A role that other credentials may assume. */
export type AssumedRole = Omit<OidcRole, 'oidc_provider_arn' | 'oidc_token_file'> & {
  readonly external_id?: string | undefined;
};

/** Milliseconds that one request for credentials may take in all; a silent server is given up sooner. */
const longestMs = 30_000;

/**
 * This is how long credentials without a date are used before the library is asked again. It keeps those that last 15
 * minutes more.
 */
const askAgainMs = 10 * minute;

export function createIssuers(clock: Clock): Issuers {
  const session = (name: string, make: () => Refreshing): CredentialSource => {
    const provider = once(name, make);
    return {
      name,
      issue: () =>
        attempt(name, async () => {
          const { accessKeyId, accessKeySecret, securityToken, expiration } = await provider().refresher();
          return issuedOf(name, { accessKeyId, accessKeySecret, securityToken }, instantOf(name, expiration));
        }),
    };
  };
  const whole = (name: string, make: () => CredentialsProvider): CredentialSource => {
    const provider = once(name, make);
    return {
      name,
      issue: () =>
        attempt(name, async () => {
          const keys = await provider().getCredentials();
          return issuedOf(name, keys, new Date(clock.now().getTime() + askAgainMs));
        }),
    };
  };
  return {
    metadata: (name, role) =>
      session(name, () =>
        ECSRAMRoleCredentialsProvider.builder()
          .withRoleName(role ?? '')
          .build(),
      ),
    uri: (name, address) =>
      session(name, () => URICredentialsProvider.builder().withCredentialsURI(address).build()),
    oidc: (name, about) =>
      session(name, () => {
        const builder = OIDCRoleArnCredentialsProvider.builder()
          .withOIDCProviderArn(about.oidc_provider_arn ?? '')
          .withOIDCTokenFilePath(about.oidc_token_file ?? '')
          .withRoleArn(about.ram_role_arn ?? '')
          .withRoleSessionName(about.ram_session_name ?? '')
          .withDurationSeconds(about.expired_seconds ?? 0)
          .withStsRegionId(about.sts_region ?? '')
          .withStsEndpoint(about.sts_endpoint ?? '')
          .withEnableVpc(about.enable_vpc ?? false);
        return builder.build();
      }),
    assume: (name, from, about) =>
      session(name, () => {
        const builder = RAMRoleARNCredentialsProvider.builder()
          .withCredentialsProvider(previous(from))
          .withRoleArn(about.ram_role_arn ?? '')
          .withRoleSessionName(about.ram_session_name ?? '')
          .withExternalId(about.external_id ?? '')
          .withDurationSeconds(about.expired_seconds ?? 0)
          .withStsRegionId(about.sts_region ?? '')
          .withStsEndpoint(about.sts_endpoint ?? '')
          .withEnableVpc(about.enable_vpc ?? false);
        return builder.build();
      }),
    profile: (name, profile) =>
      whole(name, () => CLIProfileCredentialsProvider.builder().withProfileName(profile).build()),
    sharedFile: (name, profile) =>
      whole(name, () =>
        ProfileCredentialsProvider.builder()
          .withProfileName(profile ?? '')
          .build(),
      ),
  };
}

/** The part of the library's providers that says when credentials end. */
type Refreshing = Pick<ReturnType<ReturnType<typeof URICredentialsProvider.builder>['build']>, 'refresher'>;

/** Makes a provider when it is first needed; what it does not accept is an error of the source. */
function once<Provider>(name: string, make: () => Provider): () => Provider {
  let made: Provider | undefined;
  return () => {
    try {
      made ??= make();
    } catch (cause) {
      const reason = reasonOf(cause);
      throw failure('CREDENTIALS_REFUSED', { source: name, reason }, { cause: new Error(reason) });
    }
    return made;
  };
}

/** Hands the credentials of one source to the library as those that assume the next role. */
function previous(from: CredentialSource): CredentialsProvider {
  return {
    async getCredentials() {
      const { accessKeyId, accessKeySecret, securityToken = '' } = (await from.issue()).keys;
      return { accessKeyId, accessKeySecret, securityToken, providerName: 'holdfast' };
    },
    getProviderName: () => 'holdfast',
  };
}

async function attempt(name: string, work: () => Promise<Issued>): Promise<Issued> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`RequestTimeout: no answer for ${longestMs / 1000} s`)),
      longestMs,
    );
  });
  try {
    return await Promise.race([work(), tooLong]);
  } catch (error) {
    throw refusalOf(name, error);
  } finally {
    clearTimeout(timer);
  }
}

function refusalOf(name: string, error: unknown): Error {
  if (error instanceof Error && error.name === 'HoldfastError') return error;
  const code = isUnanswered(error) ? 'CREDENTIALS_UNREACHABLE' : 'CREDENTIALS_REFUSED';
  const reason = reasonOf(error);
  return failure(code, { source: name, reason }, { cause: new Error(reason) });
}

/** Tells whether nobody has answered, so that the same request may succeed later. */
function isUnanswered(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (/Timeout/.test(`${error.name} ${error.message}`)) return true;
  return (
    'code' in error &&
    /^(E[A-Z]+|ERR_|CERT_|DEPTH_|SELF_|UNABLE_)/.test(String(error.code)) &&
    error.code !== 'ENOENT'
  );
}

const longestReason = 300;

/**
 * The library's message in one line. It may end with the whole reply, which may hold a secret: of that only the service's
 * code and message are kept; and addresses lose their query, which holds a signature.
 */
function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const code = /"Code"\s*:\s*"([\w.]+)"/.exec(message)?.[1];
  const told = /"Message"\s*:\s*"((?:[^"\\]|\\.)*)"/.exec(message)?.[1];
  const own = message
    .replace(/(,\s*result:|json parse failed:|unmarshal fail:|[{<])[\s\S]*$/, '')
    .replace(/\?\S+/g, '');
  const parts = [own.replace(/[\s.,:]+$/, ''), code, told].filter(
    (part) => part !== undefined && part !== '',
  );
  return parts.join(': ').replace(/\s+/g, ' ').slice(0, longestReason) || 'it gives no reason';
}

function issuedOf(
  name: string,
  {
    accessKeyId,
    accessKeySecret,
    securityToken,
  }: { accessKeyId: string; accessKeySecret: string; securityToken: string },
  expiresAt: Date,
): Issued {
  rememberSecrets(accessKeySecret, securityToken);
  const keys = accessKeyOf(accessKeyId, accessKeySecret, securityToken);
  if (keys === undefined)
    throw failure('CREDENTIALS_REFUSED', { source: name, reason: 'it gives no access key' });
  return { keys, expiresAt };
}

function instantOf(name: string, text: string): Date {
  const at = new Date(text);
  if (!Number.isNaN(at.getTime())) return at;
  throw failure('CREDENTIALS_REFUSED', { source: name, reason: 'it does not say when they expire' });
}
