import { basename } from 'node:path';
import { type FunctionProps, timerGapMs } from '../deploy/template.ts';
import { deployCommand } from '../deploy/tools.ts';
import type { RecordedRun } from '../function-compute/catalog-port.ts';
import { formatInstant, minute } from '../platform/instant.ts';
import { quantity } from '../platform/quantity.ts';
import { type Check, type DoctorFinding, findingsForEach, linesOf } from './finding.ts';

const lines = linesOf('timer');

/** The timer that locks policies has run lately, and not failed. */
export const timerCheck: Check = {
  name: 'timer',
  async run({ template, catalog, clock }) {
    const [{ functions }, deployed] = await Promise.all([template.need(), catalog.need()]);
    const timers = functions.filter(({ code }) => basename(code) === 'policy-timer');
    return await findingsForEach(lines, timers, nameOf, async (timer) =>
      judge(timer, await deployed.listRuns(timer.functionName), clock.now()),
    );
  },
};

const nameOf = ({ functionName }: FunctionProps): string => functionName;
const inFlight: ReadonlySet<string> = new Set(['Enqueued', 'Dequeued', 'Running', 'Retrying']);

function judge(timer: FunctionProps, runs: readonly RecordedRun[], now: Date): DoctorFinding {
  const { functionName: name, asyncInvokeConfig } = timer;
  const run = runs.find(({ status }) => !inFlight.has(status)) ?? runs[0];
  if (run === undefined) {
    return asyncInvokeConfig.asyncTask === true
      ? lines.failure(name, 'no run is recorded within 7 days', `holdfast invoke ${name}`)
      : lines.unchecked(
          name,
          'Function Compute records its runs only in task mode',
          `set asyncTask: true under asyncInvokeConfig in s.yaml, then ${deployCommand}`,
        );
  }
  const periodMs = periodOf(timer);
  const when = `last run at ${formatInstant(run.startedAt)}, ${run.status}`;
  const ageMs = now.getTime() - run.startedAt.getTime();
  if (periodMs !== undefined && ageMs > 2 * periodMs + minute) {
    const message = `${when}; it should run every ${quantity(periodMs / minute, 'minute')}`;
    return lines.failure(name, message, `holdfast invoke ${name}, and see whether its trigger is enabled`);
  }
  if (run.status === 'Succeeded') return lines.ok(name, when);
  return lines.warning(name, when, `holdfast plan, and the log of ${name}`);
}

/** The longest time between two runs; with several timers the densest one bounds it. */
function periodOf({ triggers }: FunctionProps): number | undefined {
  const gaps = triggers.flatMap((trigger) =>
    trigger.triggerType === 'timer' && trigger.triggerConfig.enable
      ? [timerGapMs(trigger.triggerConfig.cronExpression)]
      : [],
  );
  return gaps.length === 0 ? undefined : Math.min(...gaps);
}
