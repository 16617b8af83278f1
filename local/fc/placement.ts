import { join, parse, resolve } from 'node:path';
import type { Template } from '../../shared/deploy/template.ts';
import { type Deployed, executionOf, requireFiles, startExecutor } from './deployed.ts';
import type { Executor } from './executor.ts';
import type { FunctionHost } from './host.ts';
import type { RunFunction } from './run-function.ts';
import type { RuntimeOptions } from './runtime-options.ts';
import { startTimers, type Timer } from './timers.ts';
import type { Weather } from './weather.ts';

interface PlacementDeps {
  readonly options: RuntimeOptions & { readonly host: FunctionHost };
  readonly weather: Weather;
  /** The functions by name; the placement alone changes them. */
  readonly functions: Map<string, RunFunction>;
  /** Queues the event of a timer that fires. */
  readonly submit: (functionName: string, trigger: string, event: Buffer) => void;
}

/** The functions that are in place, with their executors and timers: those of the template, and those deployed by hand. */
export interface Placement {
  deploy(props: RunFunction, codeFolder: string): Promise<void>;
  remove(functionName: string): Promise<void>;
  reload(template: Template, environment: Readonly<Record<string, string>>): void;
  isOfTemplate(functionName: string): boolean;
  executorOf(functionName: string): Executor;
  timers(): readonly Timer[];
  /** Ends all executors, those of replaced code too. */
  close(): Promise<void>;
}

/** Puts the functions of the template in place. @throws FUNCTION_NOT_BUILT */
export function createPlacement({ options, weather, functions, submit }: PlacementDeps): Placement {
  const { host, time } = options;
  let { environment } = options;
  const deployed = new Map<string, Deployed>();
  const ofTemplate = new Set<string>();
  /** Executors of code that was replaced; they end when their last request does. */
  const retiring = new Set<Executor>();
  time.onShift((offsetMs) => {
    for (const { executor } of deployed.values()) executor.shift(offsetMs);
    for (const executor of retiring) executor.shift(offsetMs);
  });

  const builtOf = (template: Template) =>
    template.functions.map((props) => {
      const codeFolder = resolve(options.codeRoot, props.code);
      const { dir, name } = parse(props.handler);
      requireFiles(props.functionName, [options.bootstrap, join(codeFolder, dir, `${name}.js`)]);
      return { props, codeFolder };
    });
  const retire = async (before: Deployed | undefined): Promise<void> => {
    if (!before) return;
    const { executor } = before;
    retiring.add(executor);
    await executor.retire();
    retiring.delete(executor);
  };
  const stopTimers = (before: Deployed | undefined) => {
    for (const timer of before?.timers ?? []) timer.stop();
  };
  const place = (props: RunFunction, codeFolder: string): Promise<void> => {
    const before = deployed.get(props.functionName);
    const executes = JSON.stringify([codeFolder, executionOf(props), environment]);
    const timed = JSON.stringify(props.triggers.filter(({ triggerType }) => triggerType === 'timer'));
    functions.set(props.functionName, props);
    const replaced = before?.executes === executes ? Promise.resolve() : retire(before);
    if (before?.timed !== timed) stopTimers(before);
    deployed.set(props.functionName, {
      props,
      codeFolder,
      executes,
      timed,
      executor:
        before?.executes === executes
          ? before.executor
          : startExecutor(props, codeFolder, { ...options, environment }, weather),
      timers: before?.timed === timed ? before.timers : startTimers(props, host, time, submit),
    });
    return replaced;
  };
  const placeOfTemplate = (built: ReturnType<typeof builtOf>) => {
    for (const { props, codeFolder } of built) {
      ofTemplate.add(props.functionName);
      void place(props, codeFolder);
    }
  };
  const remove = (functionName: string): Promise<void> => {
    const before = deployed.get(functionName);
    functions.delete(functionName);
    deployed.delete(functionName);
    ofTemplate.delete(functionName);
    stopTimers(before);
    return retire(before);
  };

  placeOfTemplate(builtOf(options.template));
  return {
    deploy(props, codeFolder) {
      ofTemplate.delete(props.functionName);
      return place(props, codeFolder);
    },
    remove,
    reload(template, variables) {
      const next = builtOf(template);
      environment = variables;
      const names = new Set(next.map(({ props }) => props.functionName));
      const byHand = [...deployed].filter(([name]) => !ofTemplate.has(name));
      for (const name of ofTemplate) if (!names.has(name)) void remove(name);
      for (const [, { props, codeFolder }] of byHand) void place(props, codeFolder);
      const handNames = new Set(byHand.map(([name]) => name));
      placeOfTemplate(next.filter(({ props }) => !handNames.has(props.functionName)));
    },
    isOfTemplate: (functionName) => ofTemplate.has(functionName),
    executorOf(functionName) {
      const found = deployed.get(functionName);
      if (!found) throw new RangeError(`there is no function ${functionName}`);
      return found.executor;
    },
    timers: () => [...deployed.values()].flatMap(({ timers }) => timers),
    async close() {
      const executors = [...[...deployed.values()].map(({ executor }) => executor), ...retiring];
      await Promise.all(executors.map((executor) => executor.close()));
    },
  };
}
