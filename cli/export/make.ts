import { version as holdfast } from '../../package.json';
import { createPace } from '../../shared/backfill/pace/pace.ts';
import type { StateFile } from '../../shared/backfill/state-file.ts';
import { storageAsOf } from '../../shared/export/as-of.ts';
import type { ExportFacts } from '../../shared/export/cover.ts';
import { needsToKnow } from '../../shared/export/evidence.ts';
import { findingRow, unreadRow } from '../../shared/export/rows.ts';
import { type ExportScope, mayConcernVersions } from '../../shared/export/scope.ts';
import { type ExportState, noVersions } from '../../shared/export/state.ts';
import { type ExportTarget, keepTargets, targetsKept } from '../../shared/export/targets.ts';
import { type KnownRecords, readMatters } from '../../shared/matters/read.ts';
import { parseMatterRecord } from '../../shared/matters/record.ts';
import type { Matters } from '../../shared/matters/state.ts';
import { formatAddress } from '../../shared/platform/address.ts';
import { systemClock } from '../../shared/platform/clock.ts';
import { formatInstant } from '../../shared/platform/instant.ts';
import { keepHeapSmall } from '../../shared/platform/memory.ts';
import { findTargets } from '../../shared/report/targets.ts';
import { asUnreadableBucket } from '../../shared/report/unreadable-bucket.ts';
import { hashRules } from '../../shared/rules/hash-rules.ts';
import type { ObjectPrefix } from '../../shared/rules/types.ts';
import { readOnly } from '../../shared/storage/dry-run.ts';
import type { Report } from '../terminal/output.ts';
import { progressLine } from '../terminal/progress.ts';
import { connectRegions, regionsJson } from '../world/all-regions.ts';
import { exportApprovals } from './approvals.ts';
import { exportEvidence, mostShown } from './evidence.ts';
import { exportMatters, findMattersOfExport } from './matters.ts';
import { openFolder } from './open.ts';
import { type ExportPack, openPack } from './pack.ts';
import { finishExport } from './report.ts';
import { exportRules } from './rules.ts';
import { findSince } from './since.ts';
import { exportVersions } from './versions.ts';
import type { ExportOptions, ExportProgress, ExportRun } from './world.ts';

/**
 * Makes a pack, or goes on with one where it was stopped.
 * @param place the folder of the evidence
 * @throws CHECKPOINT_MISMATCH, CHECKPOINT_UNUSABLE, CHECKPOINT_IN_USE, FILE_UNWRITABLE, the signal's reason, and what connecting, listing
 *   and reading throw
 */
export async function makePack(
  options: ExportOptions,
  scope: ExportScope,
  place: ObjectPrefix,
  signal: AbortSignal,
): Promise<Report> {
  keepHeapSmall();
  const pace = createPace({
    clock: systemClock,
    concurrency: options.concurrency,
    qps: options.qps,
    readsFirst: true,
  });
  const cloud = await connectRegions(options, scope.rules, (each) => pace.around(each));
  const { clock, region, failsAlone } = cloud;
  const storage = readOnly(cloud.storage, () => undefined);
  // Records of matters that were read once are not read again.
  const known: KnownRecords = new Map();
  const source = { folder: place, load: () => Promise.resolve(parseMatterRecord), known };
  // The clock follows the service from its first reply on, so the time is looked at after this.
  await readMatters({ storage, ...source });
  const found = await findTargets({ storage, rules: rulesOf(scope), clock, region }, namedIn(scope));
  const folder = await openFolder({ ...options, run: aboutRun(options, scope) });
  const { checkpoint, kept } = folder;
  const lookedAt = clock.now();
  const now = kept?.at ?? lookedAt;
  const evidence = storageAsOf(storage, now);
  const { caller } = cloud.caller();
  const callers = [...new Set([...(kept?.callers ?? []), caller])];
  const line = progressLine(systemClock);
  let pack: ExportPack | undefined;
  try {
    pack = await openPack(options.out, { remembers: needsToKnow(scope, now), from: kept?.pack, signal });
    const begun = kept ?? {
      ...{ version: 2, run: folder.run, at: now, versions: noVersions },
      targets: keepTargets(storage.cloud, found.targets),
      troubles: found.troubles.map(({ bucket, error }) => asUnreadableBucket(bucket, error)),
    };
    const progress = await progressOf(checkpoint, pack, { ...begun, callers });
    const run = {
      ...{ options, scope, place, storage, evidence, failsAlone, now, lookedAt: later(now, lookedAt) },
      ...{ signal, pack, line, progress },
    };
    const since = kept === undefined ? [] : await findSince(run, kept, found);
    const matters = await readMatters({ storage: evidence, ...source });
    const targets = targetsKept(scope.rules, begun.targets, checkpoint.file);
    const facts = await exportAll(run, targets, matters);
    signal.throwIfAborted();
    return await finishExport(options.out, pack, {
      ...{ ...facts, since },
      ...{ finishedAt: later(now, clock.now()), callers, region },
      regions: cloud.regions && regionsJson(cloud.regions()),
    });
  } finally {
    line.end();
    await pack?.close();
    await folder.release();
  }
}

/** The clock follows the service, and may go back a little. */
const later = (one: Date, other: Date): Date => (one > other ? one : other);

/** Returns the rules of an export, without the others. */
function rulesOf({ rules, chosen }: ExportScope): ExportScope['rules'] {
  return {
    ...rules,
    objects: rules.objects.filter(({ name }) => chosen.has(name)),
    buckets: rules.buckets.filter(({ name }) => chosen.has(name)),
    defaults: rules.defaults.filter(({ name }) => chosen.has(name)),
  };
}

const namedIn = (scope: ExportScope): ObjectPrefix[] | undefined =>
  scope.buckets &&
  [...scope.buckets]
    .filter((bucket) => mayConcernVersions(scope, bucket))
    .map((bucket) => ({ bucket, prefix: '' }));

/** Tells what must be the same for an export to be gone on with. */
const aboutRun = (options: ExportOptions, { rules, chosen, buckets, from, until }: ExportScope) =>
  ({
    rules: hashRules(rules),
    'chosen rules': [...chosen].join(', '),
    buckets: buckets === undefined ? 'every bucket of the rules' : [...buckets].join(', '),
    from: from === undefined ? 'the first on' : formatInstant(from),
    until: until === undefined ? 'the export' : formatInstant(until),
    endpoint: options.endpoint ?? `of ${options.region}`,
    ...(options.allRegions === true && { regions: 'all' }),
    'version of Holdfast': holdfast,
  }) satisfies ExportState['run'];

/** Opens where progress is kept, and keeps the beginning. */
async function progressOf(
  checkpoint: StateFile<ExportState>,
  pack: ExportPack,
  start: Omit<ExportState, 'pack'>,
): Promise<ExportProgress> {
  let state: ExportState = { ...start, pack: await pack.mark() };
  await checkpoint.save(state);
  return {
    get state() {
      return state;
    },
    async keep(change) {
      state = { ...state, ...change, pack: await pack.mark() };
      await checkpoint.save(state);
    },
  };
}

/** Writes all parts of a pack but its cover. @returns what was found */
async function exportAll(
  run: ExportRun,
  targets: readonly ExportTarget[],
  matters: Matters,
): Promise<Omit<ExportFacts, 'since' | 'finishedAt' | 'callers' | 'region' | 'regions'>> {
  const { scope, place, now, pack } = run;
  const { rules, chosen } = scope;
  const versions = await exportVersions(run, targets, findMattersOfExport(matters));
  const { pass, since, ...evidence } = await exportEvidence(run, new Set(versions.matters));
  const unread = [...run.progress.state.troubles, ...versions.failed];
  for (const bucket of unread) await pack.row('unread', unreadRow(bucket));
  const held = await exportMatters(run, matters, pass.matters);
  // Evidence that was verified from the first day on has said already what is wrong with records of matters.
  const approved = await exportApprovals(run, pass);
  const more = [...(scope.from === undefined ? [] : held.findings), ...approved.findings];
  for (const finding of more) await pack.row('findings', findingRow(finding));
  const rulesWithoutText = await exportRules(run, pass.rules);
  return {
    ...{ madeAt: now, holdfast, cloud: rules.cloud },
    ...{ rules: [...chosen], from: scope.from, until: scope.until },
    buckets: [...new Set([...targets.map(({ bucket }) => bucket), ...pass.buckets])].sort(),
    ...{ versions: versions.versions, bytes: versions.bytes },
    ...{ gone: versions.gone, later: versions.later },
    ...{ standings: versions.standings, decisions: pass.counts.decisions },
    ...{ matters: held.ids, approvals: approved.files, plans: [...pass.plans] },
    plansWithoutBeginning: pass.plansWithoutBeginning,
    evidence: {
      folder: formatAddress(rules.cloud, { bucket: place.bucket, key: place.prefix }),
      from: since && formatInstant(since),
      ...{ files: evidence.files, records: evidence.records, kept: pass.counts.kept },
      ...{ unnamed: evidence.unnamed, lastAnchor: evidence.lastAnchor },
    },
    findings: evidence.findings + more.length,
    shownFindings: [...evidence.shown, ...more].slice(0, mostShown),
    ...{ unread, rulesFingerprint: hashRules(rules), rulesWithoutText },
  };
}
