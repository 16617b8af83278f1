import { createHash } from 'node:crypto';
import { basename, dirname, extname, join } from 'node:path';
import type { ReportFiles } from '../../shared/backfill/report.ts';
import { type CloudName, schemeOf } from '../../shared/platform/address.ts';
import { readAddress } from '../options/address.ts';
import type { RulesOptions } from '../options/cloud-options.ts';
import { usage } from '../options/usage.ts';

export interface ProtectOptions extends RulesOptions {
  readonly json?: boolean;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly lookFirst?: boolean;
  readonly inventory?: string;
  /** False with --no-decode-keys. */
  readonly decodeKeys: boolean;
  readonly concurrency: number;
  readonly qps?: number;
  readonly maxObjects?: number;
  readonly report?: string;
  readonly checkpoint?: string;
  readonly restart?: boolean;
}

/** A bucket, or what is under a prefix of it. */
export interface Target {
  readonly url: string;
  readonly bucket: string;
  readonly prefix: string;
}

/** This is where a run keeps its files, and where the report goes in the end. */
export interface Places {
  readonly checkpoint: string;
  readonly report: ReportFiles;
  /** The folder of a bucket that the report is stored in, when it is. */
  readonly store: { readonly bucket: string; readonly prefix: string } | undefined;
}

/** @throws USAGE */
export function readTarget(cloud: CloudName, url: string): Target {
  const { bucket, key: prefix } = readAddress(cloud, url, 'bucket or bucket/prefix');
  return { url, bucket, prefix };
}

/**
 * Files are kept under names made from what the run is about, so that the same command finds them again and
 * another one does not.
 * @throws USAGE
 */
export function protectPlaces({ url, bucket, prefix }: Target, options: ProtectOptions): Places {
  const about = JSON.stringify([bucket, prefix, options.inventory ?? '', options.dryRun === true]);
  const hash = createHash('sha256').update(about).digest('hex').slice(0, 8);
  const name = `protect-${bucket}-${hash}${options.dryRun === true ? '-dry-run' : ''}`;
  const checkpoint = options.checkpoint ?? join('.holdfast', `${name}.checkpoint.json`);
  const { report } = options;
  const store =
    report !== undefined && schemeOf(report) !== undefined ? readStore(options.cloud, report) : undefined;
  if (store !== undefined && options.dryRun === true) {
    throw usage(`a dry run of ${url} writes nothing to the cloud: let --report name a file`);
  }
  const file =
    store === undefined && options.report !== undefined
      ? options.report
      : join(dirname(checkpoint), `${name}.jsonl`);
  return { checkpoint, report: reportFiles(file), store };
}

/** The other of the two files lies beside the one that was named. */
function reportFiles(file: string): ReportFiles {
  const stem = join(dirname(file), basename(file, extname(file)));
  return extname(file) === '.csv'
    ? { lines: `${stem}.jsonl`, table: file }
    : { lines: file, table: `${stem}.csv` };
}

function readStore(cloud: CloudName, url: string) {
  const { bucket, key: path } = readAddress(cloud, url, 'bucket/prefix/, nor a file, for --report');
  return { bucket, prefix: path === '' || path.endsWith('/') ? path : `${path}/` };
}
