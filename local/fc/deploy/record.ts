import { randomUUID } from 'node:crypto';
import type { FunctionProps } from '../../../shared/deploy/template.ts';
import type { RunFunction } from '../run-function.ts';
import type { AsyncConfigRecord } from './async-config.ts';
import { toAsyncConfig } from './async-config.ts';
import type { CodePackage } from './code-store.ts';
import { type FunctionSettings, settingsOfProps, shownSettings } from './settings.ts';
import { recordOfTrigger, type TriggerRecord, toTrigger } from './trigger-record.ts';

/** This is where the code of a function is: the built folder that s.yaml names, or a package that was uploaded. */
export type DeployedCode =
  | { readonly kind: 'folder'; readonly folder: string }
  | ({ readonly kind: 'package' } & CodePackage);

/** A function as it is deployed, with everything that belongs to it. */
export interface FunctionRecord {
  readonly functionId: string;
  readonly settings: FunctionSettings;
  readonly code: DeployedCode;
  /** Virtual time, ISO 8601 in UTC. */
  readonly createdTime: string;
  readonly lastModifiedTime: string;
  readonly triggers: readonly TriggerRecord[];
  readonly asyncConfig?: AsyncConfigRecord | undefined;
  readonly reservedConcurrency?: number | undefined;
}

/** Returns the record of a function of s.yaml, as `s deploy` would make it. @param folder of its built code */
export function recordOfProps(props: FunctionProps, folder: string, now: Date): FunctionRecord {
  const time = now.toISOString();
  const times = { createdTime: time, lastModifiedTime: time };
  return {
    functionId: randomUUID(),
    settings: settingsOfProps(props),
    code: { kind: 'folder', folder },
    ...times,
    triggers: props.triggers.map((trigger) => recordOfTrigger(trigger, randomUUID(), time)),
    asyncConfig: { sent: props.asyncInvokeConfig, ...times },
    reservedConcurrency: props.concurrencyConfig?.reservedConcurrency,
  };
}

/** Returns the function as the runtime runs it. */
export function toRunFunction(record: FunctionRecord): RunFunction {
  const { settings, triggers, asyncConfig, reservedConcurrency } = record;
  const { memorySize, timeout, environmentVariables } = shownSettings(settings);
  const { functionName, handler, role, logConfig, instanceLifecycleConfig } = settings;
  const initializer = instanceLifecycleConfig?.initializer;
  return {
    functionName,
    handler,
    memorySize,
    timeout,
    role,
    environmentVariables,
    ...(initializer?.handler && {
      instanceLifecycleConfig: {
        initializer: { handler: initializer.handler, timeout: initializer.timeout },
      },
    }),
    ...(logConfig?.project && {
      logConfig: { project: logConfig.project, logstore: logConfig.logstore ?? '' },
    }),
    asyncInvokeConfig: toAsyncConfig(asyncConfig),
    ...(reservedConcurrency !== undefined && { concurrencyConfig: { reservedConcurrency } }),
    triggers: triggers.map(toTrigger).filter((trigger) => trigger !== undefined),
  };
}
