import type { FunctionProps } from '../deploy/template.ts';
import { deployCommand } from '../deploy/tools.ts';
import type { DeployedAsyncConfig, DeployedFunction } from '../function-compute/catalog-port.ts';
import { cloudWords } from '../platform/cloud-words.ts';
import { readConfig } from '../platform/config.ts';
import { type Expected, settingDifferences } from './compare.ts';
import { type Check, findingsForEach, linesOf } from './finding.ts';

const lines = linesOf('function');
export const functionName = ({ functionName: name }: FunctionProps): string => name;

/** Every function of s.yaml is deployed, with the settings that s.yaml gives. */
export const functionsCheck: Check = {
  name: 'function',
  async run({ template, catalog }) {
    const [{ functions }, deployed] = await Promise.all([template.need(), catalog.need()]);
    return await findingsForEach(lines, functions, functionName, async (props) => {
      const name = props.functionName;
      const found = await deployed.getFunction(name);
      if (found === undefined) return lines.failure(name, 'is not deployed', deployCommand);
      const odd = settingDifferences(expected(props, found, await deployed.getAsyncConfig(name)));
      if (odd === undefined && isDry(props)) {
        const mend = `take HOLDFAST_DRY_RUN out of s.yaml, then ${deployCommand}`;
        return lines.warning(name, 'is deployed as s.yaml says, for a dry run: it writes nothing', mend);
      }
      return odd === undefined
        ? lines.ok(name, 'is deployed as s.yaml says')
        : lines.failure(name, `differs from s.yaml: ${odd}`, `${deployCommand}, or correct s.yaml`);
    });
  },
};

const isDry = ({ environmentVariables }: FunctionProps): boolean => readConfig(environmentVariables).dryRun;

function expected(
  props: FunctionProps,
  found: DeployedFunction,
  later: DeployedAsyncConfig | undefined,
): Expected {
  const { runtime, handler, role, timeout, memorySize, cpu, environmentVariables, asyncInvokeConfig } = props;
  const { maxAsyncRetryAttempts, maxAsyncEventAgeInSeconds, asyncTask, destinationConfig } =
    asyncInvokeConfig;
  return {
    runtime: [runtime, found.runtime],
    handler: [handler, found.handler],
    role: [role, found.role],
    timeout: [timeout, found.timeout],
    memorySize: [memorySize, found.memorySize],
    cpu: [cpu, found.cpu],
    ...variables(environmentVariables, found.environmentVariables),
    initializer: [props.instanceLifecycleConfig?.initializer?.handler, found.initializer],
    'log project': [props.logConfig.project, found.log.project],
    logstore: [props.logConfig.logstore, found.log.logstore],
    logBeginRule: [props.logConfig.logBeginRule, found.log.beginRule],
    maxAsyncRetryAttempts: [maxAsyncRetryAttempts, later?.maxAsyncRetryAttempts],
    maxAsyncEventAgeInSeconds: [maxAsyncEventAgeInSeconds, later?.maxAsyncEventAgeInSeconds],
    asyncTask: [asyncTask ?? false, later?.asyncTask ?? false],
    'failure destination': [destinationConfig?.onFailure.destination, later?.failureDestination],
  };
}

function variables(
  wanted: Readonly<Record<string, string>>,
  found: Readonly<Record<string, string>>,
): Expected {
  const names = new Set([...Object.keys(wanted), ...Object.keys(found)]);
  const own = (record: Readonly<Record<string, string>>, name: string) =>
    Object.hasOwn(record, name) ? record[name] : undefined;
  return Object.fromEntries([...names].sort().map((name) => [name, [own(wanted, name), own(found, name)]]));
}

const unasked = linesOf('functions');

/** The line that stands for all checks of functions, where they cannot be asked for. */
export const functionsUnchecked: Check = {
  name: 'functions',
  run: ({ storage }) => {
    const { functions } = cloudWords[storage.cloud];
    const line = unasked.unchecked(
      '-',
      `what is deployed on ${functions} cannot be looked at from here`,
      `look at functions, triggers and agency in the console of ${functions}, or with \`terraform plan\``,
    );
    return Promise.resolve([line]);
  },
};
