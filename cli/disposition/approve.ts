import { forEachAtOnce } from '../../shared/backfill/each.ts';
import { keptReasons } from '../../shared/disposition/judge.ts';
import { deleteLine, deleteScriptEnd, deleteScriptHead } from '../../shared/disposition/lists.ts';
import { lookForDisposition } from '../../shared/disposition/look.ts';
import type { DisposableVersion, DispositionPlan } from '../../shared/disposition/plan.ts';
import {
  type DispositionStep,
  dispositionActions,
  findDispositionRecords,
} from '../../shared/disposition/records.ts';
import { openScopes } from '../../shared/matters/matching.ts';
import { type CloudName, formatAddress } from '../../shared/platform/address.ts';
import { cloudWords } from '../../shared/platform/cloud-words.ts';
import { failure } from '../../shared/platform/errors.ts';
import { formatInstant } from '../../shared/platform/instant.ts';
import { bytes as inBytes, plural } from '../../shared/report/words.ts';
import { addDuration, parseDuration } from '../../shared/rules/duration.ts';
import { hashRules } from '../../shared/rules/hash-rules.ts';
import { versionId } from '../../shared/storage/port.ts';
import { usage } from '../options/usage.ts';
import { confirmUndoable, here } from '../terminal/confirm.ts';
import { note, prose, type Report } from '../terminal/output.ts';
import { refuseTemporaryCaller } from '../world/caller.ts';
import { dispositionLines } from './about.ts';
import {
  batchesOfVersions,
  dispositionFiles,
  openWhole,
  readDispositionPlan,
  type WholeFile,
  writeWhole,
} from './files.ts';
import { isInFolder, lifecyclesOf, stillWhole, wholeFolders } from './whole-folders.ts';
import {
  type DispositionOptions,
  type DispositionRun,
  type DispositionWorld,
  openDispositionWorld,
  refuseElsewhere,
} from './world.ts';

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
  run: DispositionRun,
): Promise<Report> {
  if (options.reason.trim() === '') throw usage('--reason: expected why, in words');
  const lasts = parseDuration(options.for);
  if ('problem' in lasts) throw usage(`--for: ${lasts.problem}`);
  const plan = await readDispositionPlan(folder);
  if (plan.versions === 0) throw usage('no version may go by this plan: there is nothing to approve');
  refuseElsewhere(plan, options, folder);
  const world = await openDispositionWorld(options);
  refuseTemporaryCaller(world);
  const planned = await refuseOwn(plan, world);
  const until = addDuration(world.clock.now(), lasts);
  const files = dispositionFiles(folder);
  const script = await openWhole(files.script, 0o700);
  const { hash, versions, bytes } = plan;
  try {
    const { lifecycles, byRule } = await lookAgain(folder, plan, world, { until, options, run, script });
    run.line.end();
    const what = `approve that ${plural(versions, 'version')} go (${inBytes(bytes)})`;
    const about = dispositionLines(plan, { planned, byRule }, world.rules);
    run.asking();
    if (options.yes !== true) {
      if (here.input.isTTY === true) note(`${about}\nplan ${hash}`);
      await confirmUndoable('approve', `${what}, until ${formatInstant(until)}`);
    }
    const approval = {
      ...{ plan: hash, until: formatInstant(until), reason: options.reason, versions, bytes },
      script: await script.written(),
    };
    await world.evidence.keep([{ action: dispositionActions.approved, ...approval }]);
    await script.place();
    for (const [bucket, xml] of lifecycles) await writeWhole(folder, files.lifecycle(bucket), xml);
    const written = [files.script, ...[...lifecycles.keys()].map(files.lifecycle)];
    const approved = { ...approval, approvedBy: world.caller().caller, files: written };
    const report = approvedReport(folder, plan.cloud, approved);
    return options.yes === true ? { ...report, text: `${about}\n${report.text}` } : report;
  } finally {
    await script.drop();
  }
}

interface Approved {
  readonly plan: string;
  readonly until: string;
  readonly reason: string;
  readonly versions: number;
  readonly bytes: number;
  readonly script: string;
  readonly approvedBy: string;
  readonly files: readonly string[];
}

function approvedReport(folder: string, cloud: CloudName, approved: Approved): Report {
  const { versions, bytes, until, plan: hash, files: written } = approved;
  return {
    text: [
      `approved: ${plural(versions, 'version')}, ${inBytes(bytes)}, until ${until}`,
      `plan ${hash}`,
      prose(
        `Holdfast deletes nothing. Whoever may delete does it with ${written.join(' or ')}, ` +
          `and then: holdfast disposition certify ${folder}${cloudWords[cloud].option}`,
      ),
    ].join('\n'),
    json: { folder, ...approved },
  };
}

/** @returns who has made the plan @throws DISPOSITION_UNPLANNED, APPROVAL_OWN */
async function refuseOwn(
  plan: DispositionPlan,
  { storage, place, clock, caller }: DispositionWorld,
): Promise<readonly DispositionStep[]> {
  const { hash } = plan;
  const madeAt = new Date(plan.madeAt);
  const { planned } = await findDispositionRecords(storage, place, { hash, madeAt }, clock.now());
  if (planned.length === 0) throw failure('DISPOSITION_UNPLANNED', { plan: hash });
  const own = caller().caller;
  if (planned.some((step) => step.caller === own))
    throw failure('APPROVAL_OWN', { caller: own, what: `plan ${hash} was made with it` });
  return planned;
}

interface LookedAgain {
  readonly lifecycles: ReadonlyMap<string, string>;
  readonly byRule: ReadonlyMap<string, number>;
}

interface LookingAgain {
  /** The end of the approval. */
  readonly until: Date;
  readonly options: DispositionApproveOptions;
  readonly run: DispositionRun;
  /** The script that deletes. */
  readonly script: WholeFile;
}

/**
 * Looks at every version as it is now, and writes the script that deletes what may go.
 * @returns the lifecycle configurations that would do it too, by bucket, and how many versions may go by each rule
 * @throws DISPOSITION_STALE, FILE_UNWRITABLE, and the signal's reason
 */
async function lookAgain(
  folder: string,
  plan: DispositionPlan,
  world: DispositionWorld,
  { until, options, run, script }: LookingAgain,
): Promise<LookedAgain> {
  const { rules, clock } = world;
  const stale = (reason: string) => failure('DISPOSITION_STALE', { folder, reason });
  if (plan.rulesHash !== hashRules(rules)) throw stale('the rules are others');
  const deps = { ...world, scopes: openScopes(world.matters) };
  const effort = { concurrency: options.concurrency, signal: run.signal };
  const folders = wholeFolders(plan);
  let newest = new Date(0);
  let looked = 0;
  const byRule = new Map<string, number>();
  await script.add(deleteScriptHead(plan.hash, until));
  for await (const batch of batchesOfVersions(folder, plan)) {
    const now = clock.now();
    await forEachAtOnce(effort, batch, async (version) => {
      const listed = { ...version, versionId: versionId(version.versionId), type: 'Normal' };
      const { verdict } = await lookForDisposition(deps, listed, now);
      if (verdict.disposable) return;
      throw stale(`${addressOf(plan, version)}: ${keptReasons[verdict.because]}`);
    });
    await script.add(batch.map((version) => deleteLine(plan.cloud, version)).join(''));
    for (const version of batch) {
      if (version.lastModified > newest) newest = version.lastModified;
      byRule.set(version.rule, (byRule.get(version.rule) ?? 0) + 1);
      for (const each of folders) if (isInFolder(each, version)) each.planned += 1;
    }
    looked += batch.length;
    run.line.show({ versions: looked, words: 'looked at again', done: looked / plan.versions });
  }
  await script.add(deleteScriptEnd);
  const lifecycles = lifecyclesOf(plan, await stillWhole(folders, world.storage), newest);
  return { lifecycles, byRule };
}

const addressOf = ({ cloud }: DispositionPlan, { bucket, key, versionId: id }: DisposableVersion): string =>
  formatAddress(cloud, { bucket, key, versionId: versionId(id) });
