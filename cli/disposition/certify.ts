import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { version as holdfast } from '../../package.json';
import { sha256 } from '../../shared/audit/name.ts';
import {
  type SincePlan,
  scopesOpenSince,
  versionKey,
  writesSince,
} from '../../shared/disposition/certify.ts';
import type { CertifiedVersion } from '../../shared/disposition/certify-version.ts';
import type { DispositionPlan } from '../../shared/disposition/plan.ts';
import { type CertifyState, certifyStateFormat } from '../../shared/disposition/progress.ts';
import { alreadyRecorded, nothingRecorded } from '../../shared/disposition/recorded.ts';
import {
  approvedScripts,
  countingApproval,
  type DispositionApproval,
  type DispositionStep,
  dispositionActions,
  findDispositionRecords,
} from '../../shared/disposition/records.ts';
import { createVersionSet, type VersionSet } from '../../shared/disposition/version-set.ts';
import { openScopes } from '../../shared/matters/matching.ts';
import { cloudWords } from '../../shared/platform/cloud-words.ts';
import { failure } from '../../shared/platform/errors.ts';
import { formatInstant } from '../../shared/platform/instant.ts';
import { quantity } from '../../shared/platform/quantity.ts';
import { hashRules } from '../../shared/rules/hash-rules.ts';
import { readText } from '../options/read-text.ts';
import { type Report, remark } from '../terminal/output.ts';
import {
  approvalOfCertificate,
  type Certificate,
  certificateText,
  endOfLook,
  parseCertificate,
  scriptState,
} from './certificate.ts';
import { certificateReport } from './certificate-report.ts';
import { certifyVersions } from './certify-looks.ts';
import {
  batchesOfVersions,
  type CertificateFiles,
  certificateFiles,
  nextCertificate,
  readDispositionPlan,
  writeWhole,
} from './files.ts';
import { openPart, openStep, partOf, partOrWhole, placePart } from './progress.ts';
import {
  type DispositionOptions,
  type DispositionRun,
  type DispositionWorld,
  openDispositionWorld,
  refuseElsewhere,
} from './world.ts';

export interface DispositionCertifyOptions extends DispositionOptions {
  readonly restart?: boolean;
}

/**
 * Looks what of an approved plan is gone, or goes on where it was stopped, and writes the certificate: each version that is gone, and the
 * whole with the hash of the certificate, into the evidence; the certificate beside the plan, once the evidence has it.
 * @throws DISPOSITION_PLAN_INVALID, DISPOSITION_UNPLANNED, DISPOSITION_UNAPPROVED, MATTER_MALFORMED, AUDIT_UNWRITTEN,
 *   FILE_UNWRITABLE, CHECKPOINT_MISMATCH, CHECKPOINT_UNUSABLE, CHECKPOINT_IN_USE, and what reading throws
 */
export async function certifyDisposition(
  folder: string,
  options: DispositionCertifyOptions,
  run: DispositionRun,
): Promise<Report> {
  const plan = await readDispositionPlan(folder);
  refuseElsewhere(plan, options, folder);
  const world = await openDispositionWorld(options);
  const { checkpoint, kept, release } = await openStep(
    ...([folder, 'certify', certifyStateFormat, aboutCertificate(plan, world)] as const),
    options.restart === true,
  );
  try {
    const start = kept ?? { ...nothingLooked, run: aboutCertificate(plan, world), at: world.clock.now() };
    const name = kept?.name ?? nextCertificate(folder);
    const files = certificateFiles(folder, name);
    const work = { folder, plan, world, files, save: checkpoint.save };
    const isRecording = kept?.recorded !== undefined;
    if (kept !== undefined && !isRecording)
      remark(`going on after ${quantity(kept.gone.versions + kept.there.versions, 'version')}`);
    const looked = isRecording
      ? kept
      : await look(work, { ...start, name, list: kept?.list }, checkpoint.file, { ...options, run });
    run.line.end();
    const certificate = await record(work, looked, isRecording);
    await placePart(files.results);
    await placePart(files.certificate);
    await checkpoint.remove();
    return certificateReport(folder, plan, files, certificate, looked);
  } finally {
    await release();
  }
}

const nothingLooked = {
  ...{ version: 1 as const, touchedVersions: 0, touched: [], left: [] },
  gone: { versions: 0, bytes: 0 },
  there: { versions: 0, bytes: 0 },
};

/** Tells what must be the same for a certificate to be gone on with. */
const aboutCertificate = ({ hash }: DispositionPlan, { rules }: DispositionWorld): CertifyState['run'] => ({
  plan: hash,
  rules: hashRules(rules),
  'version of Holdfast': holdfast,
});

interface CertifyWork {
  readonly folder: string;
  readonly plan: DispositionPlan;
  readonly world: DispositionWorld;
  readonly files: CertificateFiles;
  save(state: CertifyState): Promise<void>;
}

/** Looks at all versions, and writes the certificate, which has no name yet. @returns the state with which it is recorded */
async function look(
  { folder, plan, world, files, save }: CertifyWork,
  start: Omit<CertifyState, 'list'> & { readonly list: CertifyState['list'] | undefined },
  checkpoint: string,
  { concurrency, run }: Pick<DispositionOptions, 'concurrency'> & { readonly run: DispositionRun },
): Promise<CertifyState> {
  const { storage, place, clock, rules, matters } = world;
  const now = clock.now();
  const madeAt = new Date(plan.madeAt);
  const { planned, approved, scripts } = await stepsBefore(folder, plan, world, now);
  const since: SincePlan = {
    rules,
    scopes: scopesOpenSince(matters, madeAt),
    writes: await writesSince(storage, place, { since: madeAt, planned: await namesOf(folder, plan) }, now),
    now,
  };
  const list = await openPart(files.results, checkpoint, start.list);
  const begun = { ...start, list: await list.mark() };
  await save(begun);
  const effort = { concurrency, ...run };
  const looking = { folder, plan, effort, list, state: begun, save };
  const looked = await certifyVersions({ ...world, scopes: openScopes(matters) }, since, looking).finally(
    list.close,
  );
  const end = endOfLook(looked.at, clock.now());
  const certificate: Certificate = {
    format: 'holdfast.disposition.certificate/1',
    version: 1,
    plan: plan.hash,
    madeAt: plan.madeAt,
    planned: { caller: planned.caller, at: formatInstant(planned.at) },
    approved: approvalOfCertificate(approved),
    certified: { ...world.caller(), begunAt: formatInstant(looked.at), at: formatInstant(end) },
    late: approved.until < end,
    gone: looked.gone,
    there: looked.there,
    touched: looked.touchedVersions,
    script: await scriptState(folder, scripts),
    list: looked.list.sha256,
  };
  await writeWhole(folder, partOf(files.certificate), certificateText(certificate));
  const recording = { ...looked, recorded: 0 };
  await save(recording);
  return recording;
}

interface StepsBefore {
  readonly planned: DispositionStep;
  /** The approval that counts. */
  readonly approved: DispositionApproval;
  /** The hashes of all scripts that were approved. */
  readonly scripts: ReadonlySet<string>;
}

/** @throws DISPOSITION_UNPLANNED, DISPOSITION_UNAPPROVED */
async function stepsBefore(
  folder: string,
  { hash, madeAt, cloud }: DispositionPlan,
  { storage, place }: DispositionWorld,
  now: Date,
): Promise<StepsBefore> {
  const about = { hash, madeAt: new Date(madeAt) };
  const records = await findDispositionRecords(storage, place, about, now);
  const [planned] = records.planned;
  if (planned === undefined) throw failure('DISPOSITION_UNPLANNED', { plan: hash });
  const approved = countingApproval(records);
  if (approved === undefined)
    throw failure('DISPOSITION_UNAPPROVED', { plan: hash, folder, option: cloudWords[cloud].option });
  return { planned, approved, scripts: approvedScripts(records) };
}

/** The versions of a plan, by a part of their hashes. */
async function namesOf(folder: string, plan: DispositionPlan): Promise<VersionSet> {
  const names = createVersionSet();
  for await (const batch of batchesOfVersions(folder, plan))
    for (const version of batch) names.add(versionKey(version));
  return names;
}

/**
 * Writes into the evidence what the certificate says, some versions at a time. Where it was stopped, the evidence may have what was
 * written last: it is looked for first, so that nothing is in it twice.
 */
async function record(
  { plan, world, files, save }: CertifyWork,
  state: CertifyState,
  isResumed: boolean,
): Promise<Certificate> {
  const { certificate: file, results } = files;
  const text = await readText(partOrWhole(file));
  const certificate = parseCertificate(text, file);
  const about = { plan: plan.hash, certificate: sha256(text), since: state.at };
  const find = (versions: readonly string[]) =>
    alreadyRecorded(world.storage, world.place, { ...about, versions }, world.clock.now());
  let already = isResumed ? undefined : nothingRecorded;
  let recorded = 0;
  for await (const gone of goneIn(partOrWhole(results))) {
    recorded += gone.length;
    if (recorded <= (state.recorded ?? 0)) continue;
    // Only the versions behind the last checkpoint may be in it.
    already ??= await find(gone.map(versionKey));
    const { versions } = already;
    const left = gone.filter((version) => !versions.has(versionKey(version)));
    if (left.length > 0)
      await world.evidence.keep(
        left.map(({ state: _, ...line }) => ({
          action: dispositionActions.disposed,
          plan: plan.hash,
          ...line,
        })),
      );
    await save({ ...state, recorded });
  }
  already ??= await find([]);
  if (already.certified) return certificate;
  const { gone, there, touched, list, late } = certificate;
  await world.evidence.keep([
    {
      action: dispositionActions.certified,
      ...{ plan: plan.hash, certificate: about.certificate, list, late, touched },
      ...{ gone: gone.versions, goneBytes: gone.bytes, there: there.versions },
    },
  ]);
  return certificate;
}

const batchSize = 1000;

/** Returns the lines of a certificate's list whose versions are gone, some at a time. They were written a moment ago. */
async function* goneIn(results: string): AsyncIterable<CertifiedVersion[]> {
  let batch: CertifiedVersion[] = [];
  for await (const line of createInterface({ input: createReadStream(results) })) {
    const version: CertifiedVersion = JSON.parse(line);
    if (version.state === 'gone') batch.push(version);
    if (batch.length < batchSize) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
