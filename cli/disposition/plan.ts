import { existsSync } from 'node:fs';
import { version as holdfast } from '../../package.json';
import { keptReasons } from '../../shared/disposition/judge.ts';
import {
  type DispositionPlan,
  dispositionPlanText,
  finishDispositionPlan,
} from '../../shared/disposition/plan.ts';
import { differencesOfTargets, type PlanState, planStateFormat } from '../../shared/disposition/progress.ts';
import { dispositionActions } from '../../shared/disposition/records.ts';
import { openScopes } from '../../shared/matters/matching.ts';
import { cloudWords } from '../../shared/platform/cloud-words.ts';
import { failure } from '../../shared/platform/errors.ts';
import { formatInstant } from '../../shared/platform/instant.ts';
import { quantity } from '../../shared/platform/quantity.ts';
import { urlOf } from '../../shared/report/run.ts';
import { findTargets } from '../../shared/report/targets.ts';
import { asUnreadableBucket, type UnreadableBucket } from '../../shared/report/unreadable-bucket.ts';
import { bytes as inBytes, plural } from '../../shared/report/words.ts';
import { hashRules } from '../../shared/rules/hash-rules.ts';
import type { ObjectPrefix } from '../../shared/rules/types.ts';
import { usage } from '../options/usage.ts';
import { readTargets } from '../report/options.ts';
import { color, prose, type Report, remark, table } from '../terminal/output.ts';
import { refuseTemporaryCaller } from '../world/caller.ts';
import { dispositionFiles, writeNew } from './files.ts';
import { type LookThroughOptions, lookThrough } from './look-through.ts';
import { openPart, openStep, placePart } from './progress.ts';
import {
  type DispositionOptions,
  type DispositionRun,
  type DispositionWorld,
  openDispositionWorld,
} from './world.ts';

export interface DispositionPlanOptions extends DispositionOptions, LookThroughOptions {
  readonly out: string;
  readonly restart?: boolean;
}

/**
 * Finds the versions that may go, and writes them down with why, or goes on where it was stopped. The plan is noted in the evidence
 * before its file is there.
 * @throws USAGE, EVIDENCE_UNSET, MATTER_MALFORMED, AUDIT_UNWRITTEN, FILE_UNWRITABLE, CHECKPOINT_MISMATCH, CHECKPOINT_UNUSABLE,
 *   CHECKPOINT_IN_USE, and what reading throws
 */
export async function planDisposition(
  urls: readonly string[],
  options: DispositionPlanOptions,
  run: DispositionRun,
): Promise<Report> {
  const { out } = options;
  const files = dispositionFiles(out);
  const refuseTaken = () => {
    if (existsSync(files.plan)) throw usage(`--out: there is a plan in ${out} already; name another folder`);
  };
  refuseTaken();
  const named = readTargets(urls, options);
  const world = await openDispositionWorld(options);
  refuseTemporaryCaller(world);
  const { rules, clock, region } = world;
  const scopes = openScopes(world.matters);
  const scope = await findTargets(world, named);
  const targets = scope.targets.filter(({ policy }) => policy === undefined);
  const addresses = targets.map((target) => urlOf(rules.cloud, target));
  const byPolicy = scope.targets.filter(({ policy }) => policy !== undefined);
  const about = aboutPlan(named, world, options);
  const step = await openStep(out, 'plan', planStateFormat, about, options.restart === true);
  try {
    refuseTaken();
    const { checkpoint, kept } = step;
    const differences = kept === undefined ? [] : differencesOfTargets(kept.targets, addresses);
    if (differences.length > 0)
      throw failure('CHECKPOINT_MISMATCH', { file: checkpoint.file, differences: differences.join(', ') });
    if (kept !== undefined) remark(`going on after ${quantity(kept.looked, 'version')}`);
    const list = await openPart(files.versions, checkpoint.file, kept?.list);
    const start = kept ?? {
      ...nothingPlanned,
      ...{ run: about, at: clock.now(), targets: addresses, list: await list.mark() },
    };
    const looking = { options, run, list, state: start, save: checkpoint.save };
    await checkpoint.save(start);
    const found = await lookThrough({ ...world, scopes }, targets, looking).finally(list.close);
    const plan = finishDispositionPlan({
      version: 1,
      madeAt: formatInstant(found.at),
      cloud: rules.cloud,
      region,
      rulesHash: hashRules(rules),
      targets: found.targets,
      whole: found.whole,
      versions: found.versions,
      bytes: found.bytes,
      kept: found.kept,
      list: found.list.sha256,
    });
    const { hash, versions, bytes } = plan;
    await world.evidence.keep([{ action: dispositionActions.planned, plan: hash, versions, bytes }]);
    await placePart(files.versions);
    // It comes last: a folder without it has no plan.
    await writeNew(out, files.plan, dispositionPlanText(plan));
    await checkpoint.remove();
    const troubles = [
      ...scope.troubles.map(({ bucket, error }) => asUnreadableBucket(bucket, error)),
      ...found.failed,
    ];
    return planReport(out, plan, { byPolicy, troubles, list: files.versions });
  } finally {
    await step.release();
  }
}

/** Tells what must be the same for a plan to be gone on with: whoever makes it is one person, and no matter was opened or released since. */
function aboutPlan(
  named: readonly ObjectPrefix[] | undefined,
  { rules, matters, caller }: DispositionWorld,
  options: DispositionPlanOptions,
): PlanState['run'] {
  const ids = [...new Set(openScopes(matters).map(({ id }) => id))];
  return {
    targets:
      named === undefined
        ? 'every bucket of the rules'
        : named.map((target) => urlOf(rules.cloud, target)).join(', '),
    source: options.inventory ?? 'listing',
    'decoded keys': String(options.decodeKeys),
    rules: hashRules(rules),
    'open matters': ids.length === 0 ? 'none' : ids.sort().join(', '),
    'access key': caller().caller,
    endpoint: options.endpoint ?? `of ${options.region}`,
    'version of Holdfast': holdfast,
  };
}

const nothingPlanned = {
  ...{ version: 1 as const, done: [], whole: [], failed: [], kept: {} },
  ...{ versions: 0, bytes: 0, looked: 0 },
};

function planReport(
  out: string,
  plan: DispositionPlan,
  {
    byPolicy,
    troubles,
    list,
  }: {
    readonly byPolicy: readonly ObjectPrefix[];
    readonly troubles: readonly UnreadableBucket[];
    readonly list: string;
  },
): Report {
  const { hash, versions, bytes, kept, cloud } = plan;
  const approve = `holdfast disposition approve ${out}${cloudWords[cloud].option} --reason "…"`;
  const next = versions === 0 ? '' : ` Somebody else looks at it and runs: ${approve}`;
  return {
    text: [
      color.bold(`${plural(versions, 'version')} may go, ${inBytes(bytes)}`),
      ...staying(kept),
      ...byPolicy.map((target) =>
        prose(`left out: ${urlOf(cloud, target)}: a bucket rule is for it, and its WORM policy keeps it`),
      ),
      ...troubles.map(({ bucket, code, message }) => prose(`${color.red(code)} ${bucket}: ${message}`)),
      `plan ${hash}`,
      prose(
        `kept in ${out}, with a line and the reason for each version in ${list}. Nothing was deleted.${next}`,
      ),
    ].join('\n'),
    json: { folder: out, ...plan, troubles },
    exitCode: troubles.length > 0 ? 1 : 0,
  };
}

/** Returns the table of what stays, and because of what; nothing where all may go. */
function staying(kept: Readonly<Record<string, number>>): string[] {
  const rows = Object.entries(keptReasons).flatMap(([reason, words]) =>
    kept[reason] === undefined ? [] : [[String(kept[reason]), words]],
  );
  return rows.length === 0 ? [] : [table(['stays', 'because'], rows)];
}
