import { evaluate, type Policy } from '../../shared/ram/policy.ts';
import type { Place } from './environment.ts';
import type { Refusal } from './signature-refusal.ts';

/** This is what the check of permissions needs to know. */
export interface FcAccess {
  readonly place: Place;
  /** Tells what the owner of an access key may do; undefined: everything. */
  policyOf(accessKeyId: string): Policy | undefined;
}

interface Asked {
  readonly accessKeyId: string;
  readonly method: string;
  /** This is what follows the version, in parts: `functions`, NAME, `triggers`, NAME. */
  readonly parts: readonly string[];
  /** The name of the function that CreateFunction makes, which only the body tells. */
  created(): string;
}

/**
 * Why a request is refused by its sender's policy; nothing when it is allowed. Invoking acts on the function, the calls
 * about tasks on its tasks (fc-docs, security, 19); the calls that deploy have the API's own names as actions, and act on the
 * function or its trigger.
 */
export function refuseAccess({ place, policyOf }: FcAccess, asked: Asked): Refusal | undefined {
  const policy = policyOf(asked.accessKeyId);
  if (policy === undefined) return undefined;
  const need = needOf(asked);
  const arn = `acs:fc:${place.region}:${place.accountId}:functions/${need?.resource ?? asked.parts[1] ?? '*'}`;
  if (need !== undefined && evaluate(policy, need.action, arn, {}) === 'Allow') return undefined;
  const action = need?.action ?? asked.parts.slice(2).join('/');
  return {
    status: 403,
    code: 'AccessDenied',
    message: `the caller is not authorized to perform ${action} on ${arn}`,
  };
}

/** The names of the API for the calls about a function, by method and what follows its name. */
const ofFunction: Readonly<Record<string, string>> = {
  'GET ': 'GetFunction',
  'PUT ': 'UpdateFunction',
  'DELETE ': 'DeleteFunction',
  'GET code': 'GetFunctionCode',
  'POST invocations': 'InvokeFunction',
  'GET triggers': 'ListTriggers',
  'POST triggers': 'CreateTrigger',
  'GET async-invoke-config': 'GetAsyncInvokeConfig',
  'PUT async-invoke-config': 'PutAsyncInvokeConfig',
  'DELETE async-invoke-config': 'DeleteAsyncInvokeConfig',
  'GET concurrency': 'GetConcurrencyConfig',
  'PUT concurrency': 'PutConcurrencyConfig',
  'DELETE concurrency': 'DeleteConcurrencyConfig',
  'GET vpc-bindings': 'ListVpcBindings',
  'GET scaling-config': 'GetScalingConfig',
  'GET provision-config': 'GetProvisionConfig',
  'GET aliases': 'ListAliases',
  'GET versions': 'ListFunctionVersions',
};

const ofTrigger: Readonly<Record<string, string>> = {
  GET: 'GetTrigger',
  PUT: 'UpdateTrigger',
  DELETE: 'DeleteTrigger',
};

const ofAccount: Readonly<Record<string, string>> = {
  'GET functions': 'ListFunctions',
  'POST functions': 'CreateFunction',
  'GET async-invoke-configs': 'ListAsyncInvokeConfigs',
  'GET concurrency-configs': 'ListConcurrencyConfigs',
  'GET scaling-configs': 'ListScalingConfigs',
  'GET provision-configs': 'ListProvisionConfigs',
  'GET tempBucketToken': 'GetTempBucketToken',
};

function needOf({ method, parts, created }: Asked): { action: string; resource: string } | undefined {
  const [collection = '', name, part = '', item] = parts;
  const named = (action: string | undefined, resource: string) =>
    action === undefined ? undefined : { action: `fc:${action}`, resource };
  if (collection !== 'functions' || name === undefined) {
    const action = ofAccount[`${method} ${collection}`];
    return named(action, action === 'CreateFunction' ? created() : '*');
  }
  if (part === 'async-tasks') {
    const action =
      item === undefined ? 'ListAsyncTasks' : method === 'GET' ? 'GetAsyncTask' : 'StopAsyncTask';
    return named(action, `${name}/async-tasks/${item ?? '*'}`);
  }
  if (part === 'triggers' && item !== undefined) return named(ofTrigger[method], `${name}/triggers/${item}`);
  return named(ofFunction[`${method} ${part}`], name);
}
