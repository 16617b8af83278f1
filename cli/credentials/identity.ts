import type { Clock } from '../../shared/platform/clock.ts';
import { minute, second } from '../../shared/platform/instant.ts';
import { rememberSecrets } from '../../shared/platform/secrets.ts';
import type { OssCredentials } from '../../shared/storage/oss/index.ts';
import type { CredentialSource, Issued } from './source.ts';

/** Whose credentials a command uses; temporary ones are renewed before they end. */
export interface Identity {
  /** This is where they come from, in words. */
  readonly source: string;
  /** Tells whether they end, and are renewed. */
  readonly isRenewed: boolean;
  /**
   * Tells whether they are of a session, whose key names nobody for long. Everything that has a security token is, also where
   * nobody says when it ends: in the environment, in a profile, on OBS.
   */
  readonly isOfSession: boolean;
  /** The credentials that were issued last. */
  current(): OssCredentials;
  /**
   * Credentials that are good for some minutes. While the source fails, those that have not ended yet are used on.
   * @throws CREDENTIALS_REFUSED, CREDENTIALS_UNREACHABLE
   */
  fresh(): Promise<OssCredentials>;
  /** Asks for new ones whatever the dates say: the service has refused the present ones. */
  renew(): Promise<OssCredentials>;
}

/** Credentials are renewed when less than this is left, or a third of their life if that is shorter. */
const longestMarginMs = 5 * minute;

/** After a failure the source is asked again no sooner than this, as long as the present ones last. */
const pauseMs = 30 * second;

/**
 * Asks a source for the first credentials.
 * @throws CREDENTIALS_REFUSED, CREDENTIALS_UNREACHABLE
 */
export async function openIdentity(source: CredentialSource, clock: Clock): Promise<Identity> {
  let held = hold(await source.issue());
  let asking: Promise<OssCredentials> | undefined;
  let notBefore = 0;

  function hold(issued: Issued): Issued & { readonly renewAt: number } {
    const { accessKeySecret, securityToken } = issued.keys;
    rememberSecrets(accessKeySecret, securityToken);
    if (issued.expiresAt === undefined) return { ...issued, renewAt: Number.POSITIVE_INFINITY };
    const end = issued.expiresAt.getTime();
    const life = end - clock.now().getTime();
    return { ...issued, renewAt: end - Math.min(longestMarginMs, life / 3) };
  }

  /** Many requests at once wait for one renewal. */
  const renew = (): Promise<OssCredentials> => {
    asking ??= source
      .issue()
      .then((issued) => {
        held = hold(issued);
        return held.keys;
      })
      .finally(() => {
        asking = undefined;
      });
    return asking;
  };

  return {
    source: source.name,
    isRenewed: held.expiresAt !== undefined,
    isOfSession: held.expiresAt !== undefined || held.keys.securityToken !== undefined,
    current: () => held.keys,
    async fresh() {
      const now = clock.now().getTime();
      if (now < held.renewAt) return held.keys;
      const isUsable = held.expiresAt !== undefined && now < held.expiresAt.getTime();
      if (isUsable && now < notBefore) return held.keys;
      try {
        return await renew();
      } catch (error) {
        if (!isUsable) throw error;
        notBefore = now + pauseMs;
        return held.keys;
      }
    },
    renew,
  };
}
