import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { type ReportLine, reportLine } from '../../shared/backfill/entry.ts';
import { type CloudName, formatAddress } from '../../shared/platform/address.ts';
import { visible } from '../../shared/platform/visible.ts';
import { color, prose } from '../terminal/output.ts';

/** Failures of one kind. */
export interface FailureKind {
  readonly code: string;
  readonly count: number;
  /** The first version that failed so. */
  readonly example: string;
  /** Why that one failed. */
  readonly reason: string;
  readonly remedy: string;
}

/** Groups the failures in the lines of a report by their codes, the commonest first. */
export async function failureKinds(cloud: CloudName, lines: AsyncIterable<string>): Promise<FailureKind[]> {
  const kinds = new Map<string, FailureKind>();
  for await (const line of lines) {
    if (line === '') continue;
    const { result, code = 'UNEXPECTED', ...failed } = reportLine.parse(JSON.parse(line));
    if (result !== 'failed') continue;
    const kind = kinds.get(code) ?? firstOf(cloud, code, failed);
    kinds.set(code, { ...kind, count: kind.count + 1 });
  }
  return [...kinds.values()].sort((one, other) => other.count - one.count);
}

const firstOf = (
  cloud: CloudName,
  code: string,
  failed: Omit<ReportLine, 'result' | 'code'>,
): FailureKind => ({
  code,
  count: 0,
  // It is in the JSON too, which has whole ids.
  example: visible(formatAddress(cloud, failed)),
  reason: failed.reason ?? 'no reason was given',
  remedy: failed.remedy ?? 'see the report',
});

/** Reads the failures back from the report, which has them of the processes before this one too. */
export const failuresIn = (cloud: CloudName, file: string): Promise<FailureKind[]> =>
  failureKinds(cloud, createInterface({ input: createReadStream(file) }));

/** Failures for people: how many of each kind, one of them, and what to do. */
export const failureLines = (kinds: readonly FailureKind[]): string[] =>
  kinds.flatMap(({ code, count, example, reason, remedy }) => [
    `${color.red(`${count} failed with ${code}`)}, for example ${example}`,
    prose(`  reason: ${reason}`),
    prose(`  what to do: ${remedy}`),
  ]);
