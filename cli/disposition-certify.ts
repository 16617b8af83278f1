import { createReadStream, existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { sha256 } from '../shared/audit/name.ts';
import { openAppendFile } from '../shared/backfill/append-file.ts';
import { forEachAtOnce } from '../shared/backfill/each.ts';
import { type SincePlan, scopesOpenSince, versionKey, writesSince } from '../shared/disposition/certify.ts';
import { type CertifiedVersion, certifyVersion } from '../shared/disposition/certify-version.ts';
import type { DispositionPlan } from '../shared/disposition/plan.ts';
import {
  countingApproval,
  type DispositionApproval,
  dispositionActions,
  findDispositionRecords,
} from '../shared/disposition/records.ts';
import { createVersionSet, type VersionSet } from '../shared/disposition/version-set.ts';
import { openScopes } from '../shared/matters/matching.ts';
import { formatAddress } from '../shared/platform/address.ts';
import { failure } from '../shared/platform/errors.ts';
import { formatInstant } from '../shared/platform/instant.ts';
import { bytes as inBytes, plural } from '../shared/report/words.ts';
import { versionId } from '../shared/storage/port.ts';
import {
  batchesOfVersions,
  certificateFiles,
  dispositionFiles,
  hashOfFile,
  readDispositionPlan,
  writeNew,
} from './disposition-files.ts';
import {
  type DispositionOptions,
  type DispositionRun,
  type DispositionWorld,
  openDispositionWorld,
  refuseElsewhere,
} from './disposition-world.ts';
import { color, prose, type Report } from './output.ts';

/**
 * Looks what of an approved plan is gone, and writes the certificate: each version that is gone, and the whole with the hash of the
 * certificate, into the evidence; the certificate beside the plan.
 * @throws DISPOSITION_PLAN_INVALID, DISPOSITION_UNPLANNED, DISPOSITION_UNAPPROVED, MATTER_MALFORMED, AUDIT_UNWRITTEN,
 *   REPORT_UNWRITABLE, FILE_UNWRITABLE, and what reading throws
 */
export async function certifyDisposition(
  folder: string,
  options: DispositionOptions,
  run: DispositionRun,
): Promise<Report> {
  const plan = await readDispositionPlan(folder);
  const world = await openDispositionWorld(options);
  const { storage, place, clock, rules } = world;
  refuseElsewhere(plan, world, folder);
  const { hash } = plan;
  const madeAt = new Date(plan.madeAt);
  const now = clock.now();
  const records = await findDispositionRecords(storage, place, { hash, madeAt }, now);
  const [planned] = records.planned;
  if (planned === undefined) throw failure('DISPOSITION_UNPLANNED', { plan: hash });
  const approved = countingApproval(records);
  if (approved === undefined) throw failure('DISPOSITION_UNAPPROVED', { plan: hash, folder });
  const { matters } = world;
  const since: SincePlan = {
    rules,
    scopes: scopesOpenSince(matters, madeAt),
    writes: await writesSince(storage, place, { since: madeAt, planned: await namesOf(folder, plan) }, now),
    now,
  };
  const deps = { ...world, scopes: openScopes(matters) };
  const files = certificateFiles(folder);
  const effort = { concurrency: options.concurrency, ...run };
  const sums = await certifyVersions(files.results, { folder, plan }, deps, since, effort).catch(
    async (error) => {
      await rm(files.results, { force: true });
      throw error;
    },
  );
  run.line.end();
  const late = approved.until < now;
  const certificate = {
    format: 'holdfast.disposition.certificate/1',
    version: 1,
    plan: hash,
    madeAt: plan.madeAt,
    planned: { caller: planned.caller, at: formatInstant(planned.at) },
    approved: approvalText(approved),
    certified: { ...world.caller(), at: formatInstant(now) },
    late,
    gone: sums.gone,
    there: sums.there,
    touched: sums.touchedVersions,
    script: await scriptState(folder, approved),
    list: await hashOfFile(files.results),
  };
  const text = `${JSON.stringify(certificate, null, 2)}\n`;
  const { gone, there, touched, list } = certificate;
  await writeNew(folder, files.certificate, text);
  for await (const gone of goneIn(files.results)) {
    await world.evidence.keep(
      gone.map(({ state: _, ...line }) => ({ action: dispositionActions.disposed, plan: hash, ...line })),
    );
  }
  await world.evidence.keep([
    {
      action: dispositionActions.certified,
      ...{ plan: hash, certificate: sha256(text), list, late, touched },
      ...{ gone: gone.versions, goneBytes: gone.bytes, there: there.versions },
    },
  ]);
  return report(folder, plan, files, certificate, sums);
}

const approvalText = ({ caller, at, until, reason }: DispositionApproval) => ({
  caller,
  at: formatInstant(at),
  until: formatInstant(until),
  reason,
});

interface CertifiedSums {
  readonly gone: { versions: number; bytes: number };
  readonly there: { versions: number; bytes: number };
  readonly touchedVersions: number;
  /** The first of them; the others are in the list. */
  readonly touched: readonly CertifiedVersion[];
}

/** The versions of a plan, by a part of their hashes. */
async function namesOf(folder: string, plan: DispositionPlan): Promise<VersionSet> {
  const names = createVersionSet();
  for await (const batch of batchesOfVersions(folder, plan))
    for (const version of batch) names.add(versionKey(version));
  return names;
}

const shownTouched = 20;

async function certifyVersions(
  results: string,
  { folder, plan }: { readonly folder: string; readonly plan: DispositionPlan },
  deps: DispositionWorld & { readonly scopes: ReturnType<typeof openScopes> },
  since: SincePlan,
  effort: Pick<DispositionRun, 'signal' | 'line'> & { readonly concurrency: number },
): Promise<CertifiedSums> {
  const sums = { gone: { versions: 0, bytes: 0 }, there: { versions: 0, bytes: 0 } };
  const touched: CertifiedVersion[] = [];
  let touchedVersions = 0;
  const list = await openAppendFile(results, 0);
  try {
    for await (const batch of batchesOfVersions(folder, plan)) {
      const lines = await forEachAtOnce(effort, batch, (version) => certifyVersion(deps, since, version));
      await list.append(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
      for (const [index, line] of lines.entries()) {
        sums[line.state].versions += 1;
        sums[line.state].bytes += batch[index]?.size ?? 0;
        if (line.touched === undefined) continue;
        touchedVersions += 1;
        if (touched.length < shownTouched) touched.push(line);
      }
      const { gone, there } = sums;
      const done = (gone.versions + there.versions) / plan.versions;
      effort.line.show({ versions: gone.versions + there.versions, words: `${gone.versions} gone`, done });
    }
  } finally {
    await list.close();
  }
  return { ...sums, touchedVersions, touched };
}

/** Tells whether the script that deletes is still the one that was approved. */
async function scriptState(
  folder: string,
  { script }: DispositionApproval,
): Promise<'approved' | 'changed' | 'missing'> {
  const file = dispositionFiles(folder).script;
  if (!existsSync(file)) return 'missing';
  return (await hashOfFile(file)) === script ? 'approved' : 'changed';
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

function report(
  folder: string,
  plan: DispositionPlan,
  files: ReturnType<typeof certificateFiles>,
  {
    gone,
    there,
    late,
    script,
    approved,
    certified: by,
  }: {
    readonly gone: CertifiedSums['gone'];
    readonly there: CertifiedSums['there'];
    readonly late: boolean;
    readonly script: 'approved' | 'changed' | 'missing';
    readonly approved: ReturnType<typeof approvalText>;
    readonly certified: { readonly caller: string };
  },
  { touched, touchedVersions }: CertifiedSums,
): Report {
  const address = ({ bucket, key, versionId: id }: CertifiedVersion) =>
    formatAddress(plan.cloud, { bucket, key, versionId: versionId(id) });
  const isClean = there.versions === 0 && touchedVersions === 0 && !late && script !== 'changed';
  return {
    text: [
      color.bold(
        `${plural(gone.versions, 'version')} gone (${inBytes(gone.bytes)}), ${plural(there.versions, 'version')} still there`,
      ),
      ...touched.map((line) =>
        prose(
          `${color.yellow('touched')} ${address(line)} (${line.state}): ${(line.touched ?? []).join('; ')}`,
        ),
      ),
      ...(touchedVersions > touched.length
        ? [`and ${touchedVersions - touched.length} more in ${files.results}`]
        : []),
      ...(late
        ? [
            prose(
              `${color.yellow('late')}: the approval of ${approved.caller} ended ${approved.until}, before this look; when each version went is not known`,
            ),
          ]
        : []),
      ...(script === 'changed'
        ? [prose(`${color.yellow('changed')}: delete.sh is not the script that was approved`)]
        : []),
      prose(
        `certificate in ${files.certificate}, recorded in the evidence by ${by.caller}; ` +
          'holdfast audit verify proves it, holdfast audit list --action disposition-certified shows its hash',
      ),
    ].join('\n'),
    json: {
      folder,
      plan: plan.hash,
      gone,
      there,
      late,
      touched,
      touchedVersions,
      script,
      certificate: files.certificate,
    },
    exitCode: isClean ? 0 : 1,
  };
}
