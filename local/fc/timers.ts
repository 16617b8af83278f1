import { nextRun, parseSchedule } from '../../shared/deploy/schedule.ts';
import type { VirtualTime } from '../virtual-time.ts';
import type { FunctionHost } from './host.ts';
import type { RunFunction } from './run-function.ts';

/** A timer trigger of a function. */
export interface Timer {
  readonly function: string;
  readonly trigger: string;
  /** Tells what it hands to the function when it fires now. */
  event(): Buffer;
  /** Lets it fire no more. */
  stop(): void;
}

/** Schedules the enabled timers of a function, each anew after it has fired; lists all, for those that fire them by hand. */
export function startTimers(
  { functionName, triggers }: RunFunction,
  host: FunctionHost,
  time: VirtualTime,
  submit: (functionName: string, trigger: string, event: Buffer) => void,
): Timer[] {
  return triggers.flatMap((trigger) => {
    if (trigger.triggerType !== 'timer') return [];
    const { cronExpression, enable, payload } = trigger.triggerConfig;
    const event = () =>
      Buffer.from(JSON.stringify(host.timerEvent(trigger.triggerName, payload, time.now())));
    const schedule = parseSchedule(cronExpression);
    let stop = () => {};
    const plan = (from: Date) => {
      const next = nextRun(schedule, from);
      if (!next) return;
      stop = time.at(next, () => {
        submit(functionName, trigger.triggerName, event());
        const following = nextRun(schedule, next);
        plan(following && following > time.now() ? next : time.now());
      });
    };
    if (enable) plan(time.now());
    return [{ function: functionName, trigger: trigger.triggerName, event, stop: () => stop() }];
  });
}
