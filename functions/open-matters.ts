import { readMatters } from '../shared/matters/read.ts';
import { type Matters, unknownOf } from '../shared/matters/state.ts';
import { inOneLine } from '../shared/platform/error-text.ts';
import { HoldfastError } from '../shared/platform/errors.ts';
import { errorFields } from '../shared/platform/log.ts';
import type { Invocation } from './invocation.ts';

/** Loads the code that reads records, when there is one. */
export const loadMatterParser = async () => (await import('./rules-loader.ts')).parseMatterRecord;

/** This is what is known of the matters. */
export interface KnownMatters {
  readonly matters: Matters;
  /** Why some are not known, which may hold anything; undefined when all are. */
  readonly unknown: HoldfastError | undefined;
}

/**
 * Reads the matters, for repairs, which keep by retention the versions of open ones where a bucket takes no legal hold. What cannot be read
 * is an error in the log, and stops no repair by the rules.
 */
export async function mattersToRenew({ storage, rules, log }: Invocation): Promise<KnownMatters> {
  const { audit: folder } = rules;
  if (folder === undefined) return { matters: noMatters, unknown: undefined };
  try {
    // Passes say which buckets take no holds, which is known of a service without any.
    const withoutPasses = storage.holds === undefined ? true : undefined;
    const matters = await readMatters({ storage, folder, load: loadMatterParser, withoutPasses });
    const unknown = unknownOf(matters);
    for (const error of unknown) log.error({ action: 'failed', ...errorFields(error) }, inOneLine(error));
    return { matters, unknown: unknown[0] };
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error;
    log.error({ action: 'failed', ...errorFields(error) }, 'the open matters are not known');
    return { matters: noMatters, unknown: error };
  }
}

const noMatters: Matters = { all: [], unreadable: [] };
