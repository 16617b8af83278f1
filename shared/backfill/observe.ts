import type { ObjectOutcome } from '../objects/outcome.ts';
import { judge, type ObjectDeps } from '../objects/settle.ts';
import type { ObservedVersion } from '../objects/types.ts';
import { formatAddress } from '../platform/address.ts';
import { failure } from '../platform/errors.ts';
import { candidates, readsTags } from '../rules/match.ts';
import type { Rules } from '../rules/types.ts';
import { type MaybeVersionAt, type StorageReads, versionId } from '../storage/port.ts';
import { concernedBy } from './concerned.ts';
import { settleMissing } from './missing.ts';
import type { KnownVersion } from './source.ts';

/**
 * This is what observing one version led to: an outcome that needs no write, or the version that is to be protected.
 */
export type Observed =
  | {
      readonly outcome: ObjectOutcome /** The version, when HEAD was asked. */;
      readonly seen?: ObservedVersion;
    }
  | { readonly pending: ObservedVersion };

/**
 * Observes one known version with as few requests as its rules allow, in this order, and stops as soon as nothing
 * is left to do: none when no rule matches, the type takes no retention, or the date is past by Last-Modified alone;
 * its tags, only if a candidate rule reads them and the inventory does not say that there are none; and HEAD, which
 * alone tells the retention that is stored, so that nothing is written that is long enough. The tag count of
 * HEAD could save reading tags, but the service leaves it out where tags may not be read, and then 0 is no answer.
 *
 * Where a candidate rule extends what is in use, a version that was not listed as an old one is taken to be in use until
 * HEAD has told: nothing is extended on the word of a list, which may be days old.
 *
 * A version that is not there is looked for under the other reading of its key, and then settled by {@link settleMissing}.
 * @param shown its outcome by what the source shows, where its rules go by nothing else and that is known already
 * @throws VERSION_NOT_FOUND, and what reading throws
 */
export async function observeKnown(
  deps: ObjectDeps,
  known: KnownVersion,
  shown?: ObjectOutcome,
): Promise<Observed> {
  const { otherKey, ...first } = known;
  const second = otherKey === undefined ? undefined : { ...first, key: otherKey };
  if (second === undefined || sameRules(deps.rules, first, second)) {
    const observed = await observeReading(deps, first, shown);
    if (observed !== 'absent') return observed;
  } else if ((await deps.storage.headObject(first)) !== 'absent') {
    // The two readings have other rules, so it must be known which is right before anything is decided.
    const observed = await observeReading(deps, first);
    if (observed !== 'absent') return observed;
  }
  if (second !== undefined && (await deps.storage.headObject(second)) !== 'absent') {
    const observed = await observeReading(deps, second);
    if (observed !== 'absent') return observed;
  }
  return { outcome: await settleMissing(deps.storage, known) };
}

function sameRules(rules: Rules, { bucket, key }: KnownVersion, { key: other }: KnownVersion): boolean {
  const [one, two] = [candidates(rules, bucket, key), candidates(rules, bucket, other)];
  return one.length === two.length && one.every((rule, index) => rule === two[index]);
}

async function observeReading(
  { storage, rules, clock }: ObjectDeps,
  known: KnownVersion,
  shown?: ObjectOutcome,
): Promise<Observed | 'absent'> {
  const { bucket, key, lastModified, type = 'Normal' } = known;
  const concerned = concernedBy(rules, known);
  const tagged = concerned.some(readsTags) && known.tagCount !== 0;
  const at = { bucket, key, versionId: known.versionId };
  const assumed: ObservedVersion = {
    ...at,
    versionId: known.versionId ?? current,
    lastModified: lastModified ?? clock.now(),
    type,
    tags: new Map(),
    retention: undefined,
    isLatest: known.isLatest !== false && concerned.some((rule) => rule.extend !== undefined),
  };

  if (concerned.length === 0) {
    const { versionId: id } = assumed;
    return { outcome: { bucket, key, versionId: id, decision: { action: 'no-rule' }, errors: [] } };
  }
  const bare = shown ?? judge(rules, assumed, clock.now());
  if (bare.decision.action === 'skipped') return { outcome: bare };
  if (lastModified === undefined || known.versionId === undefined) return await withHead(undefined);

  const tags = tagged ? (await storage.getTags(at))?.tags : assumed.tags;
  if (tags === undefined) return 'absent';
  const dated = tagged ? judge(rules, { ...assumed, tags }, clock.now()) : bare;
  return dated.decision.action === 'protect' ? await withHead(tags) : { outcome: dated };

  /** @param read the tags, when they were read already */
  async function withHead(read: ObservedVersion['tags'] | undefined): Promise<Observed | 'absent'> {
    const { head, isLatest } = await look(storage, at, assumed.isLatest);
    if (head === 'absent') return 'absent';
    if (head === 'delete-marker') {
      return { outcome: judge(rules, { ...assumed, type: 'delete-marker' }, clock.now()) };
    }
    const id = head.versionId;
    if (id === undefined)
      throw failure('VERSIONING_OFF', { target: formatAddress(storage.cloud, { bucket, key }) });
    const tags = read ?? (tagged ? (await storage.getTags({ bucket, key, versionId: id }))?.tags : new Map());
    if (tags === undefined) return 'absent';
    const { lastModified, type, retention, legalHold } = head;
    const own = { bucket, key, versionId: id, lastModified, type };
    const version: ObservedVersion = { ...own, retention, ...(legalHold && { legalHold }), tags, isLatest };
    const outcome = judge(rules, version, clock.now());
    return outcome.decision.action === 'protect' ? { pending: version } : { outcome, seen: version };
  }
}

/**
 * HEAD of a version. One that may be in use is asked for by its key alone: the same request then tells whether it is the
 * current one, and only if it is not, it is asked for by its id.
 */
async function look(storage: StorageReads, at: MaybeVersionAt, mayBeInUse: boolean | undefined) {
  if (mayBeInUse) {
    const { bucket, key, versionId: wanted } = at;
    const head = await storage.headObject({ bucket, key });
    const found = typeof head === 'object' ? head.versionId : undefined;
    if (wanted === undefined || wanted === found) return { head, isLatest: true };
  }
  return { head: await storage.headObject(at), isLatest: false };
}

/** Stands for the current version until HEAD names it. */
const current = versionId('null');
