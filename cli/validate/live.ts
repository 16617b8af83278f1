import { quantity } from '../../shared/platform/quantity.ts';
import { examineRegions, type RegionFinding } from '../doctor/regions.ts';
import type { DoctorOptions } from '../doctor/world.ts';
import { findingLines } from '../doctor.ts';
import type { Report } from '../terminal/output.ts';

/**
 * Adds to the report about a valid rules file whether the buckets are as its rules need them. Exit code 1 when one is not.
 * @param strict whether warnings fail too
 */
export async function withLive(report: Report, options: DoctorOptions, strict: boolean): Promise<Report> {
  const { findings } = await examineRegions(options, 'buckets');
  const count = (status: RegionFinding['status']) => findings.filter((one) => one.status === status).length;
  const [failures, warnings] = [count('failure'), count('warning')];
  const unchecked = count('not-checked');
  const isBad = failures > 0 || unchecked > 0 || (strict && warnings > 0);
  const sum = `buckets: ${count('ok')} ok, ${quantity(warnings, 'warning')}, ${quantity(failures, 'failure')}, ${unchecked} not checked`;
  const json = typeof report.json === 'object' ? report.json : {};
  return {
    text: [report.text, ...findings.map(findingLines), sum].join('\n'),
    json: { ...json, ok: report.exitCode === 0 && !isBad, live: findings },
    exitCode: isBad ? 1 : (report.exitCode ?? 0),
  };
}
