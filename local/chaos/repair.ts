import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pLimit from 'p-limit';
import * as z from 'zod';
import { formatAddress } from '../../shared/platform/address.ts';
import { type Person, runAs, type Workshop } from './people.ts';
import { casesBucket, objectBuckets } from './uploads.ts';
import type { Watch } from './watch.ts';

const bucketsAtOnce = 2;

const failedLine = z.object({ result: z.string(), versionId: z.string().optional() });

/**
 * Repairs as a person would, by the command line: dead letters are replayed, then every bucket's versions are gone
 * through. Exit code 1 is expected: some versions cannot have their way.
 * @returns the ids of the versions that the reports name as failed
 */
export async function repair(workshop: Workshop, watch: Watch): Promise<Set<string>> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-chaos-'));
  try {
    watch.enter('holdfast redrive replay');
    await runHoldfast(workshop, 'redrive', 'replay', '--yes');
    watch.enter('holdfast protect');
    const limit = pLimit(bucketsAtOnce);
    const failed = await Promise.all(
      [...objectBuckets, casesBucket].map((bucket) => limit(() => protectBucket(workshop, bucket, folder))),
    );
    return new Set(failed.flat());
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Goes through the versions of a bucket.
 * @param folder takes its files
 * @returns the ids of the versions that the report names as failed
 */
export async function protectBucket(workshop: Workshop, bucket: string, folder: string): Promise<string[]> {
  const report = join(folder, `${bucket}.jsonl`);
  const checkpoint = join(folder, `${bucket}.checkpoint.json`);
  const address = formatAddress('oss', { bucket });
  if (workshop.approver !== undefined) await approveRepair(workshop, workshop.approver, address, folder);
  const args = ['--yes', '--report', report, '--checkpoint', checkpoint];
  await runHoldfast(workshop, 'protect', address, ...args);
  const lines = (await readFile(report, 'utf8')).split('\n').filter((text) => text !== '');
  return lines.flatMap((line) => {
    const { result, versionId } = failedLine.parse(JSON.parse(line));
    return result === 'failed' && versionId !== undefined ? [versionId] : [];
  });
}

/** Lets somebody else approve a run over a bucket, where it needs that. */
async function approveRepair(
  workshop: Workshop,
  approver: Person,
  address: string,
  folder: string,
): Promise<void> {
  const name = address.replaceAll(/\W/g, '-');
  const checkpoint = join(folder, `${name}.plan-checkpoint.json`);
  const dry = ['protect', address, '--dry-run', '--checkpoint', checkpoint];
  const { stdout } = await runAs(workshop, 'clerk', dry);
  if (!('approval' in z.looseObject({}).parse(JSON.parse(stdout)))) return;
  const plan = join(folder, `${name}.plan.json`);
  await writeFile(plan, stdout);
  const said = await runAs(workshop, approver, ['approve', plan, '--yes']);
  if (said.code !== 0) throw new Error(`holdfast approve ended with ${said.code}: ${said.stderr}`);
}

/** Runs the command line as the clerk; exit code 1 is no error, and returned. */
export async function runHoldfast(workshop: Workshop, ...args: string[]): Promise<0 | 1> {
  const { code, stdout, stderr } = await runAs(workshop, 'clerk', args);
  if (code === 0 || code === 1) return code;
  throw new Error(`holdfast ${args.join(' ')} ended with ${code}: ${`${stdout}${stderr}`.slice(-2000)}`);
}
