import { evaluate, type Policy } from '../../shared/ram/policy.ts';
import type { Place } from './environment.ts';
import type { Refusal } from './signature-refusal.ts';

/** This is what the check of permissions needs to know. */
export interface FcAccess {
  readonly place: Place;
  /** Tells what the owner of an access key may do; undefined: everything. */
  policyOf(accessKeyId: string): Policy | undefined;
}

/** This is what the body of a call says that permissions depend on. */
export interface Settings {
  /** The name of the function that CreateFunction makes; `*` where there is none, which no policy for certain functions allows. */
  readonly functionName: string;
  /** The ARNs of roles that a function or a trigger is to take on. */
  readonly roles: readonly string[];
}

/** Reads the settings from a body. One that cannot be read has none: it is refused for what it is, later. */
export function settingsIn(body: string): Settings {
  const { functionName, role, invocationRole } = objectIn(body);
  return {
    functionName: typeof functionName === 'string' ? functionName : '*',
    roles: [role, invocationRole].filter((one): one is string => typeof one === 'string' && one !== ''),
  };
}

function objectIn(body: string): Partial<Record<'functionName' | 'role' | 'invocationRole', unknown>> {
  try {
    const read: unknown = JSON.parse(body);
    return typeof read === 'object' && read !== null ? read : {};
  } catch {
    return {};
  }
}

interface Asked {
  readonly accessKeyId: string;
  readonly method: string;
  /** This is what follows the version, in parts: `functions`, NAME, `triggers`, NAME. */
  readonly parts: readonly string[];
  /** The settings in the body, which alone tell the name of a function that is made, and the roles that it is given. */
  settings(): Settings;
}

/**
 * Why a request is refused by its sender's policy; nothing when it is allowed. Invoking acts on the function, the calls
 * about tasks on its tasks (fc-docs, security, 19); the calls that deploy have the API's own names as actions, and act on the
 * function or its trigger. Whoever hands a role to a function or a trigger needs `ram:PassRole` on that role.
 */
export function refuseAccess({ place, policyOf }: FcAccess, asked: Asked): Refusal | undefined {
  const policy = policyOf(asked.accessKeyId);
  if (policy === undefined) return undefined;
  const need = needOf(asked);
  const arn = `acs:fc:${place.region}:${place.accountId}:functions/${need?.resource ?? asked.parts[1] ?? '*'}`;
  const isAllowed = (action: string, resource: string) => evaluate(policy, action, resource, {}) === 'Allow';
  if (need === undefined || !isAllowed(need.action, arn)) {
    return notAuthorized(need?.action ?? asked.parts.slice(2).join('/'), arn);
  }
  const kept = passesRoles.has(need.action)
    ? asked.settings().roles.find((role) => !isAllowed('ram:PassRole', role))
    : undefined;
  return kept === undefined ? undefined : notAuthorized('ram:PassRole', kept);
}

const notAuthorized = (action: string, resource: string): Refusal => ({
  status: 403,
  code: 'AccessDenied',
  message: `the caller is not authorized to perform ${action} on ${resource}`,
});

/** The calls that may hand a role on. */
const passesRoles: ReadonlySet<string> = new Set([
  'fc:CreateFunction',
  'fc:UpdateFunction',
  'fc:CreateTrigger',
  'fc:UpdateTrigger',
]);

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

function needOf({ method, parts, settings }: Asked): { action: string; resource: string } | undefined {
  const [collection = '', name, part = '', item] = parts;
  const named = (action: string | undefined, resource: string) =>
    action === undefined ? undefined : { action: `fc:${action}`, resource };
  if (collection !== 'functions' || name === undefined) {
    const action = ofAccount[`${method} ${collection}`];
    return named(action, action === 'CreateFunction' ? settings().functionName : '*');
  }
  if (part === 'async-tasks') {
    const action =
      item === undefined ? 'ListAsyncTasks' : method === 'GET' ? 'GetAsyncTask' : 'StopAsyncTask';
    return named(action, `${name}/async-tasks/${item ?? '*'}`);
  }
  if (part === 'triggers' && item !== undefined) return named(ofTrigger[method], `${name}/triggers/${item}`);
  return named(ofFunction[`${method} ${part}`], name);
}
