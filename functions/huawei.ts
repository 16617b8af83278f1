import { configurationNames } from '../shared/platform/config.ts';
import { failure } from '../shared/platform/errors.ts';
import { connectObs } from '../shared/storage/obs/index.ts';
import type { OssCredentials } from '../shared/storage/oss/index.ts';
import type { FunctionPlatform } from './platform.ts';
import { createRuntime, type Runtime } from './runtime.ts';

/** This is what FunctionGraph hands to a handler, as far as Holdfast uses it ("Developing Functions in Node.js"). */
export interface GraphContext {
  getRequestID(): string;
  getRemainingTimeInMilliSeconds(): number;
  getFunctionName(): string;
  /** Credentials of the function's agency, which live for 24 hours. Without an agency there are none. */
  getSecurityAccessKey(): string | null | undefined;
  getSecuritySecretKey(): string | null | undefined;
  getSecurityToken(): string | null | undefined;
  /** The value of a variable of the function; absent, empty or null when it has none of this name. */
  getUserData(name: string): string | null | undefined;
}

/** This is what FunctionGraph waits for when it calls an initializer. */
export type GraphCallback = (error: unknown, result?: string) => void;

/** FunctionGraph over OBS. Its events come parsed, and its configuration as user data. */
export const functionGraph: FunctionPlatform<GraphContext> = {
  cloud: 'obs',
  keepsBeforeRepetition: true,
  requestIdOf: (context) => context.getRequestID(),
  callOf: (context) => ({
    requestId: context.getRequestID(),
    credentials: credentialsOf(context),
    functionName: context.getFunctionName(),
    limitMs: context.getRemainingTimeInMilliSeconds(),
    region: undefined,
    accountId: '',
    isDeployed: context.getFunctionName() !== '',
  }),
  variablesOf: (context) => ({
    ...otherUserData(),
    ...Object.fromEntries(configurationNames.map((name) => [name, context.getUserData(name) ?? undefined])),
  }),
  connect({ region, config: { obsEndpoint: endpoint } }, credentials) {
    return connectObs({ region, endpoint, credentials });
  },
};

/**
 * All user data, which the runtime keeps in one variable as JSON. `getUserData` gives only what is asked for by name, and a
 * misspelt name must not go unseen.
 */
function otherUserData(): Readonly<Record<string, string>> {
  try {
    const data: unknown = JSON.parse(process.env['RUNTIME_USERDATA'] ?? '{}');
    const entries = typeof data === 'object' && data !== null ? Object.entries(data) : [];
    return Object.fromEntries(
      entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
    );
  } catch {
    return {};
  }
}

/** @throws AGENCY_MISSING */
function credentialsOf(context: GraphContext): OssCredentials {
  const accessKeyId = context.getSecurityAccessKey();
  const accessKeySecret = context.getSecuritySecretKey();
  const securityToken = context.getSecurityToken() || undefined;
  if (!accessKeyId || !accessKeySecret) throw failure('AGENCY_MISSING', { name: context.getFunctionName() });
  return { accessKeyId, accessKeySecret, securityToken };
}

/** The edge of a function on FunctionGraph. */
export interface GraphRuntime extends Pick<Runtime<GraphContext>, 'invoke'> {
  /** Calls back when it is done: a promise of an initializer is not documented. */
  initializer(context: GraphContext, callback: GraphCallback): void;
}

/**
 * Makes the edge of a function on FunctionGraph.
 * @param name as in the logs' `function` key
 * @param codeFolder where the bundle and the rules file lie
 */
export function createGraphRuntime(name: string, codeFolder: string): GraphRuntime {
  const runtime = createRuntime(name, codeFolder, functionGraph);
  return {
    invoke: runtime.invoke,
    initializer(context, callback) {
      runtime.initialize(context).then(() => callback(null, ''), callback);
    },
  };
}

/** Returns an event of FunctionGraph as text. It came as JSON, and was parsed. */
export const textOfEvent = (event: unknown): string | undefined => JSON.stringify(event);
