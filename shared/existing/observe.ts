import { judge, type ObjectDeps, type ObjectOutcome } from '../objects/settle.ts';
import type { ObservedVersion } from '../objects/types.ts';
import { candidates, readsTags } from '../rules/match.ts';
import { versionId } from '../storage/port.ts';
import type { KnownVersion } from './source.ts';

/** What observing one version led to: an outcome that needs no write, or the version that is to be protected. */
export type Observed = { readonly outcome: ObjectOutcome } | { readonly pending: ObservedVersion };

/**
 * Observes one known version with as few requests as its rules allow, in this order, and stops as soon as nothing
 * is left to do: none when no rule matches, the type takes no retention, or the date is past by Last-Modified alone;
 * its tags, only if a candidate rule reads them and the inventory does not say that there are none; and HEAD, which
 * alone tells the retention that is stored, so that nothing is written that is long enough. The tag count of
 * HEAD could save reading tags, but the service leaves it out where tags may not be read, and then 0 is no answer.
 */
export async function observeKnown(
  { storage, rules, clock }: ObjectDeps,
  known: KnownVersion,
): Promise<Observed> {
  const { bucket, key, lastModified, type = 'Normal' } = known;
  const concerned = candidates(rules, bucket, key);
  const tagged = concerned.some(readsTags) && known.tagCount !== 0;
  const at = { bucket, key, versionId: known.versionId };
  const assumed: ObservedVersion = {
    ...at,
    versionId: known.versionId ?? current,
    lastModified: lastModified ?? clock.now(),
    type,
    tags: new Map(),
    retention: undefined,
  };

  const bare = judge(rules, assumed, clock.now());
  if (concerned.length === 0 || bare.decision.action === 'skipped') return { outcome: bare };

  const needsHead = lastModified === undefined || known.versionId === undefined;
  if (!needsHead) {
    const tags = tagged ? (await storage.getTags(at))?.tags : assumed.tags;
    if (tags === undefined) return { outcome: gone(assumed) };
    const dated = judge(rules, { ...assumed, tags }, clock.now());
    if (dated.decision.action !== 'protect') return { outcome: dated };
    return await withHead(tags);
  }
  return await withHead(undefined);

  async function withHead(known: ObservedVersion['tags'] | undefined): Promise<Observed> {
    const head = await storage.headObject(at);
    if (head === 'absent') return { outcome: gone(assumed) };
    if (head === 'delete-marker') {
      return { outcome: judge(rules, { ...assumed, type: 'delete-marker' }, clock.now()) };
    }
    const id = head.versionId ?? assumed.versionId;
    const tags =
      known ?? (tagged ? (await storage.getTags({ bucket, key, versionId: id }))?.tags : new Map());
    if (tags === undefined) return { outcome: gone(assumed) };
    const { lastModified, type, retention } = head;
    const version: ObservedVersion = { bucket, key, versionId: id, lastModified, type, retention, tags };
    const outcome = judge(rules, version, clock.now());
    return outcome.decision.action === 'protect' ? { pending: version } : { outcome };
  }
}

/** Stands for the current version until HEAD names it. */
const current = versionId('null');

function gone({ bucket, key, versionId: id }: ObservedVersion): ObjectOutcome {
  return { bucket, key, versionId: id, decision: { action: 'gone' }, errors: [] };
}
