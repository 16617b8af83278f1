import type { Trigger } from '../../shared/deploy/template.ts';
import type { CloudName } from '../../shared/platform/address.ts';
import type { RunFunction } from '../fc/run-function.ts';
import type { FunctionView } from './shown.ts';

/** Tells of a function and what fires it. */
export const functionView = (cloud: CloudName, { functionName, triggers }: RunFunction): FunctionView => ({
  cloud,
  name: functionName,
  triggers: triggers.map((trigger) => ({
    name: trigger.triggerName,
    type: trigger.triggerType,
    ...whenOf(trigger),
  })),
});

/** The schedule of a timer; what fires by events has none. */
const whenOf = (trigger: Trigger) =>
  trigger.triggerType === 'timer' ? { when: trigger.triggerConfig.cronExpression } : undefined;
