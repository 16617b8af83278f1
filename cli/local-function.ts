import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { startInstance } from '../local/fc/instance.ts';
import type { FunctionError, InvocationContext } from '../local/fc/messages.ts';
import type { OwnFunction } from '../shared/dead-letters/own-functions.ts';
import { objectIn } from '../shared/platform/address.ts';
import { systemClock } from '../shared/platform/clock.ts';
import { failure, type HoldfastError } from '../shared/platform/errors.ts';
import { type CloudOptions, identityFor } from './cloud-options.ts';

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

/** The built code of a function in a process of its own, one event at a time. */
export interface LocalFunction {
  readonly alive: boolean;
  run(event: Buffer): Promise<{ readonly logs: readonly string[]; readonly ending: Ending }>;
  kill(): Promise<void>;
}

/** It is as long as Function Compute would wait for the slower of the functions. */
const timeoutSeconds = 300;
/** Refuses what needs functions where only those of Function Compute can be run or called. */
export const functionsElsewhere = (what: string): HoldfastError =>
  failure('USAGE', {
    reason: `${what} reach functions of Function Compute alone, and obs:// has those of FunctionGraph (docs/obs.md)`,
    command: 'holdfast',
  });

const memoryMb = 512;

/** This is where the built functions are, a folder each. */
export const builtFunctions = resolve(import.meta.dirname, '..');

/**
 * Starts a built function with the caller's credentials. It runs as on Function Compute: initializer, then handler.
 * @throws FUNCTION_NOT_BUILT
 */
export function startFunction(name: OwnFunction, options: LocalOptions): LocalFunction {
  if (options.cloud !== 'oss') throw functionsElsewhere('holdfast simulate, and redrive replay,');
  const codeFolder = join(builtFunctions, name);
  const file = join(codeFolder, 'index.js');
  if (!existsSync(file)) throw failure('FUNCTION_NOT_BUILT', { name, file });
  const instance = startInstance({
    bootstrap: join(builtFunctions, 'local', 'instance.js'),
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

async function contextFor(name: string, { region, ...options }: LocalOptions): Promise<InvocationContext> {
  const identity = await identityFor(options, systemClock);
  const { accessKeyId, accessKeySecret, securityToken } = await identity.fresh();
  return {
    requestId: randomUUID(),
    // Function Compute always has a token; the functions take an empty one for none.
    credentials: { accessKeyId, accessKeySecret, securityToken: securityToken ?? '' },
    function: { name, handler: 'index.handler', memory: memoryMb, timeout: timeoutSeconds },
    service: { logProject: '', logStore: '', qualifier: 'LATEST', versionId: '' },
    region,
    accountId: '',
  };
}

function environmentFor({ cloud, region, endpoint, rules, write }: LocalOptions): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '',
    TZ: 'UTC',
    HOLDFAST_REGION: region,
    // The functions' default is the internal endpoint, which is reachable inside the region only.
    HOLDFAST_OSS_ENDPOINT: endpoint ?? `https://oss-${region}.aliyuncs.com`,
    HOLDFAST_RULES: objectIn(cloud, rules) ? rules : resolve(rules),
    HOLDFAST_DRY_RUN: String(write !== true),
    HOLDFAST_LOG_LEVEL: process.env['HOLDFAST_LOG_LEVEL'] ?? 'info',
  };
}

const readJson = (text: string): unknown => (text === '' ? null : JSON.parse(text));
