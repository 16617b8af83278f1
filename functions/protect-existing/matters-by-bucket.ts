import type { WorkDeps } from '../../shared/fan-out/work.ts';
import { mattersRenewedIn } from '../../shared/holds/renewed.ts';
import { createTakesHolds } from '../../shared/holds/takes-holds.ts';
import { openScopes } from '../../shared/matters/matching.ts';
import { placesReach } from '../../shared/matters/places.ts';
import { inOneLine } from '../../shared/platform/error-text.ts';
import { HoldfastError } from '../../shared/platform/errors.ts';
import { errorFields } from '../../shared/platform/log.ts';
import type { Invocation } from '../invocation.ts';
import { createMattersToRenew } from '../open-matters.ts';

type MattersOfBucket = WorkDeps['openMatters'];

/**
 * Makes the function that finds the open matters whose versions of a bucket retention keeps, as they are now. Each bucket that one of them
 * reaches is asked at most once whether it takes legal holds. Where nobody can tell, that is an error in the log, once, and stops
 * no repair by the rules.
 */
export function createMattersByBucket(invocation: Invocation): MattersOfBucket {
  const { storage, log } = invocation;
  const read = createMattersToRenew(invocation);
  const takes = createTakesHolds(storage);
  const told = new Set<string>();
  return async (bucket) => {
    const { matters, unknown } = await read();
    try {
      return { open: await mattersRenewedIn(storage, matters, bucket, takes), unknown };
    } catch (error) {
      if (!(error instanceof HoldfastError)) throw error;
      const reaching = openScopes(matters).filter(({ scope }) => placesReach(scope.places, bucket));
      const ids = reaching.map(({ id }) => id);
      const record = { bucket, action: 'failed', matters: ids, ...errorFields(error) };
      const words = `not known whether retention has to keep versions of open matters: ${inOneLine(error)}`;
      if (!told.has(words)) log.error(record, words);
      told.add(words);
      return { open: [], unknown: error };
    }
  };
}
