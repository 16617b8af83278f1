import { mattersHolding, type OpenScope, scopeCovers, scopeReadsTags } from '../matters/matching.ts';
import { decideObject } from '../objects/decide.ts';
import type { ObservedVersion } from '../objects/types.ts';
import { hasCode } from '../platform/errors.ts';
import { findCollision } from '../rules/collision.ts';
import { candidates, readsTags } from '../rules/match.ts';
import type { ObjectRule, Rules } from '../rules/types.ts';
import type { LegalHolds, StorageReads, Tags, VersionAt } from '../storage/port.ts';
import { type DispositionVerdict, judgeDisposition, type KeptReason, keptByRules } from './judge.ts';

/** This is what looking at a version needs. */
export interface DispositionDeps {
  readonly storage: StorageReads;
  readonly holds: LegalHolds;
  readonly rules: Rules;
  /** The scopes of all open matters. */
  readonly scopes: readonly OpenScope[];
}

/** A version as it was listed. */
export type ListedData = VersionAt & Pick<ObservedVersion, 'lastModified' | 'type'>;

/** Tells what was seen of a version, and whether it may go. */
export interface DispositionLook {
  readonly verdict: DispositionVerdict;
  /** Its tags, where a rule or a matter asked for them. */
  readonly tags?: Tags;
}

/**
 * Looks whether a version may go. What is stored is read: retention by HEAD, tags where a rule or a matter asks for them, and the
 * legal hold by its own call. A version that a rule keeps by Last-Modified alone costs no request. Changes nothing.
 * @throws what the service refuses
 */
export async function lookForDisposition(
  { storage, holds, rules, scopes }: DispositionDeps,
  { bucket, key, versionId, lastModified, type }: ListedData,
  now: Date,
): Promise<DispositionLook> {
  const at = { bucket, key, versionId };
  if (isOwnFolder(rules, at)) return kept('evidence');
  const concerned = candidates(rules, bucket, key);
  if (concerned.length === 0) return kept('no-rule');
  if (findCollision(rules, bucket) !== undefined) return kept('rule-failed');
  const listed = { ...at, lastModified, type, tags: noTags, retention: undefined };
  if (!concerned.some(readsTags)) {
    const reason = keptByRules(decideObject(rules, listed, now));
    if (reason !== undefined) return kept(reason);
  }
  const head = await storage.headObject(at);
  if (typeof head === 'string') return kept(head === 'absent' ? 'gone' : 'not-data');
  const covering = scopes.filter(({ scope }) =>
    scopeCovers(scope, { bucket, key, lastModified: head.lastModified }),
  );
  const isTagged = concerned.some(readsTags) || covering.some(({ scope }) => scopeReadsTags(scope));
  const tags = isTagged ? (await storage.getTags(at))?.tags : noTags;
  if (tags === undefined) return kept('gone');
  const version: ObservedVersion = {
    ...at,
    lastModified: head.lastModified,
    type: head.type,
    tags,
    retention: head.retention,
    isLatest: await isInUse(storage, concerned, at),
  };
  const facts = {
    decision: decideObject(rules, version, now),
    retention: head.retention,
    legalHold: head.legalHold === true,
    matters: mattersHolding(covering, version, tags),
    now,
  };
  const verdict = judgeDisposition(facts);
  const read = { ...(isTagged && { tags }) };
  if (!verdict.disposable || !(await isHeld(holds, at))) return { verdict, ...read };
  return { verdict: judgeDisposition({ ...facts, legalHold: true }), ...read };
}

const noTags: Tags = new Map();

const kept = (because: KeptReason): DispositionLook => ({ verdict: { disposable: false, because } });

const isOwnFolder = ({ audit, deadLetters }: Rules, { bucket, key }: VersionAt): boolean =>
  [audit, deadLetters].some((folder) => folder?.bucket === bucket && key.startsWith(folder.prefix));

/** Only a rule that extends asks whether a version is its key's current one. */
async function isInUse(
  storage: StorageReads,
  concerned: readonly ObjectRule[],
  { bucket, key, versionId }: VersionAt,
): Promise<boolean> {
  if (!concerned.some(({ extend }) => extend !== undefined)) return false;
  const current = await storage.headObject({ bucket, key });
  return typeof current === 'object' && current.versionId === versionId;
}

/** A service that takes no legal hold has none. */
async function isHeld(holds: LegalHolds, at: VersionAt): Promise<boolean> {
  try {
    return await holds.getHold(at);
  } catch (error) {
    if (hasCode(error, 'HOLD_NOT_OFFERED', 'NO_SUCH_OBJECT')) return false;
    throw error;
  }
}
