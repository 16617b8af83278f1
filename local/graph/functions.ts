import { existsSync } from 'node:fs';
import { join, parse, resolve } from 'node:path';
import type { FunctionProps, OssTrigger, Template } from '../../shared/deploy/template.ts';
import type { Place } from '../fc/environment.ts';
import { functionGraphHost } from './host.ts';

/** Which new objects fire a function: a trigger of OBS is for one bucket, a prefix and a suffix. */
export interface ObsTrigger {
  readonly name: string;
  readonly bucket: string;
  readonly prefix: string;
  readonly suffix: string;
}

/** The functions of FunctionGraph, and what fires them besides their timers. */
export interface GraphFunctions {
  readonly template: Template;
  readonly triggers: ReadonlyMap<string, readonly ObsTrigger[]>;
}

/**
 * Reads the functions of an s.yaml as FunctionGraph runs them: the bundle in `huawei/` beside that for Function Compute, user data instead
 * of variables, at most three repetitions. Functions without such a bundle are left out.
 * @param codeRoot the folder that the `code` paths of the template start from
 */
export function graphFunctions({ functions }: Template, codeRoot: string, place: Place): GraphFunctions {
  const built = functions.flatMap((props) => {
    const code = graphCode(props.code);
    return existsSync(resolve(codeRoot, code, 'index.js')) ? [{ ...props, code }] : [];
  });
  return {
    template: { functions: built.map((props) => graphProps(props, place)) },
    triggers: new Map(
      built.map(({ functionName, triggers }) => [functionName, triggers.flatMap(obsTrigger)]),
    ),
  };
}

function graphCode(code: string): string {
  const { dir, base } = parse(code);
  return join(dir, 'huawei', base);
}

function graphProps(props: FunctionProps, place: Place): FunctionProps {
  const { asyncInvokeConfig: asynchronous, environmentVariables } = props;
  const destination = asynchronous.destinationConfig?.onFailure.destination.split('functions/')[1];
  const { maxAsyncRetryAttempts: attempts } = asynchronous;
  return {
    ...props,
    region: place.region,
    environmentVariables: { ...environmentVariables, HOLDFAST_REGION: place.region },
    triggers: props.triggers.filter(({ triggerType }) => triggerType === 'timer'),
    asyncInvokeConfig: {
      ...asynchronous,
      asyncTask: false,
      maxAsyncRetryAttempts: Math.min(attempts, functionGraphHost.mostRepetitions),
      destinationConfig:
        destination === undefined
          ? undefined
          : { onFailure: { destination: functionGraphHost.nameOf(place, destination) } },
    },
  };
}

/** A function of OBS is fired by what is created; a native trigger and one by EventBridge have one counterpart. */
function obsTrigger(trigger: FunctionProps['triggers'][number]): ObsTrigger[] {
  if (trigger.triggerType !== 'oss') return [];
  const { triggerName: name, sourceArn, triggerConfig }: OssTrigger = trigger;
  const isCreation = triggerConfig.events.some((event) => event.startsWith('oss:ObjectCreated:'));
  const { prefix, suffix } = triggerConfig.filter.key;
  return isCreation ? [{ name, bucket: sourceArn.split(':').at(-1) ?? '', prefix, suffix }] : [];
}
