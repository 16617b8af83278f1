import { ending } from '../backfill/ending.ts';
import { observeKnown } from '../backfill/observe.ts';
import type { KnownVersion } from '../backfill/source.ts';
import type { ObjectDeps } from '../objects/settle.ts';
import type { ObservedVersion } from '../objects/types.ts';
import { HoldfastError } from '../platform/errors.ts';
import { candidates, readsTags } from '../rules/match.ts';
import type { Rules } from '../rules/types.ts';
import { type Retention, type Tags, versionId } from '../storage/port.ts';

/** One version as far as it is known; `gone` when it was deleted since it was listed, `failed` when it could not be read. */
export type Looked =
  | { readonly version: ObservedVersion }
  | { readonly gone: true }
  | { readonly failed: HoldfastError }
  /** Rules that read tags may cover it, and nobody read its tags; or its date is missing. */
  | { readonly unknown: string };

/**
 * Reads what has to be known of one version, by the requests that `holdfast protect --dry-run` makes under both sets of rules.
 * @param deps `rules` are those of {@link unionOf}
 * @throws what every other version of the bucket would meet too
 */
export async function lookAtVersion(deps: ObjectDeps, known: KnownVersion): Promise<Looked> {
  let tags: Tags = new Map();
  const { storage } = deps;
  const remembering = {
    ...storage,
    async getTags(at: Parameters<typeof storage.getTags>[0]) {
      const found = await storage.getTags(at);
      tags = found?.tags ?? tags;
      return found;
    },
  };
  try {
    const observed = await observeKnown({ ...deps, storage: remembering }, known);
    if ('pending' in observed) return { version: observed.pending };
    if (observed.seen !== undefined) return { version: observed.seen };
    const { outcome } = observed;
    if (outcome.decision.action === 'gone') return { gone: true };
    // No rule asks for a date to come, so nobody asked what is stored.
    return { version: asListed({ ...known, key: outcome.key }, deps.clock.now(), tags, undefined) };
  } catch (error) {
    if (!(error instanceof HoldfastError) || ending.has(error.code)) throw error;
    return { failed: error };
  }
}

/**
 * Takes one version as a list, an inventory or a report tells it: no request is made.
 * @param rules those of {@link unionOf}
 * @param stored the retention that a report has read
 */
export function takeAsListed(rules: Rules, known: KnownVersion, now: Date, stored?: Retention): Looked {
  const concerned = candidates(rules, known.bucket, known.key);
  if (concerned.length > 0 && known.lastModified === undefined) {
    return { unknown: 'it is not known when it was last modified' };
  }
  if (known.tagCount !== 0 && concerned.some(readsTags)) {
    return { unknown: 'rules that read tags may cover it, and tags were not read' };
  }
  return { version: asListed(known, now, new Map(), stored) };
}

function asListed(
  known: KnownVersion,
  now: Date,
  tags: Tags,
  retention: Retention | undefined,
): ObservedVersion {
  const {
    bucket,
    key,
    versionId: id = versionId('null'),
    lastModified = now,
    type = 'Normal',
    isLatest,
  } = known;
  return { bucket, key, versionId: id, lastModified, type, tags, retention, isLatest };
}
