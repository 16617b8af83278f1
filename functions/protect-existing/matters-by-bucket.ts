import type { WorkDeps } from '../../shared/fan-out/work.ts';
import { mattersRenewedIn } from '../../shared/holds/renewed.ts';
import { openScopes } from '../../shared/matters/matching.ts';
import { placesReach } from '../../shared/matters/places.ts';
import { inOneLine } from '../../shared/platform/error-text.ts';
import { HoldfastError } from '../../shared/platform/errors.ts';
import { errorFields } from '../../shared/platform/log.ts';
import type { Invocation } from '../invocation.ts';
import { type KnownMatters, mattersToRenew } from '../open-matters.ts';

type MattersOfBucket = WorkDeps['openMatters'];

/**
 * Makes the function that finds the open matters whose versions of a bucket retention keeps. The matters are read once, and each bucket that
 * one of them reaches is asked at most once whether it takes legal holds. Where nobody can tell, that is an error in the log, and stops
 * no repair by the rules.
 */
export function createMattersByBucket(invocation: Invocation): MattersOfBucket {
  let reading: Promise<KnownMatters> | undefined;
  const known = new Map<string, ReturnType<MattersOfBucket>>();
  return (bucket) => {
    reading ??= mattersToRenew(invocation);
    const found = known.get(bucket) ?? mattersIn(invocation, bucket, reading);
    known.set(bucket, found);
    return found;
  };
}

async function mattersIn(
  { storage, log }: Invocation,
  bucket: string,
  reading: Promise<KnownMatters>,
): ReturnType<MattersOfBucket> {
  const { matters, unknown } = await reading;
  try {
    return { open: await mattersRenewedIn(storage, matters, bucket), unknown };
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error;
    const reaching = openScopes(matters).filter(({ scope }) => placesReach(scope.places, bucket));
    const ids = reaching.map(({ id }) => id);
    const record = { bucket, action: 'failed', matters: ids, ...errorFields(error) };
    log.error(
      record,
      `not known whether retention has to keep versions of open matters: ${inOneLine(error)}`,
    );
    return { open: [], unknown: error };
  }
}
