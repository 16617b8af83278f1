import type { Progress } from '../../shared/backfill/checkpoint.ts';
import { second } from '../../shared/platform/instant.ts';
import { quantity } from '../../shared/platform/quantity.ts';
import { size } from '../../shared/report/words.ts';
import { color, type Report, table } from '../terminal/output.ts';
import type { PlannedRun } from './approval.ts';
import type { LeftOfApproved } from './approved-count.ts';
import { type FailureKind, failureLines } from './failures.ts';
import type { Places } from './options.ts';
import type { RunOutcome } from './store.ts';

interface Ended {
  readonly progress: RunOutcome;
  readonly places: Places;
  /** This is where the report was stored; none when that was not asked for. */
  readonly stored: readonly string[];
  readonly dryRun: boolean;
  /** The failures by kind, from the report. */
  readonly failures: readonly FailureKind[];
  /** They belong to a run that was handed to functions. */
  readonly shards?: Shards;
  /** The act that has to be approved before the run does what its dry run shows. */
  readonly toBeApproved?: PlannedRun | undefined;
  /** The versions that were approved and are not written any more. */
  readonly left?: LeftOfApproved | undefined;
}

export interface Shards {
  readonly total: number;
  readonly failed: readonly { readonly number: number; readonly status: string; readonly reason: string }[];
}

/** Tells what a whole run has come to, for people and machines. */
export function summary({
  progress,
  places,
  stored,
  dryRun,
  failures,
  shards,
  toBeApproved,
  left,
}: Ended): Report {
  const { tally, requests, elapsedMs } = progress;
  const { versions, changed, failed, gone, unseen, readBack, actions, rules } = tally;
  const report = { lines: places.report.lines, table: places.report.table, stored };
  const peakMemoryMb = Math.round(process.resourceUsage().maxRSS / 1024);
  const lost = shards?.failed ?? [];
  return {
    text: [
      ...tables(actions, rules),
      ...failureLines(failures),
      ...lost.map(shardLine),
      `${quantity(versions, 'version')}, ${changed} ${changedWord({ dryRun })}, ` +
        `${failed > 0 ? color.red(`${failed} failed`) : 'none failed'}${gone > 0 ? `, ${gone} gone` : ''}; ` +
        `${shards === undefined ? '' : `${quantity(shards.total, 'shard')}, ${lost.length} not done; `}${quantity(requests, 'request')} in ${(elapsedMs / second).toFixed(1)} s`,
      ...(unseen > 0
        ? [`${unseen} written without a look first, ${readBack} of them read back as proof`]
        : []),
      `report: ${[report.lines, report.table, ...stored].join(', ')}`,
      ...(toBeApproved === undefined ? [] : [needsApproval(toBeApproved)]),
    ].join('\n'),
    json: {
      dryRun,
      versions,
      changed,
      failed,
      failures,
      gone,
      unseen,
      readBack,
      actions,
      rules,
      requests,
      elapsedMs,
      peakMemoryMb,
      report,
      shards,
      ...toBeApproved,
      leftOfApproved: left,
    },
    exitCode: failed > 0 || lost.length > 0 ? 1 : 0,
  };
}

const needsApproval = (sizes: PlannedRun): string =>
  `the rules ask that somebody else approves this (${size(sizes)}): keep what --json prints, for \`holdfast approve\``;

/** Says of versions that they changed; in a dry run that they would. */
export const changedWord = ({ dryRun }: { readonly dryRun?: boolean }): string =>
  dryRun === true ? 'would change' : 'changed';

const shardLine = ({ number, status, reason }: Shards['failed'][number]): string =>
  `${color.red(`shard ${number} ${status.toLowerCase()}`)}: ${reason || 'no reason was given'}`;

function tables(actions: Readonly<Record<string, number>>, rules: Progress['tally']['rules']): string[] {
  if (Object.keys(actions).length === 0) return [];
  const byRule = Object.entries(rules)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([rule, counts]) => rows(counts).map(([action, count]) => [rule, action, count]));
  const whole = table(['action', 'versions'], rows(actions));
  return byRule.length === 0 ? [whole, ''] : [whole, '', table(['rule', 'action', 'versions'], byRule), ''];
}

function rows(counts: Readonly<Record<string, number>>): [string, string][] {
  return Object.entries(counts)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([action, count]) => [action, String(count)]);
}
