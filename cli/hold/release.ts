import { approvalRecord } from '../../shared/approvals/fields.ts';
import { releaseNeedsApproval } from '../../shared/approvals/needed.ts';
import type { Approval, ApprovalSubject } from '../../shared/approvals/types.ts';
import { keepMatterRecord } from '../../shared/audit/matter-record.ts';
import type { MatterScopes } from '../../shared/holds/deps.ts';
import { liftWork } from '../../shared/holds/lift-work.ts';
import { openScopes } from '../../shared/matters/matching.ts';
import { keptBy } from '../../shared/matters/state.ts';
import { cloudWords } from '../../shared/platform/cloud-words.ts';
import { holdsOf } from '../../shared/storage/holds.ts';
import { note, type Report, remark } from '../terminal/output.ts';
import { requireApprovals } from '../world/approvals.ts';
import { evidenceOf } from '../world/evidence.ts';
import { confirmHolds } from './confirm.ts';
import { checkMatterNamed, type HoldReleaseOptions } from './options.ts';
import { runHoldPass } from './pass.ts';
import { holdReport } from './text.ts';
import {
  actOfRelease,
  findReleased,
  findToRelease,
  refuseUnknownHolds,
  type ToRelease,
} from './to-release.ts';
import { type HoldWorld, openHoldWorld } from './world.ts';

/**
 * Releases a matter, and takes its holds off where no other open matter has the version. A release that was stopped is gone on
 * with. One that is released is gone over again, from the first version on, with `again`: a hold may have been put on since.
 * @throws USAGE, EVIDENCE_UNSET, MATTER_UNKNOWN, MATTER_RELEASED, MATTER_OPEN, MATTER_MALFORMED, what {@link requireApprovals} throws, NOT_CONFIRMED,
 * AUDIT_UNWRITTEN, and what reading and writing throw
 */
export async function releaseMatter(
  id: string,
  options: HoldReleaseOptions,
  connect = openHoldWorld,
): Promise<Report> {
  checkMatterNamed(id, options.reason);
  const dryRun = options.dryRun === true;
  const world = await connect(options);
  const { storage, rules } = world;
  const matters = await world.readMatters();
  const again = options.again === true;
  const found = again ? findReleased(matters, id) : findToRelease(matters, id);
  const { matter, unreadable, ends } = found;
  refuseUnknownHolds(matters, id);
  const scopes = (matter?.openings ?? []).map(({ opened }) => opened.scope);
  const asked = await beginRelease(world, id, found, options, scopes);
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
      storage.holds === undefined
        ? 'retention'
        : matter === undefined
          ? 'unrecorded'
          : keptBy(matter, bucket),
  } as const;
  const result = await runHoldPass(world, options, {
    ...{ id, kind: 'lifted', scopes, follows, anew: false, again: again ? options.reason.trim() : undefined },
    work: (deps) => liftWork(deps, holdsOf(storage), released, openNow),
  });
  return holdReport(
    rules.cloud,
    {
      id,
      kind: 'lifted',
      ...(dryRun && asked && { approval: asked, reason: options.reason.trim() }),
    },
    result,
    options,
  );
}

/**
 * Lets a person type the word, where somebody else has approved it if the rules ask for that, and writes the record. A release that was
 * stopped needs nothing of that.
 * @returns what has to be approved
 * @throws NOT_CONFIRMED, AUDIT_UNWRITTEN, and what {@link requireApprovals} throws
 */
async function beginRelease(
  world: HoldWorld,
  id: string,
  found: ToRelease,
  options: HoldReleaseOptions,
  scopes: MatterScopes,
): Promise<ApprovalSubject | undefined> {
  const { ends } = found;
  const again = options.again === true;
  const before = await approvalOfRelease(world, id, found, options);
  if (ends.length === 0 && !again) {
    remark(`matter ${id} was released, and its holds are not all off: going on`);
    return before.asked;
  }
  const what = again ? `go over matter ${id} again, which held` : `release matter ${id}, which holds`;
  await confirmHolds('release', what, world, options, scopes);
  // An approval may have ended, or been taken back, during the question.
  const { approval } = options.yes === true ? before : await approvalOfRelease(world, id, found, options);
  const reason = options.reason.trim();
  if (options.dryRun !== true) await recordRelease(world, { id, ends, reason }, approval);
  return before.asked;
}

/**
 * Tells what has to be approved before the records are released, and who has approved it; a dry run needs no approval.
 * @throws what {@link requireApprovals} throws
 */
async function approvalOfRelease(
  world: HoldWorld,
  id: string,
  found: ToRelease,
  { again = false, dryRun = false }: HoldReleaseOptions,
) {
  const asked = releaseNeedsApproval(world.rules) ? actOfRelease(id, found, again) : undefined;
  const words = `${again ? '--again ' : ''}--reason "…"${cloudWords[world.rules.cloud].option} --dry-run --json`;
  const make = `holdfast hold release ${id} ${words} > plan.json`;
  const approved = await requireApprovals(world, asked === undefined || dryRun ? [] : [asked], make);
  const [approval] = approved.values();
  return { asked, approval };
}

/** This is what the record of a release says. */
interface Releasing {
  readonly id: string;
  /** None when the matter is released, and gone over again. */
  readonly ends: readonly string[];
  readonly reason: string;
}

/** Writes the record, and notes in the evidence who has approved it, or why a released matter is gone over again. @throws AUDIT_UNWRITTEN, and what writing throws */
async function recordRelease(
  world: HoldWorld,
  { id, ends, reason }: Releasing,
  approval: Approval | undefined,
): Promise<void> {
  const { storage, rules, clock, caller } = world;
  const again = ends.length === 0;
  let record: string | undefined;
  if (!again) {
    const released = { kind: 'released', id, follows: ends, at: clock.now(), by: caller(), reason } as const;
    const kept = await keepMatterRecord({ storage, rules, clock }, released);
    for (const error of kept.errors)
      note(`the record is not under retention: ${error.code}: ${error.message}`);
    record = kept.file;
  }
  if (approval === undefined && !again) return;
  const about = { action: 'released', matter: id, ...(again ? { again, reason } : { record }) };
  await evidenceOf('holdfast hold', world).keep([{ ...about, ...(approval && approvalRecord(approval)) }]);
}
