import type { OssClient } from 'ali-oss';
import { minute } from '../../shared/platform/instant.ts';
import { type HeldPolicy, heldPolicy } from '../plain-client.ts';
import type { Admin } from './admin.ts';

/** Something that happened to a bucket's policy, as seen from outside. */
export interface Change {
  readonly bucket: string;
  readonly kind: 'initiated' | 'locked' | 'lapsed' | 'extended';
  readonly at: Date;
  readonly policy: HeldPolicy;
  /** The policy as it was seen before; undefined when there was none. */
  readonly before: HeldPolicy | undefined;
}

/** A bucket's policy at one moment. */
export interface Sighting {
  readonly bucket: string;
  readonly policy: HeldPolicy | undefined;
}

/** The timer of s.yaml fires at every quarter of an hour. */
export const quarter = 15 * minute;

export const nextQuarter = (after: Date): Date =>
  new Date((Math.floor(after.getTime() / quarter) + 1) * quarter);

/**
 * Lets time pass from one run of the timer to the next, and looks after each at the policies that the server shows.
 * @param seen the last sighting of each bucket, kept up to date
 * @returns every sighting on the way
 */
export async function watch(
  client: OssClient,
  admin: Admin,
  seen: Map<string, HeldPolicy | undefined>,
  until: Date,
  onChange: (change: Change) => void,
): Promise<Sighting[]> {
  const sightings: Sighting[] = [];
  for (let at = nextQuarter(await admin.now()); at <= until; at = nextQuarter(at)) {
    await admin.setTo(at);
    for (const [bucket, before] of seen) {
      const policy = await heldPolicy(client, bucket);
      sightings.push({ bucket, policy });
      seen.set(bucket, policy);
      const kind = policy && kindOf(before, policy);
      if (kind) onChange({ bucket, kind, at, policy, before });
    }
  }
  return sightings;
}

function kindOf(before: HeldPolicy | undefined, policy: HeldPolicy): Change['kind'] | undefined {
  if (before === undefined) return 'initiated';
  if (before.state === policy.state) return before.days < policy.days ? 'extended' : undefined;
  return policy.state === 'Locked' ? 'locked' : 'lapsed';
}
