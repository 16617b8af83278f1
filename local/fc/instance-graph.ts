import { performance } from 'node:perf_hooks';
import type { Logger } from './instance-log.ts';
import type { GraphInvocationContext } from './messages.ts';

/**
 * Makes the context that FunctionGraph hands to a Node.js function ("Developing Functions in Node.js"). The older methods for credentials,
 * `getAccessKey` and `getSecretKey`, are not kept up by the service and give nothing here.
 */
export function graphContext(
  { requestId, credentials, functionName, projectId, timeout, userData }: GraphInvocationContext,
  logger: Logger,
) {
  // Real time: virtual time may be moved meanwhile.
  const startedAt = performance.now();
  const elapsedMs = () => Math.floor(performance.now() - startedAt);
  return {
    getRequestID: () => requestId,
    getRemainingTimeInMilliSeconds: () => timeout * 1000 - elapsedMs(),
    getRunningTimeInSeconds: () => timeout,
    getAccessKey: () => '',
    getSecretKey: () => '',
    getSecurityAccessKey: () => credentials.accessKeyId,
    getSecuritySecretKey: () => credentials.accessKeySecret,
    getSecurityToken: () => credentials.securityToken,
    getToken: () => '',
    getUserData: (name: string) => userData[name],
    getFunctionName: () => functionName,
    getProjectID: () => projectId,
    getPackage: () => 'default',
    getVersion: () => 'latest',
    getAlias: () => '',
    getMemorySize: () => 256,
    getCPUNumber: () => 1,
    getLogger: () => logger,
  };
}
