import type { AskHold, HoldState } from '../holds/legal-hold.ts';
import { mattersHolding, type OpenScope, scopeCovers, scopeReadsTags } from '../matters/matching.ts';
import { decideObject } from '../objects/decide.ts';
import type { ObservedVersion } from '../objects/types.ts';
import { day } from '../platform/instant.ts';
import { findCollision } from '../rules/collision.ts';
import { candidates, readsTags } from '../rules/match.ts';
import { isOwnObject } from '../rules/own-object.ts';
import type { ObjectRule, Rules } from '../rules/types.ts';
import {
  type BucketPolicy,
  type MissingObject,
  type ObjectHead,
  type StorageReads,
  type Tags,
  versionId as toVersionId,
  type VersionAt,
} from '../storage/port.ts';
import { type DispositionVerdict, judgeDisposition, type KeptReason, keptByRules } from './judge.ts';

/** This is what looking at a version needs. */
export interface DispositionDeps {
  readonly storage: StorageReads;
  readonly askHold: AskHold;
  readonly rules: Rules;
  /** Reads the WORM policy of a bucket; a run asks once a bucket. */
  readonly policyOf: (bucket: string) => Promise<BucketPolicy | undefined>;
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
  /** This is what HEAD has said, where it was asked. */
  readonly head?: ObjectHead;
}

/**
 * Looks whether a version may go. What is stored is read: retention by HEAD, tags where a rule or a matter asks for them, and the
 * legal hold by its own call. A version that a rule keeps by Last-Modified alone costs no request. Changes nothing.
 * @param seen this is what HEAD has said a moment ago; without it HEAD is asked
 * @throws what the service refuses
 */
export async function lookForDisposition(
  deps: DispositionDeps,
  listed: ListedData,
  now: Date,
  seen?: ObjectHead | MissingObject,
): Promise<DispositionLook> {
  const { storage, rules, scopes } = deps;
  const { bucket, key, versionId } = listed;
  const at = { bucket, key, versionId };
  const concerned = candidates(rules, bucket, key);
  const unasked = keptWithoutLook(rules, concerned, listed, now);
  if (unasked !== undefined) return kept(unasked);
  const policy = await deps.policyOf(bucket);
  if (isKeptByPolicy(policy, listed.lastModified, now)) return kept('bucket-policy');
  const head = seen ?? (await storage.headObject(at));
  if (typeof head === 'string') return kept(head === 'absent' ? 'gone' : 'not-data');
  // An inventory may be wrong about the time.
  if (isKeptByPolicy(policy, head.lastModified, now)) return kept('bucket-policy');
  // HEAD of OBS leaves retention out where the caller may not read it (reference, OBS), and says so nowhere.
  if (rules.cloud === 'obs' && head.retention === undefined) return kept('retention-hidden');
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
  const read = { head, ...(isTagged && { tags }) };
  if (!verdict.disposable) return { verdict, ...read };
  const because = keptByHold[await deps.askHold(at)];
  return { verdict: because === undefined ? verdict : { disposable: false, because }, ...read };
}

const keptByHold: Readonly<Record<HoldState, KeptReason | undefined>> = {
  on: 'legal-hold',
  unknown: 'hold-unknown',
  gone: 'gone',
  off: undefined,
};

const noTags: Tags = new Map();
const nullVersion = toVersionId('null');

/** Says why a version stays by what the list has told already; undefined when the service has to be asked. */
function keptWithoutLook(
  rules: Rules,
  concerned: readonly ObjectRule[],
  { bucket, key, versionId, lastModified, type }: ListedData,
  now: Date,
): KeptReason | undefined {
  const at = { bucket, key, versionId };
  if (isOwnObject(rules, at)) return 'evidence';
  if (concerned.length === 0) return 'no-rule';
  if (findCollision(rules, bucket) !== undefined) return 'rule-failed';
  if (versionId === nullVersion) return 'null-version';
  if (concerned.some(readsTags)) return undefined;
  const version = { ...at, lastModified, type, tags: noTags, retention: undefined };
  return keptByRules(decideObject(rules, version, now));
}

const kept = (because: KeptReason): DispositionLook => ({ verdict: { disposable: false, because } });

/** A policy keeps each version for its days from Last-Modified on; one that is not locked yet keeps all (OSS, retention policies). */
function isKeptByPolicy(policy: BucketPolicy | undefined, lastModified: Date, now: Date): boolean {
  if (policy === undefined || policy.state === 'Expired') return false;
  return policy.state !== 'Locked' || lastModified.getTime() + policy.days * day > now.getTime();
}

/** Tells whether a version is its key's current one; undefined where no rule asks for it by extending what is. */
async function isInUse(
  storage: StorageReads,
  concerned: readonly ObjectRule[],
  { bucket, key, versionId }: VersionAt,
): Promise<boolean | undefined> {
  if (!concerned.some(({ extend }) => extend !== undefined)) return undefined;
  const current = await storage.headObject({ bucket, key });
  return typeof current === 'object' && current.versionId === versionId;
}
