import type { Progress } from '../../shared/backfill/checkpoint.ts';
import type { Manifest } from '../../shared/backfill/inventory/manifest.ts';
import { keepRepair, whyNoRepair } from '../../shared/backfill/repairs.ts';
import { objectRulesOfBucket } from '../../shared/rules/match.ts';
import type { Rules } from '../../shared/rules/types.ts';
import type { Cloud } from '../options/cloud-options.ts';
import { describeError, note } from '../terminal/output.ts';
import type { ApprovedRun } from './approval.ts';
import type { Target } from './options.ts';

/** This is what a repair was made from. */
export interface RepairSource {
  /** The inventory's manifest, or `listing`. */
  readonly source: string;
  readonly sourceAt: Date | undefined;
  /** Why going through it is no repair of the bucket; undefined when it is one. */
  readonly unrecorded: string | undefined;
}

/**
 * Notes that every version of a bucket was looked at, where the timer and `doctor` look for it. What was not looked at is
 * not noted, and standard error says why; also when it cannot be noted: the work is done all the same.
 */
export async function recordRepair(
  { storage, clock }: Pick<Cloud, 'storage' | 'clock'>,
  rules: Rules,
  { bucket, prefix }: Target,
  { source, sourceAt, unrecorded }: RepairSource,
  { tally: { versions, changed, failed, gone } }: Pick<Progress, 'tally'>,
): Promise<void> {
  if (prefix !== '') return;
  const reason =
    objectRulesOfBucket(rules, bucket).length === 0 ? 'no object rule matches the bucket' : unrecorded;
  if (reason !== undefined) {
    process.stderr.write(`no repair of ${bucket} is recorded: ${reason}\n`);
    return;
  }
  if (rules.deadLetters === undefined) return;
  const completedAt = clock.now();
  const times = { ...(sourceAt !== undefined && { sourceAt }), completedAt };
  const repair = { bucket, source, ...times, versions, changed, failed, gone };
  try {
    await keepRepair(storage, rules.deadLetters, repair);
  } catch (error) {
    note(`this repair of ${bucket} is not on record: ${describeError(error).message}`);
  }
}

/** Tells what the record of the repair says of the source. */
export function repairSource(
  url: string | undefined,
  manifest: Manifest | undefined,
  { startedAt }: Progress,
  now: Date,
  approved: ApprovedRun['approved'],
): RepairSource {
  if (url === undefined || manifest === undefined) {
    const cut = approved && new Date(approved.subject.before); // what was uploaded later was left out
    return { source: 'listing', sourceAt: cut ?? startedAt, unrecorded: undefined };
  }
  const unrecorded = approved ? 'what was uploaded after the approved plan was left out' : undefined;
  return { source: url, sourceAt: manifest.takenAt, unrecorded: whyNoRepair(manifest, now) ?? unrecorded };
}

/** Returns the source of a run, which is no repair of its bucket where it is not known what open matters hold. */
export const withMattersKnown = (source: RepairSource, unknown: readonly unknown[]): RepairSource =>
  unknown.length === 0 ? source : { ...source, unrecorded: 'what open matters hold is not known' };
