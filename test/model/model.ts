import { expect } from 'vitest';
import { heldRetention } from '../../local/plain-client.ts';
import { formatInstant } from '../../shared/platform/instant.ts';
import { askedOf, type TagSet } from './rules.ts';
import type { PolicyBucket, World } from './world.ts';

/** A version as the model knows it. */
export interface Version {
  readonly key: string;
  readonly versionId: string;
  readonly body: string;
  readonly lastModified: Date;
  /** All the tags it has had, the present ones last: a decision may have been made by any of them. */
  readonly tags: TagSet[];
  /** The date when it was last looked at. */
  seen: Date | undefined;
  /** An attempt at it may still be repeated at any time. */
  disturbed: boolean;
  /** Deleted for good. */
  gone: boolean;
}

/** An event that has not been delivered yet. */
export interface Pending {
  readonly event: Buffer;
  readonly version: Version;
}

export interface Policy {
  readonly days: number;
  readonly createdAt: Date;
}

/** What a reference of the world has to remember. */
export interface Model {
  readonly versions: Version[];
  readonly pending: Pending[];
  /** Those that a person has initiated. */
  readonly policies: Map<PolicyBucket, Policy>;
  /** Faults are in place. */
  stormy: boolean;
  /** The timer has met its faults: a second bout could cost a policy, and may. */
  timerBroken: boolean;
  /** One key has very many versions. */
  crowded: boolean;
  hours: number;
}

export const emptyModel = (): Model => ({
  versions: [],
  pending: [],
  policies: new Map(),
  stormy: false,
  timerBroken: false,
  crowded: false,
  hours: 0,
});

export const alive = ({ versions }: Model): Version[] => versions.filter(({ gone }) => !gone);

/**
 * Whether its event may be taken for that of another version: the same content within the same second, which is all that an
 * event and HEAD tell. The other's event finds both; if that one is lost, the repair does.
 */
export const hasTwin = ({ versions }: Model, version: Version): boolean =>
  versions.some(
    (other) =>
      other !== version &&
      other.key === version.key &&
      other.body === version.body &&
      other.lastModified.getTime() === version.lastModified.getTime(),
  );

/** The element that a drawn number stands for; the caller has seen that there is one. */
export function pick<Item>(items: readonly Item[], drawn: number): Item {
  const item = items[drawn % items.length];
  if (item === undefined) throw new RangeError('nothing to pick from');
  return item;
}

export const now = (version: Version): TagSet => version.tags.at(-1) ?? {};

/**
 * Looks at a version: its date is one that the rules ask for by tags that it has or had (the right version by the right
 * rule, never beyond the cap), and has not gone back (peers.md E.3, 1, 3 and 6).
 */
export async function look({ docs }: World, version: Version): Promise<Date | undefined> {
  const { key, versionId, lastModified, tags, seen } = version;
  const held = await heldRetention(docs, key, versionId);
  const name = `${key} ${versionId} ${JSON.stringify(tags)}`;
  if (held !== undefined) {
    const allowed = tags
      .map((each) => askedOf(key, each, lastModified).until)
      .filter((date) => date !== undefined);
    expect(held.mode, name).toBe('COMPLIANCE');
    expect(allowed.map(formatInstant), name).toContain(formatInstant(held.until));
  }
  if (seen !== undefined) {
    expect(held?.until.getTime() ?? 0, `${name} was shortened`).toBeGreaterThanOrEqual(seen.getTime());
  }
  version.seen = held?.until;
  return held?.until;
}

/** Looks at a version whose event or repair was dealt with: it is kept at least as long as its present tags ask. */
export async function lookProtected(world: World, version: Version): Promise<void> {
  const until = await look(world, version);
  const asked = askedOf(version.key, now(version), version.lastModified).until;
  if (asked === undefined) return;
  const name = `${version.key} ${version.versionId} ${JSON.stringify(version.tags)} is to be kept`;
  expect(until?.getTime() ?? 0, name).toBeGreaterThanOrEqual(asked.getTime());
}
