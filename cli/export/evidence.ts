import type { AuditFinding } from '../../shared/audit/findings.ts';
import { type Verified, type VerifyState, verifyAudit } from '../../shared/audit/verify.ts';
import { beginOfEvidence } from '../../shared/export/begin.ts';
import { type EvidencePass, openEvidencePass } from '../../shared/export/evidence.ts';
import { findingRow } from '../../shared/export/rows.ts';
import { plural } from '../../shared/report/words.ts';
import type { ExportRun } from './world.ts';

/** This is what verifying has found, and what of it is about the export. */
export interface EvidenceOfExport extends Verified {
  readonly pass: EvidencePass;
  /** The day from which it was read; undefined: from the first on. */
  readonly since: Date | undefined;
  /** The first findings. */
  readonly shown: readonly AuditFinding[];
}

/** The most findings that a person is shown. */
export const mostShown = 20;

/** A checkpoint waits for the disk, so it is worth some files; it stands between two hours. */
const filesBetweenCheckpoints = 200;

/**
 * Verifies the evidence, and writes what of it is about the export.
 * @param matters those that have versions of the export
 * @throws what listing and reading throw, FILE_UNWRITABLE, CHECKPOINT_UNUSABLE, and the signal's reason
 */
export async function exportEvidence(
  run: ExportRun,
  matters: ReadonlySet<string>,
): Promise<EvidenceOfExport> {
  const { scope, place, evidence, lookedAt, signal, pack, line, progress } = run;
  const kept = progress.state.evidence;
  const since = kept === undefined ? await beginOfEvidence({ ...run, storage: evidence }, scope) : kept.since;
  const pass = openEvidencePass(scope, pack.known, pack, matters, kept?.pass);
  const shown: AuditFinding[] = [...(kept?.shown ?? [])];
  const waiting: AuditFinding[] = [];
  const drain = async () => {
    for (const finding of waiting.splice(0)) await pack.row('findings', findingRow(finding));
  };
  let certain = kept?.verified.files ?? 0;
  const verified = await verifyAudit({
    ...{ storage: evidence, place, now: lookedAt, rules: scope.rules, since, from: kept?.verified },
    onFinding(finding) {
      waiting.push(finding);
      if (shown.length < mostShown) shown.push(finding);
    },
    async onFile(name, file) {
      signal.throwIfAborted();
      await pass.add(name, file);
      await drain();
    },
    async onHour(state: VerifyState) {
      if (state.files - certain < filesBetweenCheckpoints) return;
      certain = state.files;
      await drain();
      await progress.keep({ evidence: { since, verified: state, pass: pass.state(), shown: [...shown] } });
    },
    onProgress: ({ files }) =>
      line.show({
        ...{ versions: files, things: 'file', done: undefined },
        words: `evidence, ${plural(pass.counts.decisions, 'decision')}`,
      }),
  });
  await drain();
  await pass.end();
  return { ...verified, pass, since, shown };
}
