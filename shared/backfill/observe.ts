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
  const { otherKey } = known;
  const second = otherKey === undefined ? undefined : { ...known, key: otherKey, otherKey: undefined };
  if (shown !== undefined) {
    const observed = await observeByHead(deps, known, asShown);
    if (observed !== 'absent') return observed;
  } else if (second === undefined || sameRules(deps.rules, known, second)) {
    const observed = await observeReading(deps, known);
    if (observed !== 'absent') return observed;
  } else if ((await deps.storage.headObject(known)) !== 'absent') {
    // The two readings have other rules, so it must be known which is right before anything is decided.
    const observed = await observeReading(deps, known);
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

async function observeReading(deps: ObjectDeps, known: KnownVersion): Promise<Observed | 'absent'> {
  const { storage, rules, clock } = deps;
  const { bucket, key, lastModified, versionId: id } = known;
  const concerned = concernedBy(rules, known);
  if (concerned.length === 0) {
    const decision = { action: 'no-rule' } as const;
    return { outcome: { bucket, key, versionId: id ?? current, decision, errors: [] } };
  }
  const tagged = concerned.some(readsTags) && known.tagCount !== 0;
  const mayBeInUse = known.isLatest !== false && concerned.some((rule) => rule.extend !== undefined);
  const assumed = assumedVersion(known, mayBeInUse, clock.now());
  const bare = judge(rules, assumed, clock.now());
  if (bare.decision.action === 'skipped') return { outcome: bare };
  const look = { mayBeInUse, tagged };
  if (lastModified === undefined || id === undefined) return await observeByHead(deps, known, look);

  const tags = tagged ? (await storage.getTags({ bucket, key, versionId: id }))?.tags : noTags;
  if (tags === undefined) return 'absent';
  const dated = tagged ? judge(rules, { ...assumed, tags }, clock.now()) : bare;
  return dated.decision.action === 'protect'
    ? await observeByHead(deps, known, { ...look, read: tags })
    : { outcome: dated };
}

/** Returns a version as its source shows it. What it leaves out is taken to be as it usually is. */
function assumedVersion(known: KnownVersion, isLatest: boolean, now: Date): ObservedVersion {
  const { bucket, key, versionId = current, lastModified = now, type = 'Normal' } = known;
  return { bucket, key, versionId, lastModified, type, tags: noTags, retention: undefined, isLatest };
}

const noTags: ObservedVersion['tags'] = new Map();

/** This is what HEAD is asked for. */
interface HeadLook {
  readonly mayBeInUse: boolean;
  /** A rule reads its tags. */
  readonly tagged: boolean;
  /** The tags, when they were read already. */
  readonly read?: ObservedVersion['tags'];
}

/** Only HEAD is missing of a version whose rules go by nothing but what its source shows. */
const asShown: HeadLook = { mayBeInUse: false, tagged: false, read: noTags };

async function observeByHead(
  { storage, rules, clock }: ObjectDeps,
  known: KnownVersion,
  { mayBeInUse, tagged, read }: HeadLook,
): Promise<Observed | 'absent'> {
  const { bucket, key } = known;
  const at = { bucket, key, versionId: known.versionId };
  const inUse = mayBeInUse ? await headInUse(storage, at) : undefined;
  const head = inUse ?? (await storage.headObject(at));
  if (head === 'absent') return 'absent';
  if (head === 'delete-marker') {
    const marker = { ...assumedVersion(known, mayBeInUse, clock.now()), type: head };
    return { outcome: judge(rules, marker, clock.now()) };
  }
  const { versionId, lastModified, type, retention, legalHold } = head;
  if (versionId === undefined)
    throw failure('VERSIONING_OFF', { target: formatAddress(storage.cloud, { bucket, key }) });
  const tags = read ?? (tagged ? (await storage.getTags({ bucket, key, versionId }))?.tags : noTags);
  if (tags === undefined) return 'absent';
  const isLatest = inUse !== undefined;
  const own = { bucket, key, versionId, lastModified, type, retention, tags, isLatest };
  const version: ObservedVersion = legalHold ? { ...own, legalHold } : own;
  const outcome = judge(rules, version, clock.now());
  return outcome.decision.action === 'protect' ? { pending: version } : { outcome, seen: version };
}

/**
 * Asks for a version that may be in use by its key alone: the same request tells whether it is the current one.
 * @returns undefined where it is not
 */
async function headInUse(storage: StorageReads, { bucket, key, versionId: wanted }: MaybeVersionAt) {
  const head = await storage.headObject({ bucket, key });
  const found = typeof head === 'object' ? head.versionId : undefined;
  return wanted === undefined || wanted === found ? head : undefined;
}

/** Stands for the current version until HEAD names it. */
const current = versionId('null');
