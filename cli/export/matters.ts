import type { AuditFinding } from '../../shared/audit/findings.ts';
import { matterFiles } from '../../shared/audit/matter-files.ts';
import type { MatterOfExport } from '../../shared/export/look.ts';
import { matterRows } from '../../shared/export/rows.ts';
import { isMatterId } from '../../shared/matters/name.ts';
import { findMatter, type Matters } from '../../shared/matters/state.ts';
import type { ExportRun } from './world.ts';

/** Returns every matter, open or released: whether one has a version is asked of its tags as they are now. */
export const findMattersOfExport = ({ all }: Matters): MatterOfExport[] =>
  all.flatMap(({ id, openings }) =>
    openings.map(({ opened: { scope }, released }) => ({ id, scope, isOpen: released === undefined })),
  );

/** The matters that were written, and what is wrong with their records. */
export interface MattersFound {
  readonly ids: readonly string[];
  readonly findings: readonly AuditFinding[];
}

/**
 * Writes the steps and the records of some matters.
 * @param ids as records of the evidence name them
 * @throws what listing and reading throw, and FILE_UNWRITABLE
 */
export async function exportMatters(
  run: ExportRun,
  matters: Matters,
  ids: ReadonlySet<string>,
): Promise<MattersFound> {
  const { evidence: storage, place, lookedAt: now, pack, signal } = run;
  const policy = await storage.policies?.getPolicy(place.bucket);
  const deps = { storage, place, now, lockedBucket: policy?.state === 'Locked' };
  const written = new Set<string>();
  const found: AuditFinding[] = [];
  for (const id of [...ids].filter(isMatterId).sort()) {
    for await (const { path, text, findings } of matterFiles(deps, id)) {
      signal.throwIfAborted();
      written.add(id);
      found.push(...findings);
      if (text !== undefined) await pack.file(path, text);
    }
    const matter = findMatter(matters, id);
    for (const row of matter === undefined ? [] : matterRows(matter)) await pack.row('matters', row);
  }
  return { ids: [...written], findings: found };
}
