import { approvalRecord } from '../../shared/approvals/fields.ts';
import { hashSubjects } from '../../shared/approvals/subject.ts';
import type { Checkpoint, Progress } from '../../shared/backfill/checkpoint.ts';
import { inventorySource } from '../../shared/backfill/inventory/source.ts';
import type { ShardDeps } from '../../shared/backfill/shard.ts';
import { hasCode } from '../../shared/platform/errors.ts';
import { quantity } from '../../shared/platform/quantity.ts';
import { hashRules } from '../../shared/rules/hash-rules.ts';
import type { Rules } from '../../shared/rules/types.ts';
import type { Cloud } from '../options/cloud-options.ts';
import { note } from '../terminal/output.ts';
import type { Evidence } from '../world/evidence.ts';
import { type ApprovedRun, approvedRun, type RunToApprove, unapproved } from './approval.ts';
import type { LeftOfApproved } from './approved-count.ts';
import { confirmCounted, countChanges, needsConfirmation, wasConfirmed } from './confirm.ts';
import type { Places, ProtectOptions, Target } from './options.ts';

type Run = Progress['run'];

/** Opens the inventory that the options name, if they do. @throws INVENTORY_INVALID, and what reading throws */
export const inventoryOf = async ({ storage, clock }: Cloud, target: Target, options: ProtectOptions) =>
  options.inventory === undefined
    ? undefined
    : await inventorySource(storage, {
        ...target,
        url: options.inventory,
        keysEncoded: options.decodeKeys,
        clock,
      });

type RunToConfirm = Pick<ApprovedRun, 'source' | 'counted'> & { readonly url: string; readonly run: Run };

/** Counts what a run would write, unless that was done, and lets a person type the word for it. @throws NOT_CONFIRMED, and what counting throws */
export async function confirmRun(
  { url, source, run, counted }: RunToConfirm,
  counting: ShardDeps,
  checkpoint: Checkpoint,
  options: ProtectOptions,
): Promise<void> {
  if (!needsConfirmation(options) || wasConfirmed((await checkpoint.load(run)) !== undefined)) return;
  await confirmCounted(url, counted ?? (await countChanges(counting, source)));
}

/** Notes in the evidence who has approved a run, before it writes anything, and what of it is not written any more. @throws AUDIT_UNWRITTEN */
export async function keepApproved(
  evidence: Evidence,
  url: string,
  approved: ApprovedRun['approved'],
): Promise<void> {
  if (approved === undefined) return;
  const { subject, approval, left } = approved;
  const { versions } = subject;
  if (left !== undefined) note(leftInWords(versions, left));
  await evidence.keep([
    { action: 'protect-run', target: url, versions, ...approvalRecord(approval), ...(left && { left }) },
  ]);
}

/** Says what of an approved run is not written. */
function leftInWords(approved: number, { kept, unread, gone }: LeftOfApproved): string {
  const why = [
    ...(gone === 0 ? [] : [`${gone} gone`]),
    ...(kept === 0 ? [] : [`${kept} kept as long by something else, or by no rule any more`]),
    ...(unread === 0 ? [] : [`${unread} could not be looked at`]),
  ];
  return `of ${quantity(approved, 'version')} that ${approved === 1 ? 'was' : 'were'} approved, ${approved - kept - unread - gone} are written: ${why.join(', ')}`;
}

/** Tells whether a run has begun to write, and goes on there. What goes over all versions again is counted again. */
const isGoneOnWith = ({ position, shard, mattersUnknown }: Progress, mattersKnown: boolean): boolean =>
  (position !== undefined || shard !== undefined) && !(mattersUnknown && mattersKnown);

/**
 * Lets a run begin where somebody has approved it, or nobody has to; a dry run needs no approval. The approval is a part of what must be
 * the same for a run to be gone on with.
 * @throws what {@link approvedRun} throws
 */
export async function approvedFirst(
  toApprove: RunToApprove,
  run: Run,
  checkpoint: Checkpoint,
  { dryRun, mattersKnown }: Pick<ProtectOptions, 'dryRun'> & { readonly mattersKnown: boolean },
): Promise<ApprovedRun & { readonly run: Run }> {
  if (dryRun === true) return { ...unapproved, source: toApprove.source, counted: undefined, run };
  const isResumed = async (approval: string) => {
    const kept = await checkpoint.load({ ...run, approval }).catch((error: unknown) => {
      if (!hasCode(error, 'CHECKPOINT_MISMATCH')) throw error; // the run itself will say so
      return undefined;
    });
    return kept !== undefined && isGoneOnWith(kept, mattersKnown);
  };
  const begun = await approvedRun(toApprove, isResumed);
  const { approved } = begun;
  return { ...begun, run: approved ? { ...run, approval: hashSubjects([approved.subject]) } : run };
}

/** Returns what of the command says which versions it takes. */
export const wordsOf = (url: string, { inventory, decodeKeys }: ProtectOptions): string =>
  [
    url,
    ...(inventory === undefined ? [] : ['--inventory', inventory]),
    ...(decodeKeys ? [] : ['--no-decode-keys']),
  ].join(' ');

/** Tells what must be the same for a run to be gone on with. */
export function runFingerprint({ url }: Target, rules: Rules, options: ProtectOptions, { report }: Places) {
  return {
    target: url,
    source: options.inventory ?? 'listing',
    rules: hashRules(rules),
    'dry run': String(options.dryRun === true),
    'decoded keys': String(options.decodeKeys),
    endpoint: options.endpoint ?? `of ${options.region}`,
    report: report.lines,
  } satisfies Progress['run'];
}
