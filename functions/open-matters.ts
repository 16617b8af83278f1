import { type OpenScope, openScopes } from '../shared/matters/matching.ts';
import { readMatters } from '../shared/matters/read.ts';
import { inOneLine } from '../shared/platform/error-text.ts';
import { HoldfastError } from '../shared/platform/errors.ts';
import { errorFields } from '../shared/platform/log.ts';
import type { Invocation } from './invocation.ts';

/** Loads the code that reads records, when there is one. */
export const loadMatterParser = async () => (await import('./rules-loader.ts')).parseMatterRecord;

/**
 * Returns the open matters, whose versions repairs keep by retention where a bucket takes no legal hold. What cannot be read is an error
 * in the log, and stops no repair by the rules.
 */
export async function mattersToRenew({ storage, rules, log }: Invocation): Promise<readonly OpenScope[]> {
  const { audit: folder } = rules;
  if (folder === undefined) return [];
  try {
    const matters = await readMatters({ storage, folder, load: loadMatterParser, withoutPasses: true });
    const unknown = matters.unreadable.filter(({ mayHold }) => mayHold);
    for (const { error } of unknown) log.error({ action: 'failed', ...errorFields(error) }, inOneLine(error));
    return openScopes(matters);
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error;
    log.error({ action: 'failed', ...errorFields(error) }, 'the open matters are not known');
    return [];
  }
}
