import type { AuditRecord } from '../audit/file.ts';
import { isRecordOfChange } from '../audit/filter.ts';
import { searchAudit } from '../audit/search.ts';
import { type OpenScope, scopeCovers, scopeReadsTags, scopeTagsMatch } from '../matters/matching.ts';
import type { Matters } from '../matters/state.ts';
import { decideObject } from '../objects/decide.ts';
import { candidates, readsTags } from '../rules/match.ts';
import type { ObjectPrefix, Rules } from '../rules/types.ts';
import { type StorageReads, versionId } from '../storage/port.ts';
import { type KeptReason, keptByRules, keptReasons } from './judge.ts';
import type { DisposableVersion } from './plan.ts';
import type { VersionSet } from './version-set.ts';

/** This is what may have touched versions of a plan after it was made. */
export interface SincePlan {
  readonly rules: Rules;
  /** The scopes of all matters that were open at some time since. */
  readonly scopes: readonly OpenScope[];
  /** Writes that the evidence has since, by {@link versionKey}. */
  readonly writes: ReadonlyMap<string, string>;
  readonly now: Date;
}

/** Names one version in one text. What a record of the evidence has in its place, and is none, has the name of no version. */
export const versionKey = ({ bucket, key, versionId: id }: NamedVersion): string =>
  JSON.stringify([bucket, key, id]);

type NamedVersion = Readonly<Partial<Record<'bucket' | 'key' | 'versionId', unknown>>>;

/** Returns the scopes of all matters that were open at some time since an instant, released ones too. */
export const scopesOpenSince = ({ all }: Matters, since: Date): OpenScope[] =>
  all.flatMap(({ id, openings }) =>
    openings
      .filter(({ released }) => released === undefined || released.at >= since)
      .map(({ opened: { scope } }) => ({ id, scope })),
  );

/**
 * Finds the writes to versions that the evidence has since a plan was made: retention and legal holds.
 * @param planned the versions of the plan, by {@link versionKey}; what was written to others is not kept
 * @throws what listing and reading throw
 */
export async function writesSince(
  storage: Pick<StorageReads, 'listVersions' | 'readText'>,
  place: ObjectPrefix,
  { since, planned }: { readonly since: Date; readonly planned: VersionSet },
  now: Date,
): Promise<ReadonlyMap<string, string>> {
  const writes = new Map<string, string>();
  for await (const { record, writtenAt } of searchAudit(storage, place, {}, since, now)) {
    const written = writeOf(record);
    if (writtenAt < since || written === undefined) continue;
    const name = versionKey(record);
    if (planned.has(name)) writes.set(name, written);
  }
  return writes;
}

/** Says what was written by a record; undefined where nothing was. */
function writeOf(record: AuditRecord): string | undefined {
  if (isRecordOfChange(record)) return 'retention';
  const { action, result, legalHold, code } = record;
  const isHold = action === 'hold' && (result === 'held' || result === 'kept');
  return (isHold && code === undefined) || legalHold === 'put-on' ? 'a legal hold' : undefined;
}

/** Something that has touched a version since it was planned. */
export type Touch =
  | { readonly kind: 'kept'; readonly because: KeptReason; readonly rule?: string }
  | { readonly kind: 'matter'; readonly id: string }
  /** A rule, or a matter, reads tags that nobody knows. */
  | { readonly kind: 'rule-unread' }
  | { readonly kind: 'matter-unread'; readonly id: string }
  | { readonly kind: 'written'; readonly what: string };

/**
 * Returns what has touched a version since it was planned: a rule that keeps it now, a matter that has it, a write of retention or a
 * hold. Pure; its tags are those that are given with it.
 */
export function touchedSince(
  { rules, scopes, writes, now }: SincePlan,
  version: DisposableVersion,
): readonly Touch[] {
  const { bucket, key, lastModified } = version;
  const tags = version.tags === undefined ? undefined : new Map(Object.entries(version.tags));
  const what = writes.get(versionKey(version));
  const matters = scopes
    .filter(({ scope }) => scopeCovers(scope, { bucket, key, lastModified }))
    .flatMap(({ id, scope }): Touch[] => {
      if (!scopeReadsTags(scope)) return [{ kind: 'matter', id }];
      if (tags === undefined) return [{ kind: 'matter-unread', id }];
      return scopeTagsMatch(scope, tags) ? [{ kind: 'matter', id }] : [];
    });
  return [
    ...keptNow(rules, version, tags, now),
    ...matters,
    ...(what === undefined ? [] : [{ kind: 'written' as const, what }]),
  ];
}

function keptNow(
  rules: Rules,
  { bucket, key, versionId: id, lastModified }: DisposableVersion,
  tags: ReadonlyMap<string, string> | undefined,
  now: Date,
): Touch[] {
  if (tags === undefined && candidates(rules, bucket, key).some(readsTags)) return [{ kind: 'rule-unread' }];
  const decision = decideObject(
    rules,
    {
      ...{ bucket, key, lastModified, retention: undefined },
      versionId: versionId(id),
      type: 'Normal',
      tags: tags ?? new Map(),
    },
    now,
  );
  const because = keptByRules(decision);
  if (because === undefined) return [];
  return [{ kind: 'kept', because, ...('rule' in decision && { rule: decision.rule }) }];
}

/** Says in a sentence each what has touched a version, and nothing twice. */
export const touchedWords = (touches: readonly Touch[]): string[] => [...new Set(touches.map(wordsOf))];

function wordsOf(touch: Touch): string {
  switch (touch.kind) {
    case 'kept':
      return `${keptReasons[touch.because]}${touch.rule === undefined ? '' : ` (rule ${touch.rule})`}`;
    case 'rule-unread':
      return 'a rule may keep it: its tags are not in the plan';
    case 'matter':
      return `matter ${touch.id} has it`;
    case 'matter-unread':
      return `matter ${touch.id} may have it: its tags are not in the plan`;
    case 'written':
      return `the evidence has a write since: ${touch.what}`;
  }
}
