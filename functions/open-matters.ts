import { createOpenMattersOfRules, type ReadOpenMatters } from '../shared/matters/read-open.ts';
import { inOneLine } from '../shared/platform/error-text.ts';
import { errorFields } from '../shared/platform/log.ts';
import type { Invocation } from './invocation.ts';

/** Loads the code that reads records, when there is one. */
export const loadMatterParser = async () => (await import('./rules-loader.ts')).parseMatterRecord;

/**
 * Makes the function that reads the matters, for repairs, which keep by retention the versions of open ones that no legal hold
 * keeps. What cannot be read is an error in the log, once, and stops no repair by the rules.
 */
export const createMattersToRenew = ({ log, ...invocation }: Invocation): ReadOpenMatters =>
  createOpenMattersOfRules({ ...invocation, load: loadMatterParser }, (error, what) => {
    const words = what === 'all' ? 'the open matters are not known' : inOneLine(error);
    log.error({ action: 'failed', ...errorFields(error) }, words);
  });
