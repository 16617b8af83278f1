import { evaluate, type Policy } from '../../shared/ram/policy.ts';
import type { Place } from './environment.ts';
import type { Refusal } from './signature-refusal.ts';

/** What the check of permissions needs to know. */
export interface FcAccess {
  readonly place: Place;
  /** What the owner of an access key may do; undefined: everything. */
  policyOf(accessKeyId: string): Policy | undefined;
}

interface Asked {
  readonly accessKeyId: string;
  readonly method: string;
  readonly functionName: string;
  /** What follows the function's name. */
  readonly path: string;
}

/**
 * Why a request is refused by its sender's policy; nothing when it is allowed. Invoking acts on the function, the calls
 * about tasks on its tasks (fc-docs, security, 19). No role of a function is allowed any other call.
 */
export function refuseAccess({ place, policyOf }: FcAccess, asked: Asked): Refusal | undefined {
  const policy = policyOf(asked.accessKeyId);
  if (policy === undefined) return undefined;
  const need = needOf(asked);
  const arn = `acs:fc:${place.region}:${place.accountId}:functions/${need?.resource ?? asked.functionName}`;
  if (need !== undefined && evaluate(policy, need.action, arn, {}) === 'Allow') return undefined;
  const message = `the caller is not authorized to perform ${need?.action ?? asked.path} on ${arn}`;
  return { status: 403, code: 'AccessDenied', message };
}

function needOf({ method, functionName, path }: Asked): { action: string; resource: string } | undefined {
  const [collection, taskId] = path.split('/');
  if (collection === 'invocations') return { action: 'fc:InvokeFunction', resource: functionName };
  if (collection !== 'async-tasks') return undefined;
  const action =
    taskId === undefined ? 'ListAsyncTasks' : method === 'GET' ? 'GetAsyncTask' : 'StopAsyncTask';
  return { action: `fc:${action}`, resource: `${functionName}/async-tasks/${taskId ?? '*'}` };
}
