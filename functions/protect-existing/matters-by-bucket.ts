import { takesHolds } from '../../shared/holds/takes-holds.ts';
import type { OpenScope } from '../../shared/matters/matching.ts';
import { placesReach } from '../../shared/matters/places.ts';
import { inOneLine } from '../../shared/platform/error-text.ts';
import { HoldfastError } from '../../shared/platform/errors.ts';
import { errorFields } from '../../shared/platform/log.ts';
import type { Invocation } from '../invocation.ts';
import { mattersToRenew } from '../open-matters.ts';

type MattersOfBucket = (bucket: string) => Promise<readonly OpenScope[]>;

/**
 * Makes the function that finds the open matters whose versions of a bucket retention keeps. The matters are read once, and each bucket that one of
 * them reaches is asked once whether it takes legal holds: where it does there are none. Where nobody can tell, that is an error in
 * the log, and stops no repair by the rules.
 */
export function createMattersByBucket(invocation: Invocation): MattersOfBucket {
  let reading: Promise<readonly OpenScope[]> | undefined;
  const known = new Map<string, Promise<readonly OpenScope[]>>();
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
  reading: Promise<readonly OpenScope[]>,
): Promise<readonly OpenScope[]> {
  const open = (await reading).filter(({ scope }) => placesReach(scope.places, bucket));
  if (open.length === 0) return open;
  try {
    return (await takesHolds(storage, bucket, refuseToGuess)) ? [] : open;
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error;
    const matters = open.map(({ id }) => id);
    const record = { bucket, action: 'failed', matters, ...errorFields(error) };
    log.error(
      record,
      `not known whether retention has to keep versions of open matters: ${inOneLine(error)}`,
    );
    return [];
  }
}

/** Lets no missing permission pass for a bucket that takes holds: its versions would be renewed no more, in silence. */
function refuseToGuess(error: unknown): never {
  throw error;
}
