import type { Credentials, InvocationContext } from './messages.ts';
import type { RunFunction } from './run-function.ts';

/** This is where the functions run. */
export interface Place {
  readonly region: string;
  readonly accountId: string;
}

/**
 * Returns the variables a function's process has: those the platform sets (Function Compute, environment variables),
 * the function's own, and the ones given over them. Nothing of this process's environment but PATH.
 */
export function functionEnvironment(
  props: RunFunction,
  place: Place,
  credentials: Credentials,
  instanceId: string,
  codeFolder: string,
  overrides: Readonly<Record<string, string>>,
): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '',
    TZ: 'UTC',
    ...props.environmentVariables,
    ALIBABA_CLOUD_ACCESS_KEY_ID: credentials.accessKeyId,
    ALIBABA_CLOUD_ACCESS_KEY_SECRET: credentials.accessKeySecret,
    ALIBABA_CLOUD_SECURITY_TOKEN: credentials.securityToken,
    FC_ACCOUNT_ID: place.accountId,
    FC_FUNCTION_HANDLER: props.handler,
    FC_FUNCTION_MEMORY_SIZE: String(props.memorySize),
    FC_FUNCTION_NAME: props.functionName,
    FC_FUNC_CODE_PATH: codeFolder,
    FC_INSTANCE_ID: instanceId,
    FC_REGION: place.region,
    FC_VER_ID: 'LATEST',
    ...overrides,
  };
}

/** Returns the context of one invocation. */
export function invocationContext(
  props: RunFunction,
  place: Place,
  credentials: Credentials,
  requestId: string,
): InvocationContext {
  return {
    requestId,
    credentials,
    function: {
      name: props.functionName,
      handler: props.handler,
      memory: props.memorySize,
      timeout: props.timeout,
    },
    service: {
      logProject: props.logConfig?.project ?? '',
      logStore: props.logConfig?.logstore ?? '',
      qualifier: 'LATEST',
      versionId: '',
    },
    region: place.region,
    accountId: place.accountId,
  };
}
