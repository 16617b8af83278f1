import { createCurrentMatters } from '../shared/matters/current.ts';
import type { MattersReading } from '../shared/matters/gaps.ts';
import { type OpenScope, openScopes } from '../shared/matters/matching.ts';
import { unknownOf } from '../shared/matters/state.ts';
import { inOneLine } from '../shared/platform/error-text.ts';
import { HoldfastError } from '../shared/platform/errors.ts';
import { errorFields } from '../shared/platform/log.ts';
import type { Invocation } from './invocation.ts';

/** Loads the code that reads records, when there is one. */
export const loadMatterParser = async () => (await import('./rules-loader.ts')).parseMatterRecord;

/**
 * Makes the function that reads the matters, for repairs, which keep by retention the versions of open ones that no legal hold
 * keeps. What was read is used for as long as events do. What cannot be read is an error in the log, once, and stops no repair by the
 * rules; what was known before counts then.
 */
export function createMattersToRenew({
  storage,
  rules,
  log,
  clock,
}: Invocation): () => Promise<MattersReading> {
  const { audit: folder } = rules;
  const { current } = createCurrentMatters(clock);
  const told = new Set<string>();
  let open: readonly OpenScope[] = [];
  const tell = (error: HoldfastError, words = inOneLine(error)) => {
    if (!told.has(error.message)) log.error({ action: 'failed', ...errorFields(error) }, words);
    told.add(error.message);
  };
  return async () => {
    if (folder === undefined) return { open, unknown: [] };
    try {
      const matters = await current({ storage, folder, load: loadMatterParser, withoutPasses: true });
      open = openScopes(matters);
      const unknown = unknownOf(matters);
      for (const error of unknown) tell(error);
      return { open, unknown };
    } catch (error) {
      if (!(error instanceof HoldfastError)) throw error;
      tell(error, 'the open matters are not known');
      return { open, unknown: [error] };
    }
  };
}
