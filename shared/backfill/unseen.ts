import type { ObjectOutcome } from '../objects/outcome.ts';
import { judge } from '../objects/settle.ts';
import type { ObservedVersion } from '../objects/types.ts';
import { readsTags } from '../rules/match.ts';
import type { ObjectRule, Rules } from '../rules/types.ts';
import { versionId as idOf } from '../storage/port.ts';
import { concernedBy } from './concerned.ts';
import type { KnownVersion } from './source.ts';

/**
 * This is what is known of a version without a request: an outcome that needs none, or the version as the source
 * shows it.
 */
export type Unseen =
  | { readonly outcome: ObjectOutcome }
  | { readonly unseen: ObservedVersion; readonly judged: ObjectOutcome };

/**
 * Decides about a version from what its source says, without a request. `unseen` is a version that a rule covers and that
 * may be written at once, before anybody looked at it: its date follows from its Last-Modified alone, its type takes
 * retention, and the service refuses to shorten what is stored. Pure.
 * @returns undefined when something has to be asked first: tags, the type, Last-Modified, which version is current, which
 *   reading of the key is right. So it is for the version `null` too, which is overwritten where versioning was suspended.
 */
export function decideUnseen(rules: Rules, known: KnownVersion, now: Date): Unseen | undefined {
  const { bucket, key, versionId, lastModified, type, otherKey } = known;
  if (otherKey !== undefined) return undefined;
  const concerned = concernedBy(rules, known);
  if (concerned.length === 0) {
    return { outcome: { bucket, key, versionId, decision: { action: 'no-rule' }, errors: [] } };
  }
  if (versionId === undefined || versionId === unversioned) return undefined;
  if (lastModified === undefined || type === undefined || concerned.some(needsLook)) return undefined;
  const { isLatest } = known;
  const retention = undefined;
  const version = { bucket, key, versionId, lastModified, type, tags: noTags, retention, isLatest };
  const outcome = judge(rules, version, now);
  if (outcome.decision.action !== 'protect') return { outcome };
  return retainable.has(type) ? { unseen: version, judged: outcome } : undefined;
}

/** Types that the service lets carry retention; another one is looked at. */
const retainable: ReadonlySet<string> = new Set(['Normal', 'Multipart']);

/** The id of what was written before versioning was on, or while it was suspended. */
const unversioned = idOf('null');

const noTags: ObservedVersion['tags'] = new Map();

/** Tells whether a rule can only be followed once a version was looked at: for its tags, the end that it has now, or its legal hold. */
export const needsLook = (rule: ObjectRule): boolean =>
  readsTags(rule) || rule.extend !== undefined || rule.matter?.looksForHold === true;
