import { createHash } from 'node:crypto';
import { ceilToSecond } from '../platform/instant.ts';
import { addDuration } from '../rules/duration.ts';
import type { Duration, EventHold } from '../rules/types.ts';
import type { ObservedVersion } from './types.ts';

/** The date that a version in use gets, of which there is one for each generation and no other. */
export interface Extended {
  readonly until: Date;
  /** This is how many times `by` was added to the rule's own date; 0 is that date itself. */
  readonly generation: number;
  /** Tells whether `upTo` has cut the last generation short. */
  readonly cut: boolean;
  /** Up to when protection is needed now, if no date that is allowed reaches it. */
  readonly outOfReach: Date | undefined;
}

/** The instants that bound an extension. They are named, because no two of them may be taken for each other. */
export interface ExtensionBounds {
  /** The latest date that limits.maxRetention allows now. */
  readonly cap: Date;
  /** The time at which protection is asked for. */
  readonly now: Date;
}

/** The instants that the date of a version in use follows from. */
export interface ExtensionDates extends ExtensionBounds {
  /** The date that the rule gives the version by itself; it is within the cap. */
  readonly base: Date;
}

/** The lengths of generations, and the end of the last one from Last-Modified; undefined: there is no last one. */
type Generations = EventHold & { readonly upTo?: Duration };

type InUse = Pick<ObservedVersion, 'bucket' | 'key' | 'lastModified'>;

/**
 * Returns the date of a version that is in use (docs/extension.md): the rule's own date plus as many generations as
 * it takes for the end to be further than `within` away. A function of the version and the number of the generation,
 * so that runs within one generation agree, late or missed runs change nothing, and dates do not drift.
 */
export function extendDate(rule: Generations, version: InUse, { base, cap, now }: ExtensionDates): Extended {
  const { byMs } = rule;
  const start = base.getTime();
  const needed = now.getTime() + rule.withinMs + jitterMs(rule, version, base);
  const end =
    rule.upTo === undefined
      ? Number.POSITIVE_INFINITY
      : ceilToSecond(addDuration(version.lastModified, rule.upTo)).getTime();
  const wanted = Math.floor((needed - start) / byMs) + 1;
  const last = Math.ceil((end - start) / byMs);
  const affordable = Math.floor((cap.getTime() - start) / byMs);
  const generation = Math.max(0, Math.min(wanted, last, affordable));
  const whole = start + generation * byMs;
  const until = new Date(generation === 0 ? start : Math.min(whole, end));
  return {
    until,
    generation,
    cut: until.getTime() < whole,
    outOfReach: until.getTime() > needed ? undefined : new Date(needed),
  };
}

/**
 * Tells how much earlier than `within` a version is extended, in milliseconds: up to half a generation, by a hash of
 * its bucket and key, so that objects uploaded together are not extended together. Never so much that a new object
 * would be extended at once.
 */
function jitterMs({ withinMs, byMs }: EventHold, { bucket, key, lastModified }: InUse, base: Date): number {
  const spare = base.getTime() - lastModified.getTime() - withinMs;
  const most = Math.min(byMs / 2, Math.max(0, spare));
  const hash = createHash('sha256').update(`${bucket}/${key}`).digest().readUInt32BE();
  return Math.floor((hash / 2 ** 32) * most);
}
