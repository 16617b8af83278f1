import { resolve } from 'node:path';
import type { Template } from '../shared/deploy/template.ts';
import type { CloudName } from '../shared/platform/address.ts';
import type { CloudOptions } from './cloud-options.ts';
import type { Place } from './fc/environment.ts';
import { createInvocationLog } from './fc/invocations.ts';
import { createRuntime, type FunctionRuntime, remembered } from './fc/runtime.ts';
import type { DeliveryChecks } from './fc/undelivered.ts';
import { createFiring } from './graph/fire.ts';
import { type GraphFunctions, graphFunctions } from './graph/functions.ts';
import { functionGraphHost } from './graph/host.ts';
import type { Keyring } from './keyring.ts';
import type { ObsEvent } from './obs/events.ts';
import type { VirtualTime } from './virtual-time.ts';

/** The platforms that run the functions of an embedded cloud. */
export interface Platforms {
  /** Function Compute, without a function when OSS is not served. */
  readonly fc: FunctionRuntime;
  /** FunctionGraph, without a function when OBS is not served. */
  readonly graph: FunctionRuntime;
  /** Hands an event of OBS to the functions of FunctionGraph whose triggers take it. */
  onObsEvent(event: ObsEvent): void;
  /** Resolves when nothing runs on either. */
  idle(): Promise<void>;
  /**
   * Runs the functions of another s.yaml, by another rules file.
   * @throws HoldfastError FUNCTION_NOT_BUILT, and then nothing changes
   */
  reload(template: Template, rules: string | undefined): void;
  close(): Promise<void>;
}

interface PlatformOptions {
  readonly clouds: readonly CloudName[];
  readonly template: Template;
  /** The folder that the `code` paths of the template start from. */
  readonly codeRoot: string;
  /** The program of a function instance. */
  readonly bootstrap: string;
  readonly time: VirtualTime;
  readonly keyring: Pick<Keyring, 'issue'>;
  readonly checks: DeliveryChecks;
  /** The place of OSS and Function Compute. */
  readonly oss: Place & { readonly url: string };
  /** The place of OBS and FunctionGraph. */
  readonly obs: Place & { readonly url: string };
}

/** Starts both platforms. @throws HoldfastError FUNCTION_NOT_BUILT */
export function startPlatforms(
  {
    everyBucket = false,
    deliver = () => [0],
    weather = [],
    instanceLimit,
    processLimit,
    instances,
    timeLimit,
    onInvocation = () => undefined,
    onUndelivered,
    environment,
    rules,
  }: CloudOptions,
  { clouds, template, codeRoot, bootstrap, time, keyring, checks, oss, obs }: PlatformOptions,
): Platforms {
  const none: GraphFunctions = { template: { functions: [] }, triggers: new Map() };
  const graphOf = (each: Template) => (clouds.includes('obs') ? graphFunctions(each, codeRoot, obs) : none);
  const onCompute = (each: Template): Template => (clouds.includes('oss') ? each : { functions: [] });
  let onGraph = graphOf(template);
  const common = {
    codeRoot,
    bootstrap,
    time,
    log: createInvocationLog(remembered),
    everyBucket,
    deliver,
    weather,
    instanceLimit,
    processLimit,
    instances,
    timeLimit,
    onInvocation,
    onUndelivered,
  };
  const variablesBy = (file: string | undefined) => {
    const variables = { ...environment, ...(file !== undefined && { HOLDFAST_RULES: resolve(file) }) };
    return {
      fc: { ...variables, HOLDFAST_OSS_ENDPOINT: oss.url, HOLDFAST_FC_ENDPOINT: oss.url },
      graph: { ...variables, HOLDFAST_OBS_ENDPOINT: obs.url },
    };
  };
  const variables = variablesBy(rules);
  const fc = createRuntime({
    ...common,
    template: onCompute(template),
    place: oss,
    environment: variables.fc,
    issueCredentials: keyring.issue,
    checks,
  });
  const graph = createRuntime({
    ...common,
    host: functionGraphHost,
    template: onGraph.template,
    place: obs,
    environment: variables.graph,
    issueCredentials: (name) => keyring.issue(`huawei/${name}`),
  });
  return {
    fc,
    graph,
    onObsEvent: createFiring(graph, () => onGraph, everyBucket),
    reload(next, file) {
      const after = variablesBy(file);
      const nextOnGraph = graphOf(next);
      fc.reload(onCompute(next), after.fc);
      graph.reload(nextOnGraph.template, after.graph);
      onGraph = nextOnGraph;
    },
    async idle() {
      await Promise.all([fc.idle(), graph.idle()]);
    },
    async close() {
      await Promise.all([fc.close(), graph.close()]);
    },
  };
}
