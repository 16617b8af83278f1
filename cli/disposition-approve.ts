import { sha256 } from '../shared/audit/name.ts';
import { forEachAtOnce } from '../shared/backfill/each.ts';
import { listingSource } from '../shared/backfill/source.ts';
import { keptReasons } from '../shared/disposition/judge.ts';
import { deleteLine, deleteScriptEnd, deleteScriptHead, lifecycleXml } from '../shared/disposition/lists.ts';
import { lookForDisposition } from '../shared/disposition/look.ts';
import type { DisposableVersion, DispositionPlan } from '../shared/disposition/plan.ts';
import { dispositionActions, findDispositionRecords } from '../shared/disposition/records.ts';
import { openScopes } from '../shared/matters/matching.ts';
import { formatAddress } from '../shared/platform/address.ts';
import { failure } from '../shared/platform/errors.ts';
import { formatInstant } from '../shared/platform/instant.ts';
import { bytes as inBytes, plural } from '../shared/report/words.ts';
import { addDuration, parseDuration } from '../shared/rules/duration.ts';
import { hashRules } from '../shared/rules/hash-rules.ts';
import type { ObjectPrefix } from '../shared/rules/types.ts';
import { versionId } from '../shared/storage/port.ts';
import { refuseTemporaryCaller } from './caller.ts';
import { confirmUndoable } from './confirm.ts';
import { batchesOfVersions, dispositionFiles, readDispositionPlan, writeWhole } from './disposition-files.ts';
import {
  type DispositionOptions,
  type DispositionWorld,
  openDispositionWorld,
  refuseElsewhere,
} from './disposition-world.ts';
import { prose, type Report } from './output.ts';
import { readTarget } from './protect-options.ts';

export interface DispositionApproveOptions extends DispositionOptions {
  readonly reason: string;
  readonly for: string;
  readonly yes?: boolean;
}

/**
 * Approves a plan of disposition: by another identity than its own, after every version was looked at once more. Then the lists are
 * written with which somebody deletes.
 * @throws USAGE, CALLER_TEMPORARY, DISPOSITION_PLAN_INVALID, DISPOSITION_UNPLANNED, APPROVAL_OWN, DISPOSITION_STALE, NOT_CONFIRMED,
 *   AUDIT_UNWRITTEN, FILE_UNWRITABLE, and what reading throws
 */
export async function approveDisposition(
  folder: string,
  options: DispositionApproveOptions,
): Promise<Report> {
  const usage = (reason: string) => failure('USAGE', { reason, command: 'holdfast disposition' });
  if (options.reason.trim() === '') throw usage('--reason: expected why, in words');
  const lasts = parseDuration(options.for);
  if ('problem' in lasts) throw usage(`--for: ${lasts.problem}`);
  const plan = await readDispositionPlan(folder);
  if (plan.versions === 0) throw usage('no version may go by this plan: there is nothing to approve');
  const world = await openDispositionWorld(options);
  refuseTemporaryCaller(world);
  await refuseOwn(plan, world);
  const until = addDuration(world.clock.now(), lasts);
  const lists = await lookAgain(folder, plan, world, { until, concurrency: options.concurrency });
  const { hash, versions, bytes } = plan;
  const what = `approve that ${plural(versions, 'version')} go (${inBytes(bytes)})`;
  if (options.yes !== true) await confirmUndoable('approve', what);
  const approval = {
    ...{ plan: hash, until: formatInstant(until), reason: options.reason, versions, bytes },
    script: sha256(lists.script),
  };
  await world.evidence.keep([{ action: dispositionActions.approved, ...approval }]);
  const files = dispositionFiles(folder);
  await writeWhole(folder, files.script, lists.script, 0o700);
  for (const [bucket, xml] of lists.lifecycles) await writeWhole(folder, files.lifecycle(bucket), xml);
  const written = [files.script, ...[...lists.lifecycles.keys()].map(files.lifecycle)];
  return {
    text: [
      `approved: ${plural(versions, 'version')}, ${inBytes(bytes)}, until ${formatInstant(until)}`,
      `plan ${hash}`,
      prose(
        `Holdfast deletes nothing. Whoever may delete does it with ${written.join(' or ')}, ` +
          `and then: holdfast disposition certify ${folder}`,
      ),
    ].join('\n'),
    json: { folder, ...approval, approvedBy: world.caller().caller, files: written },
  };
}

/** @throws DISPOSITION_UNPLANNED, APPROVAL_OWN */
async function refuseOwn(
  plan: DispositionPlan,
  { storage, place, clock, caller }: DispositionWorld,
): Promise<void> {
  const { hash } = plan;
  const madeAt = new Date(plan.madeAt);
  const { planned } = await findDispositionRecords(storage, place, { hash, madeAt }, clock.now());
  if (planned.length === 0) throw failure('DISPOSITION_UNPLANNED', { plan: hash });
  const own = caller().caller;
  if (planned.some((step) => step.caller === own))
    throw failure('APPROVAL_OWN', { caller: own, what: `plan ${hash} was made with it` });
}

interface Lists {
  readonly script: string;
  /** By bucket. */
  readonly lifecycles: ReadonlyMap<string, string>;
}

/** Looks at every version as it is now, and makes the lists of what may go. @throws DISPOSITION_STALE */
async function lookAgain(
  folder: string,
  plan: DispositionPlan,
  world: DispositionWorld,
  { until, concurrency }: { readonly until: Date; readonly concurrency: number },
): Promise<Lists> {
  const { rules, clock } = world;
  const stale = (reason: string) => failure('DISPOSITION_STALE', { folder, reason });
  refuseElsewhere(plan, world, folder);
  if (plan.rulesHash !== hashRules(rules)) throw stale('the rules are others');
  const deps = { ...world, scopes: openScopes(world.matters) };
  const effort = { concurrency, signal: new AbortController().signal };
  const lines: string[] = [deleteScriptHead(plan.hash, until)];
  const folders = wholeFolders(plan);
  let newest = new Date(0);
  for await (const batch of batchesOfVersions(folder, plan)) {
    const now = clock.now();
    await forEachAtOnce(effort, batch, async (version) => {
      const listed = { ...version, versionId: versionId(version.versionId), type: 'Normal' };
      const { verdict } = await lookForDisposition(deps, listed, now);
      if (verdict.disposable) return;
      throw stale(`${addressOf(plan, version)}: ${keptReasons[verdict.because]}`);
    });
    for (const version of batch) {
      lines.push(deleteLine(plan.cloud, version));
      if (version.lastModified > newest) newest = version.lastModified;
      for (const each of folders) if (isIn(each, version)) each.planned += 1;
    }
  }
  const whole = await stillWhole(folders, world.storage);
  return { script: [...lines, deleteScriptEnd].join(''), lifecycles: lifecyclesOf(plan, whole, newest) };
}

const addressOf = ({ cloud }: DispositionPlan, { bucket, key, versionId: id }: DisposableVersion): string =>
  formatAddress(cloud, { bucket, key, versionId: versionId(id) });

/** A folder where every version may go by the plan, with how many of the plan are in it. */
type WholeFolder = ObjectPrefix & { planned: number };

/** Only OSS has a lifecycle of this form. */
const wholeFolders = ({ cloud, whole }: DispositionPlan): WholeFolder[] =>
  (cloud === 'oss' ? whole : []).map((url) => ({ ...readTarget(cloud, url), planned: 0 }));

const isIn = (folder: ObjectPrefix, { bucket, key }: DisposableVersion): boolean =>
  folder.bucket === bucket && key.startsWith(folder.prefix);

/**
 * Leaves out the folders where a version has come since: a lifecycle rule knows no versions, and would remove it too. All of the
 * plan are there still, so that the numbers are equal only where the versions are.
 */
async function stillWhole(
  folders: readonly WholeFolder[],
  storage: DispositionWorld['storage'],
): Promise<readonly ObjectPrefix[]> {
  const whole: ObjectPrefix[] = [];
  for (const folder of folders) {
    let there = 0;
    for await (const { versions } of listingSource(storage, folder.bucket, folder.prefix).shards())
      there += versions.filter(({ type }) => type !== 'delete-marker').length;
    if (there === folder.planned) whole.push(folder);
  }
  return whole;
}

function lifecyclesOf(
  { hash }: DispositionPlan,
  whole: readonly ObjectPrefix[],
  newest: Date,
): ReadonlyMap<string, string> {
  const folders = new Map<string, ObjectPrefix[]>();
  for (const folder of whole) folders.set(folder.bucket, [...(folders.get(folder.bucket) ?? []), folder]);
  return new Map([...folders].map(([bucket, list]) => [bucket, lifecycleXml(list, newest, hash)]));
}
