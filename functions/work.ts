import type { ReportLine } from '../shared/backfill/entry.ts';
import { createPace } from '../shared/backfill/pace/pace.ts';
import { createDeadline, type WorkDeadline } from '../shared/fan-out/deadline.ts';
import type { ShardTask } from '../shared/fan-out/task.ts';
import type { WorkDeps } from '../shared/fan-out/work.ts';
import { second } from '../shared/platform/instant.ts';
import type { Invocation } from './invocation.ts';

/** Left for what is under way when time is over, and for keeping the progress; less of a short time limit. */
const marginMs = 20 * second;
const marginShare = 0.2;

/** Returns the end of the work on existing objects, early enough for keeping the progress. */
export function workDeadline({ clock, deadline: end }: Invocation): WorkDeadline {
  const leftMs = end.getTime() - clock.now().getTime();
  return createDeadline(clock, new Date(end.getTime() - Math.min(marginMs, leftMs * marginShare)));
}

/**
 * Tells what work on existing objects needs, at the pace of one task.
 * @param openMatters tells which matters are open now
 */
export function workDeps(
  invocation: Invocation,
  deadline: WorkDeadline,
  { qps, concurrency }: Pick<ShardTask, 'qps' | 'concurrency'>,
  openMatters: WorkDeps['openMatters'],
): WorkDeps {
  const { clock, rules, storage: kept } = invocation;
  const pace = createPace({ clock, concurrency, qps, readsFirst: true });
  const storage = invocation.storageWith((each) => pace.around(deadline.around(each)));
  const { signal } = deadline;
  const { requests } = pace;
  const onLines = (lines: readonly ReportLine[]) => logLines(invocation, lines);
  return { storage, kept, rules, openMatters, clock, concurrency, signal, requests, onLines };
}

/** One line a version that changed, failed or is gone, as for an event. */
function logLines({ decided, log }: Invocation, lines: readonly ReportLine[]): void {
  for (const { result, ...line } of lines) {
    if (result === 'failed') decided('error', { ...line, action: 'failed' }, 'failed');
    else if (result === 'gone') decided('warn', { ...line, action: 'gone' }, 'gone');
    else if (result === 'protected') decided('info', { ...line, action: 'protect' }, 'protect');
    else log.info({ ...line, action: 'protect', dryRun: true }, 'protect');
  }
}
