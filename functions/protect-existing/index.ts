import { isTask, readRequests } from '../../shared/fan-out/request.ts';
import type { Served, Service } from '../../shared/fan-out/serve.ts';
import { createInvoker } from '../../shared/function-compute/fc2.ts';
import { type FcContext, functionCompute, textOfBytes } from '../fc.ts';
import type { Invocation } from '../invocation.ts';
import { createRuntime } from '../runtime.ts';
import { type KeptFailure, protectExistingObjects } from './handle.ts';

const runtime = createRuntime('protect-existing', import.meta.dirname, functionCompute);

/** FC calls this once an instance, before the first event. */
export const initializer = (context: FcContext): Promise<void> => runtime.initialize(context);

/**
 * Protects existing objects; see {@link protectExistingObjects}.
 * @param event a task (shared/fan-out/task.ts), or an OSS event in any of its shapes, as JSON
 */
export const handler = (event: Uint8Array, context: FcContext): Promise<readonly (Served | KeptFailure)[]> =>
  runtime.invoke(context, (invocation) =>
    protectExistingObjects(invocation, {
      read: () => readRequests(event),
      isTask: isTask(event),
      text: textOfBytes(event),
      self: selfOf(invocation, context),
    }),
  );

/** Hands tasks to this function. Where neither account nor address is known there is nobody. */
function selfOf({ config, region }: Invocation, context: FcContext): Service['self'] {
  const { accountId, credentials, function: self } = context;
  const name = self?.name;
  if (name === undefined || (accountId === '' && config.functionsEndpoint === undefined)) return undefined;
  const endpoint = config.functionsEndpoint ?? `https://${accountId}.${region}-internal.fc.aliyuncs.com`;
  return { name, invoker: createInvoker({ region, accountId: accountId || '0', endpoint, credentials }) };
}
