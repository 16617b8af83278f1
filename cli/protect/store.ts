import type { Progress } from '../../shared/backfill/checkpoint.ts';
import { storeProtectReport } from '../../shared/backfill/report.ts';
import { formatAddress } from '../../shared/platform/address.ts';
import type { Storage } from '../../shared/storage/port.ts';
import type { Places } from './options.ts';

/** This is what a whole run has come to. */
export type RunOutcome = Pick<Progress, 'tally' | 'requests' | 'elapsedMs'>;

/** Stores the report back, if that was asked for. @returns the URLs of its objects */
export async function store(
  storage: Storage,
  { report, store: to }: Places,
  { tally, requests, elapsedMs }: RunOutcome,
): Promise<string[]> {
  if (to === undefined) return [];
  const { bucket } = to;
  const at = (name: string) => ({ bucket, key: `${to.prefix}${name}` });
  const keys = [
    ...(await storeProtectReport(storage, report.lines, { ...at('report'), extension: 'jsonl' })),
    ...(await storeProtectReport(storage, report.table, { ...at('report'), extension: 'csv' })),
  ];
  const whole = JSON.stringify({ ...tally, requests, elapsedMs, files: keys }, null, 2);
  await storage.writeText(at('summary.json'), `${whole}\n`);
  return [...keys, at('summary.json').key].map((key) => formatAddress(storage.cloud, { bucket, key }));
}
