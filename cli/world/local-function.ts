import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { startInstance } from '../../local/fc/instance.ts';
import type { Credentials, FunctionError, WorkContext } from '../../local/fc/messages.ts';
import { inThreads } from '../../local/fc/thread-sandbox.ts';
import type { OwnFunction } from '../../shared/dead-letters/own-functions.ts';
import { setupIn } from '../../shared/init/clouds.ts';
import { type CloudName, objectIn } from '../../shared/platform/address.ts';
import { systemClock } from '../../shared/platform/clock.ts';
import { failure, type HoldfastError } from '../../shared/platform/errors.ts';
import { type CloudOptions, identityFor } from '../options/cloud-options.ts';
import { usage } from '../options/usage.ts';

export interface LocalOptions extends CloudOptions {
  /** A file, or the address of an object. The functions never fall back on the example in their code. */
  readonly rules: string;
  /** Undefined: no write goes through. */
  readonly write?: boolean;
  /** By how much the service's clock is ahead of this machine's. */
  readonly offsetMs?: number;
}

/** This is how a function ended: what it answered, or what it threw. */
export type Ending = { readonly result: unknown } | { readonly error: FunctionError };

/** The built code of a function in a thread of its own, which starts in a third of the time of a process; one event at a time. */
export interface LocalFunction {
  readonly alive: boolean;
  run(event: Buffer): Promise<{ readonly logs: readonly string[]; readonly ending: Ending }>;
  kill(): Promise<void>;
}

/** It is as long as the platform would wait for the slower of the functions. */
const timeoutSeconds = 300;

/** Refuses what needs functions where only those of Function Compute can be run or called. */
export const functionsElsewhere = (what: string): HoldfastError =>
  usage(
    `${what} is not offered on OBS: it reaches functions of Function Compute alone, and obs:// has those of FunctionGraph (docs/obs.md)`,
  );

const memoryMb = 512;

/** This is where the built functions are, a folder each. */
export const builtFunctions = resolve(import.meta.dirname, '..');

/**
 * Starts a built function with the caller's credentials. It runs as on the platform of its cloud: initializer, then handler.
 * @throws FUNCTION_NOT_BUILT, USAGE for rules on standard input, which the function cannot read
 */
export function startFunction(name: OwnFunction, options: LocalOptions): LocalFunction {
  if (options.rules === '-') throw usage('the function reads its rules itself: name a file with --rules');
  const codeFolder = join(builtFunctions, setupIn[options.cloud].bundles, name);
  const file = join(codeFolder, 'index.js');
  if (!existsSync(file)) throw failure('FUNCTION_NOT_BUILT', { name, file });
  const instance = startInstance({
    startSandbox: inThreads(join(builtFunctions, 'local', 'instance-thread.js')),
    codeFolder,
    environment: environmentFor(options),
    memorySize: memoryMb,
    offsetMs: options.offsetMs ?? 0,
  });
  const starting = contextFor(name, options).then((first) =>
    instance.initialize('index.initializer', first, timeoutSeconds * 1000),
  );
  let told = false;
  return {
    get alive() {
      return instance.alive;
    },
    async run(event) {
      const started = await starting;
      const before = told ? [] : started.logs;
      told = true;
      if (!started.ok) return { logs: before, ending: { error: started.error } };
      const context = await contextFor(name, options);
      const ended = await instance.invoke('index.handler', context, event, timeoutSeconds * 1000);
      return {
        logs: [...before, ...ended.logs],
        ending: ended.ok ? { result: readJson(ended.body.toString()) } : { error: ended.error },
      };
    },
    kill: () => instance.kill(),
  };
}

/** The form in which a platform gives a function its configuration and its context. */
interface FunctionForm {
  environmentOf(variables: Readonly<Record<string, string>>): Readonly<Record<string, string>>;
  contextOf(
    name: OwnFunction,
    credentials: Credentials,
    region: string,
    variables: Readonly<Record<string, string>>,
  ): WorkContext;
  /** The variable of the endpoint, and what it is unless one is named; the functions' own default is for the region alone. */
  endpointOf(endpoint: string | undefined, region: string): Readonly<Record<string, string>>;
}

const forms: Readonly<Record<CloudName, FunctionForm>> = {
  oss: {
    environmentOf: (variables) => variables,
    contextOf: (name, credentials, region) => ({
      requestId: randomUUID(),
      credentials,
      function: { name, handler: 'index.handler', memory: memoryMb, timeout: timeoutSeconds },
      service: { logProject: '', logStore: '', qualifier: 'LATEST', versionId: '' },
      region,
      accountId: '',
    }),
    endpointOf: (endpoint, region) => ({
      // The functions' default is the internal endpoint, which is reachable inside the region only.
      HOLDFAST_OSS_ENDPOINT: endpoint ?? `https://oss-${region}.aliyuncs.com`,
    }),
  },
  obs: {
    environmentOf: (variables) => ({ RUNTIME_USERDATA: JSON.stringify(variables) }),
    contextOf: (_name, credentials, _region, userData) => ({
      platform: 'function-graph',
      requestId: randomUUID(),
      credentials,
      // A function without a name was called by a command line: it tells its caller what failed.
      functionName: '',
      projectId: '',
      timeout: timeoutSeconds,
      userData,
    }),
    endpointOf: (endpoint) => (endpoint === undefined ? {} : { HOLDFAST_OBS_ENDPOINT: endpoint }),
  },
};

async function contextFor(name: OwnFunction, options: LocalOptions): Promise<WorkContext> {
  const identity = await identityFor(options, systemClock);
  const { accessKeyId, accessKeySecret, securityToken } = await identity.fresh();
  // Function Compute always has a token; the functions take an empty one for none.
  const credentials = { accessKeyId, accessKeySecret, securityToken: securityToken ?? '' };
  return forms[options.cloud].contextOf(name, credentials, options.region, variablesFor(options));
}

const environmentFor = (options: LocalOptions): Record<string, string> => ({
  PATH: process.env['PATH'] ?? '',
  TZ: 'UTC',
  ...forms[options.cloud].environmentOf(variablesFor(options)),
});

/** The variables that configure the function. */
const variablesFor = ({ cloud, region, endpoint, rules, write }: LocalOptions): Record<string, string> => ({
  HOLDFAST_REGION: region,
  ...forms[cloud].endpointOf(endpoint, region),
  HOLDFAST_RULES: objectIn(cloud, rules) ? rules : resolve(rules),
  HOLDFAST_DRY_RUN: String(write !== true),
  HOLDFAST_LOG_LEVEL: process.env['HOLDFAST_LOG_LEVEL'] ?? 'info',
});

const readJson = (text: string): unknown => (text === '' ? null : JSON.parse(text));
