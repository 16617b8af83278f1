import type { OpenScope } from '../matters/matching.ts';
import { placesReach } from '../matters/places.ts';
import { isPassKind, type Matters, openPartOf } from '../matters/state.ts';
import type { MatterOpened } from '../matters/types.ts';
import type { ObjectStore } from '../storage/port.ts';
import { takesHolds } from './takes-holds.ts';

/**
 * Returns the open matters whose versions of a bucket retention keeps. Once a pass has found that the bucket takes no legal hold, or not
 * of all versions, it is so while a matter is open that was open then: what the bucket answers later puts no hold on those versions.
 * Where no pass has found that, the bucket is asked.
 * @param matters with the records of passes, unless the service has no legal holds
 * @param takes is asked where no pass has found anything
 * @throws as {@link takesHolds}
 */
export async function mattersRenewedIn(
  storage: Pick<ObjectStore, 'holds' | 'listVersions' | 'getObjectWorm'>,
  matters: Matters,
  bucket: string,
  takes = (asked: string) => takesHolds(storage, asked),
): Promise<readonly OpenScope[]> {
  const open = matters.all
    .flatMap(openPartOf)
    .map(({ opened }) => opened)
    .filter(({ scope }) => placesReach(scope.places, bucket));
  if (open.length === 0) return [];
  const isRenewed = isKnownWithoutHolds(matters, open, bucket) || !(await takes(bucket));
  return isRenewed ? open.map(({ id, scope }) => ({ id, scope })) : [];
}

/** Tells whether a pass has found that a bucket takes no holds. A record of a pass that cannot be read may say so. */
function isKnownWithoutHolds(
  { all, unreadable }: Matters,
  open: readonly MatterOpened[],
  bucket: string,
): boolean {
  const since = Math.min(...open.map(({ at }) => at.getTime()));
  return (
    unreadable.some(({ name }) => isPassKind(name.kind) && open.some(({ id }) => id === name.id)) ||
    all.some(({ passes }) =>
      passes.some(
        ({ at, withoutHolds, partlyHeld }) =>
          at.getTime() >= since && [withoutHolds, partlyHeld].some((buckets) => buckets?.includes(bucket)),
      ),
    )
  );
}
