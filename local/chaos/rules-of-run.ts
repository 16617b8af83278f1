import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatAddress } from '../../shared/platform/address.ts';
import { type ChaosOptions, hasRecords } from './options.ts';

/** The bucket of the evidence, where a run has any, and its folders. */
export const evidenceBucket = 'chaos-evidence';
export const evidenceFolder = 'audit/';
export const approvalsFolder = `${evidenceFolder}approvals/`;
export const folderOfMatters = `${evidenceFolder}matters/`;

/** The limits up to which one person may act alone in a run with approvals. */
export const caps = { protectMoreThan: 5, retainYears: 8 } as const;

/**
 * Returns the rules of a run: records need a folder for evidence, which takes calls that other runs do not make.
 * @param file has the rules of all runs
 */
export function rulesOfRun(run: ChaosOptions, file: string): string {
  if (!hasRecords(run)) return file;
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-chaos-rules-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const own = join(folder, 'rules.yaml');
  const audit = formatAddress(run.cloud, { bucket: evidenceBucket, key: evidenceFolder });
  const { protectMoreThan, retainYears } = caps;
  const needed = `lock: true, extend: true, release: true, disposition: true, protect: { moreThan: ${protectMoreThan} }, retain: { longerThan: ${retainYears}y }`;
  const approvals = run.approvals > 0 ? `approvals: { ${needed} }\n` : '';
  writeFileSync(own, `audit: ${audit}\n${approvals}${readFileSync(file, 'utf8')}`);
  return own;
}
