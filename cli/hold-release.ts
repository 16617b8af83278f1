import { approvalRecord } from '../shared/approvals/fields.ts';
import { releaseNeedsApproval } from '../shared/approvals/needed.ts';
import { releaseSubject } from '../shared/approvals/release.ts';
import type { Approval } from '../shared/approvals/types.ts';
import { keepMatterRecord } from '../shared/audit/matter-record.ts';
import { liftWork } from '../shared/holds/pass.ts';
import { openScopes } from '../shared/matters/matching.ts';
import { recordFile } from '../shared/matters/name.ts';
import {
  findMatter,
  isCarriedOut,
  keptBy,
  type Matter,
  type Matters,
  openPartOf,
} from '../shared/matters/state.ts';
import { failure } from '../shared/platform/errors.ts';
import { formatInstant } from '../shared/platform/instant.ts';
import { holdsOf } from '../shared/storage/holds.ts';
import { requireApprovals } from './approvals.ts';
import { evidenceOf } from './evidence.ts';
import { confirmHolds } from './hold-confirm.ts';
import { checkMatterNamed, type HoldPassOptions } from './hold-options.ts';
import { runHoldPass } from './hold-pass.ts';
import { holdReport } from './hold-text.ts';
import { type HoldWorld, openHoldWorld } from './hold-world.ts';
import { note, type Report, remark } from './output.ts';

/**
 * Releases a matter, and takes its holds off where no other open matter has the version. A release that was stopped is gone on
 * with.
 * @throws USAGE, EVIDENCE_UNSET, MATTER_UNKNOWN, MATTER_RELEASED, MATTER_MALFORMED, what {@link requireApprovals} throws, NOT_CONFIRMED,
 * AUDIT_UNWRITTEN, and what reading and writing throw
 */
export async function releaseMatter(
  id: string,
  options: HoldPassOptions,
  connect = openHoldWorld,
): Promise<Report> {
  checkMatterNamed(id, options.reason);
  const dryRun = options.dryRun === true;
  const world = await connect(options);
  const { storage, rules } = world;
  const matters = await world.readMatters();
  const { matter, unreadable, ends } = toRelease(matters, id);
  refuseUnknownHolds(matters, id);
  const scopes = (matter?.openings ?? []).map(({ opened }) => opened.scope);

  const before = await approvalOfRelease(world, id, ends, dryRun);
  const { asked } = before;

  if (ends.length === 0) remark(`matter ${id} was released, and its holds are not all off: going on`);
  else {
    await confirmHolds('release', `release matter ${id}, which holds`, world, options, scopes);
    // An approval may have ended, or been taken back, during the question.
    const { approval } = options.yes === true ? before : await approvalOfRelease(world, id, ends, dryRun);
    if (!dryRun) await recordRelease(world, { id, ends, reason: options.reason.trim() }, approval);
  }
  if (unreadable > 0) {
    note(`what ${unreadable} record(s) of ${id} held cannot be read, so holds of theirs may be left`);
  }
  if (!dryRun) await world.settle();
  // In a dry run the matter is open still.
  const openNow = async () => {
    const now = await world.readMatters();
    refuseUnknownHolds(now, dryRun ? id : undefined);
    return openScopes(now).filter((each) => !dryRun || each.id !== id);
  };
  const follows = [...new Set([...(matter?.openings ?? []).map(({ file }) => file), ...ends])];
  const released = {
    ...{ id, scopes, isResumed: ends.length === 0 },
    keptBy: (bucket: string) =>
      storage.holds === undefined ? 'retention' : matter === undefined ? 'holds' : keptBy(matter, bucket),
  } as const;
  const result = await runHoldPass(world, options, {
    ...{ id, kind: 'lifted', scopes, follows, anew: false },
    work: (deps) => liftWork(deps, holdsOf(storage), released, openNow),
  });
  return holdReport(
    rules.cloud,
    { id, kind: 'lifted', ...(dryRun && asked && { approval: asked }) },
    result,
    options,
  );
}

/**
 * Tells what has to be approved before the records are released, and who has approved it; a dry run needs no approval.
 * @throws what {@link requireApprovals} throws
 */
async function approvalOfRelease(world: HoldWorld, id: string, ends: readonly string[], dryRun: boolean) {
  const isNeeded = ends.length > 0 && releaseNeedsApproval(world.rules);
  const asked = isNeeded ? releaseSubject(id, ends) : undefined;
  const make = `holdfast hold release ${id} --reason "…" --dry-run --json > plan.json`;
  const approved = await requireApprovals(world, asked === undefined || dryRun ? [] : [asked], make);
  const [approval] = approved.values();
  return { asked, approval };
}

/** This is what the record of a release says. */
interface Releasing {
  readonly id: string;
  readonly ends: readonly string[];
  readonly reason: string;
}

/** Writes the record, and notes in the evidence who has approved it. @throws AUDIT_UNWRITTEN, and what writing throws */
async function recordRelease(
  world: HoldWorld,
  { id, ends, reason }: Releasing,
  approval: Approval | undefined,
): Promise<void> {
  const { storage, rules, clock, caller } = world;
  const record = { kind: 'released', id, follows: ends, at: clock.now(), by: caller(), reason } as const;
  const kept = await keepMatterRecord({ storage, rules, clock }, record);
  for (const error of kept.errors) note(`the record is not under retention: ${error.code}: ${error.message}`);
  if (approval === undefined) return;
  const about = { action: 'released', matter: id, record: kept.file, ...approvalRecord(approval) };
  await evidenceOf('holdfast hold', world).keep([about]);
}

/**
 * Refuses to take holds off while a record that may hold cannot be read: nobody knows which versions it holds.
 * @param except the matter that is released
 * @throws MATTER_MALFORMED
 */
function refuseUnknownHolds({ unreadable }: Matters, except: string | undefined): void {
  const unknown = unreadable.find(({ name, mayHold }) => mayHold && name.id !== except);
  if (unknown !== undefined) throw unknown.error;
}

/** This is what a release has to end. */
interface ToRelease {
  readonly matter: Matter | undefined;
  /** Records of `opened` that cannot be read, and nobody has released. */
  readonly unreadable: number;
  /** Names of the records of `opened` that are to be released; empty when that was done before. */
  readonly ends: readonly string[];
}

/**
 * Returns the names of the records of `opened` that a release of a matter would end; none when that was done before.
 * @throws MATTER_UNKNOWN, MATTER_RELEASED
 */
export const recordsToRelease = (matters: Matters, id: string): readonly string[] =>
  toRelease(matters, id).ends;

/** @throws MATTER_UNKNOWN, MATTER_RELEASED */
function toRelease(matters: Matters, id: string): ToRelease {
  const matter = findMatter(matters, id);
  const broken = matters.unreadable.filter(({ name, mayHold }) => name.id === id && mayHold);
  if (matter === undefined && broken.length === 0) throw failure('MATTER_UNKNOWN', { matter: id });
  const open = matter === undefined ? [] : openPartOf(matter).map(({ file }) => file);
  const ends = [...open, ...broken.map(({ name }) => recordFile(name))];
  const isLifted = matter !== undefined && isCarriedOut(matter, matter.openings, 'lifted');
  const released = matter?.openings.at(-1)?.released;
  if (ends.length === 0 && isLifted && released !== undefined) {
    const { at, by } = released;
    throw failure('MATTER_RELEASED', { matter: id, time: formatInstant(at), who: by.caller });
  }
  return { matter, unreadable: broken.length, ends };
}
