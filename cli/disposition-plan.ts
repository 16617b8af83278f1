import { existsSync } from 'node:fs';
import { openAppendFile } from '../shared/backfill/append-file.ts';
import { forEachAtOnce } from '../shared/backfill/each.ts';
import { inventorySource } from '../shared/backfill/inventory/source.ts';
import { type KnownVersion, listingSource, type Source } from '../shared/backfill/source.ts';
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
import { type ObjectStore, versionId as toVersionId, type VersionAt } from '../shared/storage/port.ts';
import { refuseTemporaryCaller } from './caller.ts';
import { dispositionFiles, hashOfFile, writeNew } from './disposition-files.ts';
import { type DispositionOptions, type DispositionRun, openDispositionWorld } from './disposition-world.ts';
import { color, prose, type Report, table } from './output.ts';
import { readTargets } from './report-options.ts';

export interface DispositionPlanOptions extends DispositionOptions {
  readonly out: string;
  readonly inventory?: string;
  /** False with --no-decode-keys. */
  readonly decodeKeys: boolean;
}

const usage = (reason: string) => failure('USAGE', { reason, command: 'holdfast disposition' });

/**
 * Finds the versions that may go, and writes them down with why. The plan is noted in the evidence before its file is there.
 * @throws USAGE, EVIDENCE_UNSET, MATTER_MALFORMED, AUDIT_UNWRITTEN, REPORT_UNWRITABLE, and what reading throws
 */
export async function planDisposition(
  urls: readonly string[],
  options: DispositionPlanOptions,
  run: DispositionRun,
): Promise<Report> {
  const { out } = options;
  const files = dispositionFiles(out);
  if (existsSync(files.plan)) throw usage(`--out: there is a plan in ${out} already; name another folder`);
  const named = readTargets(urls, options, usage);
  const world = await openDispositionWorld(options);
  refuseTemporaryCaller(world);
  const { rules, clock, region } = world;
  const scopes = openScopes(world.matters);
  const scope = await findTargets(world, named);
  const now = clock.now();
  const deps = { ...world, scopes };
  const targets = scope.targets.filter(({ policy }) => policy === undefined);
  const byPolicy = scope.targets.filter(({ policy }) => policy !== undefined);
  const { kept, whole, failed, ...sums } = await lookThrough(deps, targets, {
    ...{ options, run, now },
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
      ...staying(kept),
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

/** Returns the table of what stays, and because of what; nothing where all may go. */
function staying(kept: Readonly<Record<string, number>>): string[] {
  const rows = Object.entries(keptReasons).flatMap(([reason, words]) =>
    kept[reason] === undefined ? [] : [[String(kept[reason]), words]],
  );
  return rows.length === 0 ? [] : [table(['stays', 'because'], rows)];
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

interface Looking {
  readonly options: DispositionPlanOptions;
  readonly run: DispositionRun;
  readonly now: Date;
  /** The list of what may go. */
  readonly file: string;
}

async function lookThrough(
  deps: DispositionDeps & { readonly storage: ObjectStore },
  targets: readonly ObjectPrefix[],
  { options, run, now, file }: Looking,
): Promise<LookedThrough> {
  const kept: Record<string, number> = {};
  const sums = { versions: 0, bytes: 0 };
  let looked = 0;
  const whole: string[] = [];
  const failed: { bucket: string; error: HoldfastError }[] = [];
  const effort = { concurrency: options.concurrency, signal: run.signal };
  const list = await openAppendFile(file, 0);
  const add = async (looks: readonly Looked[], done: number | undefined): Promise<number> => {
    const found = looks.flatMap(disposableOf);
    await list.append(found.map((version) => `${JSON.stringify(version)}\n`).join(''));
    sums.versions += found.length;
    sums.bytes += found.reduce((sum, { size }) => sum + size, 0);
    for (const { look } of looks) {
      if (!look.verdict.disposable) kept[look.verdict.because] = (kept[look.verdict.because] ?? 0) + 1;
    }
    looked += looks.length;
    run.line.show({ versions: looked, words: `${sums.versions} may go`, done });
    return looks.length - found.length;
  };
  try {
    for (const target of targets) {
      const before = sums.versions;
      let staying = 0;
      try {
        for await (const { versions, done } of (await sourceOf(deps, target, options)).shards()) {
          run.signal.throwIfAborted();
          const data = versions.filter(({ type }) => type !== 'delete-marker'); // they carry no data
          staying += await add(await forEachAtOnce(effort, data, (known) => lookAt(deps, known, now)), done);
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

async function sourceOf(
  { storage }: { readonly storage: ObjectStore },
  { bucket, prefix }: ObjectPrefix,
  { inventory: url, decodeKeys: keysEncoded }: DispositionPlanOptions,
): Promise<Source> {
  if (url === undefined) return listingSource(storage, bucket, prefix);
  return await inventorySource(storage, { url, bucket, prefix, keysEncoded });
}

interface Looked {
  readonly at: VersionAt;
  readonly look: DispositionLook;
}

/**
 * Looks at a version as a source names it. What an inventory does not say counts as what keeps nothing, so that HEAD is asked; where its key
 * can be read in two ways, HEAD says which is right.
 */
async function lookAt(deps: DispositionDeps, known: KnownVersion, now: Date): Promise<Looked> {
  const { bucket, versionId = nullVersion, lastModified = new Date(0), type = 'Normal', otherKey } = known;
  const listedAs = (key: string): ListedData => ({ bucket, key, versionId, lastModified, type });
  const first = listedAs(known.key);
  if (otherKey === undefined) return { at: first, look: await lookForDisposition(deps, first, now) };
  const seen = await deps.storage.headObject(first);
  if (seen !== 'absent') return { at: first, look: await lookForDisposition(deps, first, now, seen) };
  const second = listedAs(otherKey);
  return { at: second, look: await lookForDisposition(deps, second, now) };
}

/** A version without an id in the inventory is one that another object may replace. */
const nullVersion = toVersionId('null');

function disposableOf({ at, look }: Looked): DisposableVersion[] {
  const { verdict, tags, head } = look;
  if (!verdict.disposable || head === undefined) return [];
  const { bucket, key, versionId } = at;
  const { size, lastModified } = head;
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
