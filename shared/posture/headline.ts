import { standingAs } from './counts.ts';
import type { Posture } from './posture.ts';
import { plural } from './words.ts';

/** The answer in one sentence. */
export function headline({ verdict, region, targets, policies, cells, troubles }: Posture): string {
  switch (verdict) {
    case 'protected':
      return everything(region, troubles);
    case 'not-protected':
      return openWork({ policies, cells, troubles });
    case 'incomplete': {
      if (targets.length === 0 && troubles.length === 0) {
        return 'No bucket of this region matches the rules: there is nothing to report on.';
      }
      const unknown = standingAs({ cells }, 'unknown').versions;
      const parts = [
        ...(unknown > 0 ? [plural(unknown, 'version')] : []),
        ...(troubles.length > 0 ? [plural(troubles.length, 'bucket')] : []),
      ];
      return `Nothing was found unprotected, but not everything could be read: ${parts.join(' and ')}.`;
    }
    case 'not-read':
      return 'By the rules alone nothing is unprotected; what OSS stores was not read.';
  }
}

/** A bucket of another region is for another report, so this one must not speak for it. */
function everything(region: string, troubles: Posture['troubles']): string {
  const elsewhere = troubles.filter(({ code }) => code === 'BUCKET_ELSEWHERE').map(({ bucket }) => bucket);
  if (elsewhere.length === 0) return 'Everything that the rules cover is protected.';
  return (
    `Everything that the rules cover in ${region} is protected; ` +
    `${plural(elsewhere.length, 'bucket')} in another region ${elsewhere.length === 1 ? 'was' : 'were'} not read: ${elsewhere.join(', ')}.`
  );
}

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
