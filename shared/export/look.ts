import type { KnownVersion } from '../backfill/source.ts';
import { scopeCovers, scopeTagsMatch } from '../matters/matching.ts';
import type { MatterScope } from '../matters/types.ts';
import { judge } from '../objects/settle.ts';
import type { ObservedVersion } from '../objects/types.ts';
import { unretainable } from '../objects/unretainable.ts';
import { type PolicySeen, standingByPolicy } from '../report/policy.ts';
import { standingOf, standingOfSkipped } from '../report/standing.ts';
import type { Judgement } from '../report/types.ts';
import { candidates } from '../rules/match.ts';
import { isOwnObject } from '../rules/own-object.ts';
import type { ObjectRule } from '../rules/types.ts';
import type { Retention, StorageReads, Tags, VersionAt } from '../storage/port.ts';
import { isStoredLater } from './as-of.ts';
import { type ExportScope, isInPeriod } from './scope.ts';

/** A matter, open or released. */
export interface MatterOfExport {
  readonly id: string;
  readonly scope: MatterScope;
  readonly isOpen: boolean;
}

export interface LookDeps {
  readonly storage: Pick<StorageReads, 'headObject' | 'getTags' | 'cloud'>;
  readonly scope: ExportScope;
  readonly matters: readonly MatterOfExport[];
  /** The instant that the export is about. */
  readonly at: Date;
}

/** One version in the export. */
export interface ExportedVersion extends VersionAt {
  readonly isLatest: boolean | undefined;
  readonly lastModified: Date;
  readonly size: number;
  readonly storageClass: string | undefined;
  readonly judgement: Judgement;
  /** The other rules that match. */
  readonly others: readonly string[];
  /** This is what the service has shown of its retention. */
  readonly retention: Retention | undefined;
  readonly legalHold: boolean;
  /** True where a bucket rule is for it, and the WORM policy of its bucket keeps it. */
  readonly isOfPolicy: boolean;
  /** The tags that a rule or a matter has read, in the order of their names. */
  readonly tags: readonly (readonly [name: string, value: string])[];
  /** The matters that have it, open or released. */
  readonly matters: readonly Pick<MatterOfExport, 'id' | 'isOpen'>[];
}

/** Tells what a look led to. */
export type ExportLook = ExportedVersion | 'gone' | 'later' | 'not-asked';

/**
 * Looks at a version that was listed: its retention by HEAD, and its tags where a rule or a matter reads them. One that can carry no
 * retention, a version of another rule, one outside of the period, one that was uploaded after the instant that the export is about, and evidence and dead letters of Holdfast itself cost no request.
 * @param policy the WORM policy of its bucket, where a bucket rule is for it; then it is what keeps the version
 * @throws what the service refuses
 */
export async function lookForExport(
  deps: LookDeps,
  known: KnownVersion,
  policy: PolicySeen | undefined,
): Promise<ExportLook> {
  const { scope, at } = deps;
  const { bucket, key, versionId, lastModified, type, isLatest, size = 0, storageClass } = known;
  if (versionId === undefined || lastModified === undefined || type === undefined || type === 'delete-marker')
    return 'not-asked';
  if (!isInPeriod(scope, lastModified) || isOwnObject(scope.rules, known)) return 'not-asked';
  const concerned = candidates(scope.rules, bucket, key);
  if (policy === undefined && !concerned.some(({ name }) => scope.chosen.has(name))) return 'not-asked';
  if (isStoredLater(lastModified, at)) return 'later';
  const found = { bucket, key, versionId, isLatest, lastModified, size, storageClass };
  const covering = deps.matters.filter((matter) => scopeCovers(matter.scope, found));
  const unread = { ...found, ...nothingOfItsOwn, matters: mattersWith(covering, noTags) };
  if (policy !== undefined) {
    return { ...unread, isOfPolicy: true, others: [], judgement: standingByPolicy(policy, known, at) };
  }
  const why = unretainable(type);
  if (why !== undefined) {
    // Its tags are not read, so it is told under every rule that is for its key, and with the matters that ask for no tag.
    const others = concerned.map(({ name }) => name);
    return { ...unread, isOfPolicy: false, others, judgement: standingOfSkipped(why) };
  }
  const head = await deps.storage.headObject({ bucket, key, versionId });
  if (typeof head === 'string') return 'gone';
  const names = tagsRead(concerned, covering);
  const tags = names.size === 0 ? noTags : (await deps.storage.getTags({ bucket, key, versionId }))?.tags;
  if (tags === undefined) return 'gone';
  const { retention, legalHold } = head;
  const observed: ObservedVersion = { ...found, type, tags, retention, isLatest };
  const outcome = judge(scope.rules, observed, at);
  const matching = rulesOf(outcome.decision);
  if (!matching.some((name) => scope.chosen.has(name))) return 'not-asked';
  const judgement = standingOf(outcome, retention, at);
  if (judgement === undefined) return 'gone';
  return {
    ...found,
    judgement,
    others: matching.filter((name) => name !== judgement.rule),
    retention,
    legalHold: legalHold === true,
    isOfPolicy: false,
    tags: [...tags].filter(([name]) => names.has(name)).sort(byName),
    matters: mattersWith(covering, tags),
  };
}

/**
 * A version that its bucket's policy keeps can have no retention, and no legal hold (OSS, retention policies); a symlink and an appendable
 * object neither.
 */
const nothingOfItsOwn = {
  retention: undefined,
  legalHold: false,
  tags: [],
};

const noTags: Tags = new Map();

/** The names of the tags that rules and matters ask for: no other leaves the service by the export. */
function tagsRead(rules: readonly ObjectRule[], matters: readonly MatterOfExport[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { match, retain } of rules) {
    for (const name of match.tags.keys()) names.add(name);
    if ('tag' in retain) names.add(retain.tag);
  }
  for (const { scope } of matters) {
    for (const name of scope.tags.keys()) names.add(name);
  }
  return names;
}

/** The rules that match, also one that cannot be followed. */
function rulesOf(decision: ReturnType<typeof judge>['decision']): string[] {
  const problems = 'problems' in decision ? decision.problems.map(({ rule }) => rule) : [];
  const ruled = 'others' in decision ? [decision.rule, ...decision.others] : [];
  return [...new Set([...ruled, ...problems])];
}

function mattersWith(
  covering: readonly MatterOfExport[],
  tags: Tags,
): Pick<MatterOfExport, 'id' | 'isOpen'>[] {
  const having = covering.filter(({ scope }) => scopeTagsMatch(scope, tags));
  const byId = new Map<string, Pick<MatterOfExport, 'id' | 'isOpen'>>();
  for (const { id, isOpen } of having) byId.set(id, { id, isOpen: isOpen || byId.get(id)?.isOpen === true });
  return [...byId.values()].sort((one, other) => (one.id < other.id ? -1 : 1));
}

const byName = ([one]: readonly [string, string], [other]: readonly [string, string]): number =>
  one < other ? -1 : 1;
