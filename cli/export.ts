import type { Command } from 'commander';
import { version as holdfast } from '../package.json';
import type { AuditFinding } from '../shared/audit/findings.ts';
import { type Verified, verifyAudit } from '../shared/audit/verify.ts';
import { createPace } from '../shared/backfill/pace/pace.ts';
import { beginOfEvidence } from '../shared/export/begin.ts';
import { type ExportFacts, exportCover, exportVerdict } from '../shared/export/cover.ts';
import { type EvidencePass, openEvidencePass, versionsToKnow } from '../shared/export/evidence.ts';
import { findingRow, unreadRow } from '../shared/export/rows.ts';
import { type ExportScope, mayConcernBucket, mayConcernVersions } from '../shared/export/scope.ts';
import { readMatters } from '../shared/matters/read.ts';
import { parseMatterRecord } from '../shared/matters/record.ts';
import { formatAddress } from '../shared/platform/address.ts';
import { systemClock } from '../shared/platform/clock.ts';
import { failure } from '../shared/platform/errors.ts';
import { formatInstant } from '../shared/platform/instant.ts';
import { visible } from '../shared/platform/visible.ts';
import { findTargets } from '../shared/report/targets.ts';
import { asUnreadableBucket } from '../shared/report/unreadable-bucket.ts';
import { bytes as inBytes, plural } from '../shared/report/words.ts';
import { hashRules } from '../shared/rules/hash-rules.ts';
import { endOfDate } from '../shared/rules/tag-date.ts';
import type { ObjectPrefix, Rules } from '../shared/rules/types.ts';
import { readOnly } from '../shared/storage/dry-run.ts';
import { addRulesOptions, connect, readRules } from './cloud-options.ts';
import { exportApprovals } from './export-approvals.ts';
import { exportMatters, findMattersOfExport } from './export-matters.ts';
import { type ExportPack, openPack, packFiles, whyNoPack } from './export-pack.ts';
import { exportRules } from './export-rules.ts';
import { exportVersions } from './export-versions.ts';
import type { ExportOptions, ExportRun } from './export-world.ts';
import { isStop, stopOnInterrupt } from './interrupt.ts';
import { color, note, prose, type Report, show, toJson } from './output.ts';
import { progressLine } from './progress.ts';
import { readCount } from './read-count.ts';
import { readDay } from './read-day.ts';
import { didYouMean } from './usage-hints.ts';

export function configure(command: Command): void {
  addRulesOptions(
    command
      .requiredOption('--out <folder>', 'where the pack is written; it must be empty, or not there')
      .option('--rule <name...>', 'only what these rules are for (default: every rule)')
      .option('--from <date>', 'versions of that day or later, and decisions since then (UTC)')
      .option('--to <date>', 'versions of that day or earlier, and decisions until then (UTC)')
      .option('--bucket <name...>', 'only these buckets (default: every bucket that the rules match)')
      .option('--concurrency <n>', 'requests under way at once, at most', readCount, 64)
      .option('--qps <n>', 'requests a second, at most (default: as many as the service takes)', readCount),
  )
    .addHelpText('after', help)
    .action(run);
}

const help = `
Changes nothing in the cloud. The folder has tables (CSV), the evidence that proves them, SHA256SUMS and READ-ME.txt, which says how to
check it without Holdfast: docs/export.md. Exit code 1: something is wrong with the evidence, or a bucket could not be read; the
pack is written all the same, and says so. A pack that has INCOMPLETE.txt was not finished.`;

const usage = (reason: string) => failure('USAGE', { reason, command: 'holdfast export' });

async function run(options: ExportOptions): Promise<void> {
  const { signal } = stopOnInterrupt();
  const problem = whyNoPack(options.out);
  if (problem !== undefined) throw usage(`--out: ${problem}`);
  const period = readPeriod(options);
  const rules = await readRules(options);
  const { audit: place, cloud } = rules;
  if (place === undefined) throw failure('EVIDENCE_UNSET', { cloud, what: 'export' });
  const chosen = readRuleNames(options, rules);
  const buckets = options.bucket && new Set(options.bucket);
  const scope = { rules, chosen, buckets, ...period };
  for (const bucket of buckets ?? []) {
    if (!mayConcernBucket(scope, bucket)) throw usage(`--bucket ${bucket}: none of the rules is for it`);
  }
  try {
    show(await makePack(options, scope, place, signal), options);
  } catch (error) {
    if (!isStop(signal, error)) throw error;
    note(
      `interrupted: ${options.out} has ${packFiles.incomplete}, and is no pack. Remove it, and export again`,
    );
    process.exitCode = 130;
  }
}

/** @throws USAGE */
function readPeriod({ from, to }: ExportOptions): Pick<ExportScope, 'from' | 'until'> {
  const start = from === undefined ? undefined : readDay('--from', from, usage).at;
  const until = to === undefined ? undefined : endOfDate(readDay('--to', to, usage));
  if (start !== undefined && until !== undefined && start >= until)
    throw usage(`--from ${from} is not before --to ${to}: nothing would be in the period`);
  return { from: start, until };
}

/** @throws USAGE */
function readRuleNames({ rule: asked }: ExportOptions, rules: Rules): ReadonlySet<string> {
  const { objects, buckets, defaults } = rules;
  const names = [...objects, ...buckets, ...defaults].map(({ name }) => name);
  const unknown = asked?.find((name) => !names.includes(name));
  if (unknown !== undefined)
    throw usage(`--rule ${unknown}: there is no such rule${didYouMean(unknown, names)}`);
  return new Set(asked ?? names);
}

async function makePack(
  options: ExportOptions,
  scope: ExportScope,
  place: ObjectPrefix,
  signal: AbortSignal,
): Promise<Report> {
  const pace = createPace({ clock: systemClock, concurrency: options.concurrency, qps: options.qps });
  const cloud = await connect(options, (each) => pace.around(each));
  const { clock, region } = cloud;
  const storage = readOnly(cloud.storage, () => undefined);
  const { rules, chosen } = scope;
  const load = () => Promise.resolve(parseMatterRecord);
  // The clock follows the service from its first reply on, so the time is looked at after this.
  const matters = await readMatters({ storage, folder: place, load });
  const ofChosen = {
    ...rules,
    objects: rules.objects.filter(({ name }) => chosen.has(name)),
    buckets: rules.buckets.filter(({ name }) => chosen.has(name)),
    defaults: rules.defaults.filter(({ name }) => chosen.has(name)),
  };
  const named =
    scope.buckets &&
    [...scope.buckets]
      .filter((bucket) => mayConcernVersions(scope, bucket))
      .map((bucket) => ({ bucket, prefix: '' }));
  const { targets, troubles } = await findTargets({ storage, rules: ofChosen, clock, region }, named);
  const now = clock.now();
  const pack = await openPack(options.out);
  const line = progressLine(systemClock);
  try {
    const known = versionsToKnow(scope, now);
    const about: ExportRun = { options, scope, place, storage, now, signal, pack, line, known };
    const found = await exportVersions(about, targets, findMattersOfExport(matters));
    const unread = [...troubles, ...found.failed].map(({ bucket, error }) =>
      asUnreadableBucket(bucket, error),
    );
    for (const bucket of unread) await pack.row('unread', unreadRow(bucket));
    const since = await beginOfEvidence(about, scope);
    const pass = openEvidencePass(scope, known, pack, found.matters);
    const evidence = await exportEvidence(about, pass, since);
    const held = await exportMatters(about, matters, pass.matters);
    // Evidence that was verified from the first day on has said already what is wrong with records of matters.
    const approved = await exportApprovals(about, pass);
    const more = [...(scope.from === undefined ? [] : held.findings), ...approved.findings];
    for (const finding of more) await pack.row('findings', findingRow(finding));
    const rulesWithoutText = await exportRules(about, pass.rules);
    const { looked: _, ...versions } = found.counts;
    const facts: ExportFacts = {
      ...{ madeAt: now, holdfast, caller: cloud.caller().caller, cloud: rules.cloud, region },
      ...{ rules: [...chosen], from: scope.from, until: scope.until },
      buckets: [...new Set([...targets.map(({ bucket }) => bucket), ...pass.buckets])].sort(),
      ...{ ...versions, standings: found.standings, decisions: pass.counts.decisions },
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
    signal.throwIfAborted();
    return await finish(options.out, pack, facts);
  } finally {
    line.end();
    await pack.close();
  }
}

const mostShown = 20;

/** Verifies the evidence, from a day on, and lets the pass take what the export needs. */
async function exportEvidence(
  { scope, place, storage, now, signal, pack, line }: ExportRun,
  pass: EvidencePass,
  since: Date | undefined,
): Promise<EvidenceFound> {
  const shown: AuditFinding[] = [];
  const waiting: AuditFinding[] = [];
  const { rules } = scope;
  const drain = async () => {
    for (const finding of waiting.splice(0)) await pack.row('findings', findingRow(finding));
  };
  const verified = await verifyAudit({
    ...{ storage, place, now, rules, since },
    onFinding(finding) {
      waiting.push(finding);
      if (shown.length < mostShown) shown.push(finding);
    },
    async onFile(name, file) {
      signal.throwIfAborted();
      await pass.add(name, file);
      await drain();
    },
    onProgress: ({ files }) =>
      line.show({
        ...{ versions: files, things: 'file', done: undefined },
        words: `evidence, ${plural(pass.counts.decisions, 'decision')}`,
      }),
  });
  await drain();
  await pass.end();
  return { ...verified, shown };
}

/** This is what verifying has found. */
interface EvidenceFound extends Verified {
  /** The first findings. */
  readonly shown: readonly AuditFinding[];
}

async function finish(folder: string, pack: ExportPack, facts: ExportFacts): Promise<Report> {
  const {
    versions,
    bytes,
    decisions,
    findings,
    unread,
    gone,
    from,
    until,
    shownFindings: _,
    ...rest
  } = facts;
  const summary = {
    ...{ versions, bytes, decisions, findings, unread, gone },
    from: from && formatInstant(from),
    until: until && formatInstant(until),
    ...rest,
  };
  await pack.file('summary.json', `${toJson({ format: 'holdfast.export.summary/1', ...summary })}\n`);
  await pack.file(packFiles.cover, exportCover(facts));
  const sums = await pack.finish();
  const { files } = pack;
  const isFine = findings === 0 && unread.length === 0 && gone === 0;
  return {
    text: [
      color.bold(
        `${plural(versions, 'version')} (${inBytes(bytes)}) and ${plural(decisions, 'decision')} in ${folder}`,
      ),
      prose((isFine ? color.green : color.red)(exportVerdict(facts))),
      ...facts.shownFindings.map(({ fault, file, reason }) =>
        prose(`${color.red(fault)} ${visible(file)}\n  ${visible(reason)}`),
      ),
      ...unread.map(({ bucket, code, message }) => prose(`${color.red(code)} ${bucket}: ${message}`)),
      `last anchor: ${rest.evidence.lastAnchor ?? 'none'}`,
      `SHA-256 of ${packFiles.sums}: ${sums}`,
      prose(`${packFiles.cover} says what is in it, and how to check it without Holdfast`),
    ].join('\n'),
    json: { folder, sums, files, ...summary },
    exitCode: isFine ? 0 : 1,
  };
}
