import { existsSync } from 'node:fs';
import { openAppendFile } from '../shared/backfill/append-file.ts';
import { forEachAtOnce } from '../shared/backfill/each.ts';
import { listingSource } from '../shared/backfill/source.ts';
import { keptReasons } from '../shared/disposition/judge.ts';
import {
  type DispositionDeps,
  type DispositionLook,
  type ListedData,
  lookForDisposition,
} from '../shared/disposition/look.ts';
import {
  type DisposableVersion,
  dispositionPlanText,
  finishDispositionPlan,
} from '../shared/disposition/plan.ts';
import { dispositionActions } from '../shared/disposition/records.ts';
import { openScopes } from '../shared/matters/matching.ts';
import { failure, HoldfastError } from '../shared/platform/errors.ts';
import { formatInstant } from '../shared/platform/instant.ts';
import { urlOf } from '../shared/report/run.ts';
import { findTargets } from '../shared/report/targets.ts';
import { asUnreadableBucket } from '../shared/report/unreadable-bucket.ts';
import { bytes as inBytes, plural } from '../shared/report/words.ts';
import { hashRules } from '../shared/rules/hash-rules.ts';
import type { ObjectPrefix } from '../shared/rules/types.ts';
import type { ObjectStore, VersionId } from '../shared/storage/port.ts';
import { refuseTemporaryCaller } from './caller.ts';
import { dispositionFiles, hashOfFile, writeNew } from './disposition-files.ts';
import { type DispositionOptions, openDispositionWorld } from './disposition-world.ts';
import { color, prose, type Report, table } from './output.ts';
import { readTargets } from './report-options.ts';

export interface DispositionPlanOptions extends DispositionOptions {
  readonly out: string;
}

const usage = (reason: string) => failure('USAGE', { reason, command: 'holdfast disposition' });

/**
 * Finds the versions that may go, and writes them down with why. The plan is noted in the evidence before its file is there.
 * @throws USAGE, EVIDENCE_UNSET, MATTER_MALFORMED, AUDIT_UNWRITTEN, REPORT_UNWRITABLE, and what reading throws
 */
export async function planDisposition(
  urls: readonly string[],
  options: DispositionPlanOptions,
): Promise<Report> {
  const { out, concurrency } = options;
  const files = dispositionFiles(out);
  if (existsSync(files.plan)) throw usage(`--out: there is a plan in ${out} already; name another folder`);
  const named = readTargets(urls, { cloud: options.cloud }, usage);
  const world = await openDispositionWorld(options);
  refuseTemporaryCaller(world);
  const { rules, clock, region } = world;
  const scopes = openScopes(world.matters);
  const scope = await findTargets(world, named);
  const now = clock.now();
  const deps = { ...world, scopes };
  const targets = scope.targets.filter(({ policy }) => policy === undefined);
  const byPolicy = scope.targets.filter(({ policy }) => policy !== undefined);
  const { kept, whole, failed, ...sums } = await lookThrough(deps, targets, now, {
    concurrency,
    file: files.versions,
  });
  const plan = finishDispositionPlan({
    version: 1,
    madeAt: formatInstant(now),
    cloud: rules.cloud,
    region,
    rulesHash: hashRules(rules),
    targets: targets.map((target) => urlOf(rules.cloud, target)),
    whole: [...whole],
    ...sums,
    kept,
    list: await hashOfFile(files.versions),
  });
  const { hash, versions, bytes } = plan;
  await world.evidence.keep([{ action: dispositionActions.planned, plan: hash, versions, bytes }]);
  await writeNew(out, files.plan, dispositionPlanText(plan));
  const troubles = [...scope.troubles, ...failed].map(({ bucket, error }) =>
    asUnreadableBucket(bucket, error),
  );
  return {
    text: [
      color.bold(`${plural(versions, 'version')} may go, ${inBytes(bytes)}`),
      table(
        ['stays', 'because'],
        Object.entries(keptReasons).flatMap(([reason, words]) =>
          kept[reason] === undefined ? [] : [[String(kept[reason]), words]],
        ),
      ),
      ...byPolicy.map((target) =>
        prose(
          `left out: ${urlOf(rules.cloud, target)}: a bucket rule is for it, and its WORM policy keeps it`,
        ),
      ),
      ...troubles.map(({ bucket, code, message }) => prose(`${color.red(code)} ${bucket}: ${message}`)),
      `plan ${hash}`,
      prose(
        `kept in ${out}, with a line and the reason for each version in ${files.versions}. Nothing was deleted. ` +
          `Somebody else looks at it and runs: holdfast disposition approve ${out} --reason "…"`,
      ),
    ].join('\n'),
    json: { folder: out, ...plan, troubles },
    exitCode: troubles.length > 0 ? 1 : 0,
  };
}

interface LookedThrough {
  readonly versions: number;
  readonly bytes: number;
  readonly kept: Record<string, number>;
  /** Addresses of targets where every version may go. */
  readonly whole: readonly string[];
  /** Buckets that could not be read to their end. */
  readonly failed: readonly { readonly bucket: string; readonly error: HoldfastError }[];
}

async function lookThrough(
  deps: DispositionDeps & { readonly storage: ObjectStore },
  targets: readonly ObjectPrefix[],
  now: Date,
  { concurrency, file }: { readonly concurrency: number; readonly file: string },
): Promise<LookedThrough> {
  const kept: Record<string, number> = {};
  const sums = { versions: 0, bytes: 0 };
  const whole: string[] = [];
  const failed: { bucket: string; error: HoldfastError }[] = [];
  const effort = { concurrency, signal: new AbortController().signal };
  const list = await openAppendFile(file, 0);
  const add = async (looks: readonly Looked[]): Promise<number> => {
    const found = looks.flatMap(disposableOf);
    await list.append(found.map((version) => `${JSON.stringify(version)}\n`).join(''));
    sums.versions += found.length;
    sums.bytes += found.reduce((sum, { size }) => sum + size, 0);
    for (const { look } of looks) {
      if (!look.verdict.disposable) kept[look.verdict.because] = (kept[look.verdict.because] ?? 0) + 1;
    }
    return looks.length - found.length;
  };
  try {
    for (const target of targets) {
      const before = sums.versions;
      let staying = 0;
      try {
        for await (const { versions } of listingSource(deps.storage, target.bucket, target.prefix).shards()) {
          const looks = await forEachAtOnce(effort, versions.flatMap(listedData), async (version) => ({
            version,
            look: await lookForDisposition(deps, version, now),
          }));
          staying += await add(looks);
        }
      } catch (error) {
        // One bucket that refuses costs no look at the others.
        if (!(error instanceof HoldfastError)) throw error;
        failed.push({ bucket: target.bucket, error });
        continue;
      }
      if (staying === 0 && sums.versions > before) whole.push(urlOf(deps.rules.cloud, target));
    }
  } finally {
    await list.close();
  }
  return { ...sums, kept, whole, failed };
}

interface Looked {
  readonly version: Found;
  readonly look: DispositionLook;
}

type Found = ListedData & { readonly size: number };

/** Delete markers carry no data, and need no plan. */
function listedData(version: {
  readonly bucket: string;
  readonly key: string;
  readonly versionId?: VersionId | undefined;
  readonly lastModified?: Date | undefined;
  readonly type?: ListedData['type'] | undefined;
  readonly size?: number | undefined;
}): Found[] {
  const { bucket, key, versionId, lastModified, type, size = 0 } = version;
  if (versionId === undefined || lastModified === undefined || type === undefined || type === 'delete-marker')
    return [];
  return [{ bucket, key, versionId, lastModified, type, size }];
}

function disposableOf({ version, look }: Looked): DisposableVersion[] {
  const { verdict, tags } = look;
  if (!verdict.disposable) return [];
  const { bucket, key, versionId, size, lastModified } = version;
  const { rule, until, retainedUntil, why } = verdict;
  return [
    {
      ...{ bucket, key, versionId, size, lastModified, rule, until },
      ...(retainedUntil !== undefined && { retainedUntil }),
      ...(tags !== undefined && { tags: Object.fromEntries(tags) }),
      why,
    },
  ];
}
