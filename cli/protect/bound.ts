import type { Checkpoint, Progress } from '../../shared/backfill/checkpoint.ts';
import type { RulesOfRun } from '../../shared/matters/rules-of-run.ts';
import { failure } from '../../shared/platform/errors.ts';
import { second } from '../../shared/platform/instant.ts';
import type { Rules } from '../../shared/rules/types.ts';
import type { ObjectStore } from '../../shared/storage/port.ts';
import type { Cloud } from '../options/cloud-options.ts';
import type { ApprovedRun } from './approval.ts';
import { type ApprovedList, mostListed } from './approved-list.ts';
import { keepList, keptList, plannedList } from './approved-list-file.ts';
import { boundOf, withinBound } from './approved-writes.ts';

/**
 * Returns what tells the rules of a run as they change. One that was approved goes by the matters that were open at its plan, as far as they
 * are still. The plan has whole seconds, and a matter of that second counts as known then: the approved versions bound the run in any case.
 */
export const rulesFor = (changing: RulesOfRun, plannedAt: Date | undefined) =>
  plannedAt === undefined ? changing.now : () => changing.now(new Date(plannedAt.getTime() + second));

/** The act that was approved and its versions. */
type Approved = Pick<NonNullable<ApprovedRun['approved']>, 'subject' | 'list'>;

interface Bounded {
  readonly approved: Approved | undefined;
  readonly checkpoint: Checkpoint;
  readonly run: Progress['run'];
}

/** Returns the storage with the bound of a run, less what it wrote before it was stopped. */
export async function boundedStorage(
  { storage, clock }: Pick<Cloud, 'storage' | 'clock'>,
  rules: Rules,
  { approved, checkpoint, run }: Bounded,
): Promise<ObjectStore> {
  const kept = await checkpoint.load(run);
  const written = kept && kept.changedBefore + kept.tally.changed;
  const bound = boundOf(rules, approved?.subject, clock.now(), written);
  return withinBound(storage, { ...bound, list: await listOfRun(checkpoint.file, approved) });
}

/**
 * Returns the versions that were approved: those that were counted now, or else before the run was stopped. Without them a run that goes on
 * would write what nobody has approved; only too many to be remembered are bounded by their number alone.
 * @throws CHECKPOINT_UNUSABLE
 */
async function listOfRun(
  checkpoint: string,
  approved: Approved | undefined,
): Promise<ApprovedList | undefined> {
  if (approved === undefined) return undefined;
  const { subject, list } = approved;
  if (list !== undefined) {
    await keepList(checkpoint, subject, list);
    return list;
  }
  const kept = (await keptList(checkpoint, subject)) ?? (await plannedList(subject));
  if (kept !== undefined || subject.versions > mostListed) return kept;
  const reason = 'the list of the approved versions is not beside it';
  throw failure('CHECKPOINT_UNUSABLE', { file: checkpoint, reason });
}
