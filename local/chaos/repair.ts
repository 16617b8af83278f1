import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pLimit from 'p-limit';
import * as z from 'zod';
import { formatAddress } from '../../shared/platform/address.ts';
import { defaultAccessKey } from '../keyring.ts';
import { casesBucket, objectBuckets } from './uploads.ts';
import type { Watch } from './watch.ts';

/** This is where the command line and the rules are, and the cloud it is to repair. */
export interface Workshop {
  readonly holdfast: string;
  readonly rules: string;
  readonly url: string;
  /** This is where a command keeps how far it is; the current folder unless given. */
  readonly cwd?: string;
}

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
  await runHoldfast(
    workshop,
    'protect',
    '--yes',
    formatAddress('oss', { bucket }),
    '--report',
    report,
    '--checkpoint',
    checkpoint,
  );
  const lines = (await readFile(report, 'utf8')).split('\n').filter((text) => text !== '');
  return lines.flatMap((line) => {
    const { result, versionId } = failedLine.parse(JSON.parse(line));
    return result === 'failed' && versionId !== undefined ? [versionId] : [];
  });
}

/** Runs the command line; exit code 1 is no error, and returned. */
export async function runHoldfast(
  { holdfast, rules, url, cwd }: Workshop,
  ...args: string[]
): Promise<0 | 1> {
  const env = {
    ...process.env,
    ALIBABA_CLOUD_ACCESS_KEY_ID: defaultAccessKey.accessKeyId,
    ALIBABA_CLOUD_ACCESS_KEY_SECRET: defaultAccessKey.accessKeySecret,
    OBS_ACCESS_KEY_ID: defaultAccessKey.accessKeyId,
    OBS_SECRET_ACCESS_KEY: defaultAccessKey.accessKeySecret,
  };
  const options = ['--json', '--rules', rules, '--endpoint', url];
  const child = spawn(process.execPath, [holdfast, ...args, ...options], {
    env,
    ...(cwd !== undefined && { cwd }),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const end = () => child.kill();
  process.once('exit', end);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const [code, signal] = await once(child, 'close');
  process.off('exit', end);
  if (code === 0 || code === 1) return code;
  throw new Error(`holdfast ${args.join(' ')} ended with ${code ?? signal}: ${output.slice(-2000)}`);
}
