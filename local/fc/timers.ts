import { nextRun, parseSchedule } from '../../shared/deploy/schedule.ts';
import type { FunctionProps } from '../../shared/deploy/template.ts';
import { formatInstant } from '../../shared/platform/instant.ts';
import type { VirtualTime } from '../virtual-time.ts';

/** A timer trigger of a function. */
export interface Timer {
  readonly function: string;
  readonly trigger: string;
  /** What it hands to the function when it fires now. */
  event(): Buffer;
}

/** Schedules the enabled timers, each anew after it has fired; lists all, for those that fire them by hand. */
export function startTimers(
  functions: readonly FunctionProps[],
  time: VirtualTime,
  submit: (functionName: string, trigger: string, event: Buffer) => void,
): Timer[] {
  return functions.flatMap(({ functionName, triggers }) =>
    triggers.flatMap((trigger) => {
      if (trigger.triggerType !== 'timer') return [];
      const { cronExpression, enable, payload } = trigger.triggerConfig;
      const event = () => timerPayload(trigger.triggerName, payload, time.now());
      const schedule = parseSchedule(cronExpression);
      const plan = (from: Date) => {
        const next = nextRun(schedule, from);
        if (!next) return;
        time.at(next, () => {
          submit(functionName, trigger.triggerName, event());
          const following = nextRun(schedule, next);
          plan(following && following > time.now() ? next : time.now());
        });
      };
      if (enable) plan(time.now());
      return [{ function: functionName, trigger: trigger.triggerName, event }];
    }),
  );
}

/** What a timer hands to its function (Function Compute, timer triggers). */
function timerPayload(triggerName: string, payload: string | undefined, now: Date): Buffer {
  return Buffer.from(
    JSON.stringify({ triggerTime: formatInstant(now), triggerName, payload: payload ?? '' }),
  );
}
