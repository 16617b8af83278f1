import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import type { ObjectPrefix } from '../../shared/rules/types.ts';
import { readObjectAddress } from '../options/address.ts';
import type { RulesOptions } from '../options/cloud-options.ts';
import { usage } from '../options/usage.ts';
import { readTarget } from '../protect/options.ts';

export const reportFormats = ['text', 'json', 'csv', 'html', 'jsonl'] as const;
export type ReportFormat = (typeof reportFormats)[number];

export interface ReportOptions extends RulesOptions {
  readonly json?: boolean;
  readonly format?: ReportFormat;
  readonly output?: string;
  readonly allRegions?: boolean;
  readonly store?: boolean;
  /** False with --no-head. */
  readonly head: boolean;
  readonly account?: string;
  readonly inventory?: string;
  /** False with --no-decode-keys. */
  readonly decodeKeys: boolean;
  readonly concurrency: number;
  readonly qps?: number;
  readonly checkpoint?: string;
  readonly restart?: boolean;
}

/** @throws USAGE when --json and --format contradict each other */
export function formatOf({ json, format }: ReportOptions): ReportFormat {
  if (json !== true) return format ?? 'text';
  if (format !== undefined && format !== 'json')
    throw usage(`--json and --format ${format} exclude each other`);
  return 'json';
}

/**
 * Returns the folders that were named; undefined when none was: every bucket that the rules match.
 * @param command that takes them, for the error
 * @throws USAGE
 */
export function readTargets(
  urls: readonly string[],
  { cloud, inventory }: Pick<ReportOptions, 'cloud' | 'inventory'>,
): ObjectPrefix[] | undefined {
  const targets = urls.map((url) => readTarget(cloud, url));
  if (inventory !== undefined) readObjectAddress(cloud, inventory);
  if (inventory !== undefined && targets.length !== 1) {
    throw usage(`--inventory is of one bucket: name it, as ${cloud}://bucket or ${cloud}://bucket/prefix`);
  }
  for (const outer of targets) {
    const inner = targets.find(
      (other) => other !== outer && other.bucket === outer.bucket && other.prefix.startsWith(outer.prefix),
    );
    if (inner !== undefined) throw usage(`${inner.url} is in ${outer.url} already, and would count twice`);
  }
  return targets.length === 0 ? undefined : targets;
}

/** Tells where a run keeps what it has found so far, under names made from what it is about. */
export function reportPlaces(about: Readonly<Record<string, string>>, { checkpoint }: ReportOptions) {
  const hash = createHash('sha256').update(JSON.stringify(about)).digest('hex').slice(0, 8);
  const file = checkpoint ?? join('.holdfast', `report-${hash}.checkpoint.json`);
  return { checkpoint: file, versions: join(dirname(file), `report-${hash}.versions.jsonl`) };
}
