import type { KnownVersion } from '../backfill/source.ts';
import { judge } from '../objects/settle.ts';
import { candidates, readsTags } from '../rules/match.ts';
import type { Rules } from '../rules/types.ts';
import { versionId } from '../storage/port.ts';
import { ownReason } from './remedies.ts';
import { standingOf } from './standing.ts';
import type { Judgement } from './types.ts';

/**
 * Tells what the rules alone say about a version that was listed and not asked about: no request is made, so nothing
 * is said about what is stored. Pure and total.
 * @param at the instant that the report is about
 */
export function expectKnown(rules: Rules, known: KnownVersion, at: Date): Judgement | undefined {
  const { bucket, key, lastModified, type = 'Normal', tagCount } = known;
  const concerned = candidates(rules, bucket, key);
  const tagged = tagCount === 0 ? [] : concerned.filter(readsTags);
  if (concerned.length > 0 && lastModified === undefined) {
    return unknown('LAST_MODIFIED_UNKNOWN', 'the inventory does not say when it was last modified');
  }
  const version = {
    bucket,
    key,
    versionId: known.versionId ?? versionId('null'),
    lastModified: lastModified ?? at,
    type,
    tags: new Map<string, string>(),
    retention: undefined,
    isLatest: known.isLatest,
  };
  const sure = concerned.filter((rule) => !tagged.includes(rule));
  const certain = tagged.length === 0 ? rules : { ...rules, objects: sure };
  const judged = standingOf(judge(certain, version, at), undefined, at);
  if (judged?.code === 'NO_RETENTION') {
    const { rule, wanted } = judged;
    const expected: Judgement = { standing: 'expected', rule, until: wanted, wanted };
    return tagged.length === 0 ? expected : { ...expected, reason: tagsMay('ask for more') };
  }
  const open = judged?.standing === 'elapsed' || judged?.standing === 'uncovered';
  return open && tagged.length > 0 ? unknown('TAGS_UNREAD', tagsMay('cover it')) : judged;
}

const tagsMay = (what: string) => `rules that read tags may ${what}; tags were not read`;

const unknown = (...why: Parameters<typeof ownReason>): Judgement => ({
  standing: 'unknown',
  ...ownReason(...why),
});
