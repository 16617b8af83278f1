import * as z from 'zod';
import { quantity } from '../../shared/platform/quantity.ts';
import type { Run } from './admin.ts';
import { failures, say } from './report.ts';

const line = z.object({
  level: z.string(),
  bucket: z.string(),
  action: z.string(),
  problem: z.string().optional(),
  reason: z.string(),
});

/** The lines of one bucket and one problem in the function's log that a person is to look at. */
export interface Complaint {
  readonly bucket: string;
  readonly problem: string;
  readonly count: number;
  readonly reason: string;
}

/** Counts the warnings and errors about buckets in the logs, in the order of their first. */
export function complaintsIn(runs: readonly Pick<Run, 'logs'>[]): Complaint[] {
  const found = new Map<string, Complaint>();
  for (const text of runs.flatMap(({ logs }) => logs)) {
    const { data } = line.safeParse(parseLogLine(text));
    if (data === undefined || !['warn', 'error'].includes(data.level)) continue;
    const { bucket, reason } = data;
    const problem = data.problem ?? data.action;
    const count = (found.get(`${bucket} ${problem}`)?.count ?? 0) + 1;
    found.set(`${bucket} ${problem}`, { bucket, problem, reason, count });
  }
  return [...found.values()];
}

export function showComplaints(complaints: readonly Complaint[]): void {
  say('\nWhat policy-timer reported in its log, for a person to act on:');
  failures(
    complaints.map(({ bucket, problem, count, reason }) => ({
      key: `${bucket}, by ${quantity(count, 'run')}`,
      code: problem,
      message: reason,
    })),
  );
}

/** Reads a line of output as JSON; undefined when it is none. */
export function parseLogLine(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
