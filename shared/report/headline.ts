import { cloudWords } from '../platform/cloud-words.ts';
import { standingAs } from './counts.ts';
import type { Posture } from './posture.ts';
import { plural } from './words.ts';

/** Returns the answer in one sentence. */
export function headline({ cloud, verdict, region, targets, policies, cells, troubles }: Posture): string {
  switch (verdict) {
    case 'protected':
      return 'Everything that the rules cover is protected.';
    case 'not-protected':
      return openWork({ policies, cells, troubles });
    case 'incomplete': {
      if (targets.length === 0 && troubles.length === 0) {
        return 'No bucket of this region matches the rules: there is nothing to report on.';
      }
      const unknown = standingAs({ cells }, 'unknown').versions;
      const elsewhere = troubles.filter(({ code }) => code === 'BUCKET_ELSEWHERE');
      const unread = troubles.length - elsewhere.length;
      const parts = [
        ...(unknown > 0 ? [plural(unknown, 'version')] : []),
        ...(unread > 0 ? [plural(unread, 'bucket')] : []),
        ...(elsewhere.length > 0 ? [inOtherRegions(elsewhere)] : []),
      ];
      const found =
        cells.length + policies.length > 0
          ? `Nothing was found unprotected in ${region}, but`
          : `No version was found in ${region}, and`;
      return `${found} not everything could be read: ${parts.join(' and ')}.`;
    }
    case 'not-read':
      return `By the rules alone nothing is unprotected; what ${cloudWords[cloud].service} stores was not read.`;
  }
}

/** The rules cover these too, and this report proves nothing of them. */
const inOtherRegions = (elsewhere: Posture['troubles']): string =>
  `${plural(elsewhere.length, 'bucket')} of another region (${elsewhere.map(({ bucket }) => bucket).join(', ')})`;

/** Names what needs attention. */
function openWork({ policies, cells, troubles }: Pick<Posture, 'policies' | 'cells' | 'troubles'>): string {
  const open = standingAs({ cells }, 'unprotected', 'too-short').versions;
  const loose = policies.filter(({ holds }) => !holds).length;
  const defaults = troubles.filter(({ code }) => code === 'DEFAULT_GOVERNANCE').length;
  const parts = [
    ...(open > 0 ? [plural(open, 'version')] : []),
    ...(loose > 0 ? [plural(loose, 'bucket policy', 'bucket policies')] : []),
    ...(defaults > 0 ? [plural(defaults, 'default retention')] : []),
  ];
  const needs = open + loose + defaults === 1 ? 'needs' : 'need';
  return `Not everything is protected: ${parts.join(' and ')} ${needs} attention.`;
}
