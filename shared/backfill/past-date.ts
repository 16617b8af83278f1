import type { ObjectOutcome } from '../objects/outcome.ts';
import { judge, type ObjectDeps } from '../objects/settle.ts';
import type { ObservedVersion } from '../objects/types.ts';
import { formatAddress } from '../platform/address.ts';
import type { Clock } from '../platform/clock.ts';
import { failure } from '../platform/errors.ts';
import { formatInstant } from '../platform/instant.ts';

/** A run whose dates were decided at an earlier instant: they were approved as they were then. */
export interface DecidedEarlier extends Pick<ObjectDeps, 'rules' | 'clock'> {
  readonly storage: Pick<ObjectDeps['storage'], 'cloud'>;
  readonly decideAt?: Date | undefined;
}

/** Returns a clock that always says the same instant, and sleeps as another one does. */
export const stoppedClock = (at: Date, clock: Clock): Clock => ({
  now: () => at,
  sleep: (ms) => clock.sleep(ms),
});

/**
 * Settles a version whose date was decided earlier and is past by now: no service takes such a date. It needs nothing more where the
 * rules say so. Where they give a later date by now, that one was not approved: APPROVAL_EXCEEDED is a part of the outcome.
 * @param outcome as it was decided
 * @returns undefined when the version is to be written
 */
export function settleIfPast(
  { storage, rules, clock, decideAt }: DecidedEarlier,
  version: ObservedVersion,
  { decision }: ObjectOutcome,
): ObjectOutcome | undefined {
  if (decideAt === undefined || decision.action !== 'protect') return undefined;
  const now = clock.now();
  if (decision.until > now) return undefined;
  const anew = judge(rules, version, now);
  if (anew.decision.action !== 'protect') return anew;
  const error = failure('APPROVAL_EXCEEDED', {
    target: formatAddress(storage.cloud, version),
    until: formatInstant(anew.decision.until),
    most: 'it',
    latest: ` until ${formatInstant(decision.until)} at the latest`,
  });
  return { ...anew, errors: [error, ...anew.errors] };
}
