import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { onTestFinished } from 'vitest';
import { stringify } from 'yaml';
import { createRuntime, type FunctionRuntime } from '../../local/fc/runtime.ts';
import type { RuntimeOptions } from '../../local/fc/runtime-options.ts';
import type { InstanceKind } from '../../local/fc/sandbox.ts';
import { createKeyring } from '../../local/keyring.ts';
import { createVirtualTime, type VirtualTime } from '../../local/virtual-time.ts';
import { loadTemplate } from '../../shared/deploy/template.ts';
import { systemClock } from '../../shared/platform/clock.ts';
import { putInPlace } from './put-in-place.ts';

/** A function for a test: its code (CommonJS, exporting `handler`), and what differs from the defaults below. */
export interface TestFunction {
  readonly code: string;
  readonly triggers?: readonly unknown[];
  readonly props?: Readonly<Record<string, unknown>>;
}

const account = '1000000000000001';

/** A native OSS trigger of s.yaml for the bucket `records`. */
export function ossTrigger(changes: Readonly<Record<string, unknown>> = {}) {
  return {
    triggerName: 'uploads',
    triggerType: 'oss',
    sourceArn: `acs:oss:cn-hangzhou:${account}:records`,
    invocationRole: `acs:ram::${account}:role/trigger`,
    triggerConfig: { events: ['oss:ObjectCreated:PutObject'], filter: { key: { prefix: '', suffix: '' } } },
    ...changes,
  };
}

/** A timer trigger of s.yaml. */
export function timerTrigger(cronExpression: string, changes: Readonly<Record<string, unknown>> = {}) {
  return {
    triggerName: 'timer',
    triggerType: 'timer',
    triggerConfig: { cronExpression, enable: true, payload: '', ...changes },
  };
}

/** The props of a function in s.yaml, right in every way. */
export function functionProps(functionName: string, triggers: readonly unknown[]) {
  return {
    functionName,
    region: 'cn-hangzhou',
    runtime: 'nodejs20',
    handler: 'index.handler',
    code: `./${functionName}`,
    cpu: 0.25,
    memorySize: 256,
    // Minutes: no test is to meet the limit because the machine is slow.
    timeout: 600,
    role: `acs:ram::${account}:role/${functionName}`,
    environmentVariables: {} as Record<string, string>,
    logConfig: {
      project: 'logs',
      logstore: 'functions',
      enableRequestMetrics: true,
      enableInstanceMetrics: true,
      logBeginRule: 'None',
    },
    asyncInvokeConfig: { maxAsyncRetryAttempts: 3, maxAsyncEventAgeInSeconds: 86400 },
    triggers,
  };
}

/** The built programs of instances. */
export const programs = {
  processes: resolve('dist/local/instance.js'),
  threads: resolve('dist/local/instance-thread.js'),
};

/** The options of a runtime that a test sets. */
interface RuntimeChanges extends Partial<Omit<RuntimeOptions, 'instances'>> {
  readonly instances?: InstanceKind;
  readonly start?: Date;
}

/**
 * Starts the function runtime alone, on a virtual time of its own; both end with the test. Virtual time stands still until
 * the test advances it, so nothing falls due because an instance was slow to start.
 * @param options `instances`: threads unless given
 */
export function runtimeWith(
  functions: Readonly<Record<string, TestFunction>>,
  { instances = 'threads', ...options }: RuntimeChanges = {},
): FunctionRuntime & { readonly time: VirtualTime } {
  const { template, folder } = writeFunctions(functions);
  const started = systemClock.now();
  const time = createVirtualTime({
    start: options.start,
    idle: () => runtime.idle(),
    realNow: () => started,
  });
  const runtime = createRuntime({
    template: loadTemplate(template, { environment: {}, accountId: account }),
    codeRoot: folder,
    bootstrap: programs[instances],
    instances,
    place: { region: 'cn-hangzhou', accountId: account },
    time,
    environment: {},
    issueCredentials: createKeyring([]).issue,
    everyBucket: false,
    deliver: () => [0],
    onInvocation: () => undefined,
    ...options,
  });
  onTestFinished(async () => {
    time.close();
    await runtime.close();
  });
  return { ...runtime, time };
}

/** Writes s.yaml and the code of its functions into a folder that goes away with the test. */
export function writeFunctions(functions: Readonly<Record<string, TestFunction>>) {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-functions-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return writeFunctionsIn(folder, functions);
}

/** Writes functions and their s.yaml into a folder, which the caller removes. */
export function writeFunctionsIn(folder: string, functions: Readonly<Record<string, TestFunction>>) {
  const resources = Object.entries(functions).map(([name, { code, triggers, props }]) => {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, 'index.js'), code);
    return [
      name,
      { component: 'fc3@0.1.22', props: { ...functionProps(name, triggers ?? [ossTrigger()]), ...props } },
    ];
  });
  const template = join(folder, 's.yaml');
  const document = {
    edition: '3.0.0',
    name: 'test',
    access: 'default',
    resources: Object.fromEntries(resources),
  };
  putInPlace(template, stringify(document)); // a cloud may watch it
  return { template, folder };
}
