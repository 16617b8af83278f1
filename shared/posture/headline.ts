import { standingAs } from './counts.ts';
import type { Posture } from './posture.ts';
import { plural } from './words.ts';

/** The answer in one sentence. */
export function headline({ verdict, targets, policies, cells, troubles }: Posture): string {
  switch (verdict) {
    case 'protected':
      return 'Everything that the rules cover is protected.';
    case 'not-protected': {
      const open = standingAs({ cells }, 'unprotected', 'too-short').versions;
      const loose = policies.filter(({ holds }) => !holds).length;
      const parts = [
        ...(open > 0 ? [plural(open, 'version')] : []),
        ...(loose > 0 ? [plural(loose, 'bucket policy', 'bucket policies')] : []),
      ];
      return `Not everything is protected: ${parts.join(' and ')} ${open + loose === 1 ? 'needs' : 'need'} attention.`;
    }
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
