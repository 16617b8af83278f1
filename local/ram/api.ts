import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { parsePolicy } from '../../shared/ram/policy.ts';
import { type PolicyRecord, type RamAccount, type RoleRecord, systemPolicies } from './account.ts';

/** An answer of RAM: the status and the body, which the service sends as JSON. */
export interface RamAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Parameters of a call, as text. */
export type RamParameters = Readonly<Record<string, string | undefined>>;

/** A call that RAM refuses, with the service's code (RAM 2015-05-01, error codes). */
class RamRefusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** The version of RAM's API. */
export const ramVersion = '2015-05-01';

/** The account that the calls are about, and its time. */
interface RamPlace {
  readonly accountId: string;
  now(): Date;
}

type Action = (parameters: RamParameters) => Readonly<Record<string, unknown>>;

const mostVersions = 5;

/**
 * RAM's API as far as Holdfast's set-up, `holdfast doctor` and tests call it: roles, custom policies with their versions, and
 * what is attached to what (RAM 2015-05-01). Every document is read when it comes, so a policy that the embedded cloud
 * cannot judge is refused here and not where it would matter.
 */
export function createRamApi(ram: RamAccount, { accountId, now }: RamPlace) {
  const arnOf = (name: string) => `acs:ram::${accountId}:role/${name.toLowerCase()}`;
  const time = () => `${now().toISOString().slice(0, 19)}Z`;

  const findRole = (parameters: RamParameters): RoleRecord => {
    const name = required(parameters, 'RoleName');
    const role = ram.role(name);
    if (role) return role;
    throw new RamRefusal(404, 'EntityNotExist.Role', `The role not exists: ${name} .`);
  };
  const findPolicy = (parameters: RamParameters): PolicyRecord => {
    const name = required(parameters, 'PolicyName');
    const policy = ram.policy(name);
    if (policy) return policy;
    throw new RamRefusal(404, 'EntityNotExist.Policy', `The policy does not exist: ${name} .`);
  };
  const findVersion = (policy: PolicyRecord, parameters: RamParameters) => {
    const wanted = required(parameters, 'VersionId');
    const version = policy.versions.find(({ id }) => id === wanted);
    if (version) return version;
    throw new RamRefusal(404, 'EntityNotExist.Policy.Version', `The version does not exist: ${wanted} .`);
  };
  const holdersOf = (name: string) =>
    ram.roles().filter((role) => role.policies.some((each) => isPolicy(each, 'Custom', name)));

  const showRole = ({ name, trust, description, createdAt }: RoleRecord) => ({
    RoleId: name,
    RoleName: name,
    Arn: arnOf(name),
    Description: description,
    AssumeRolePolicyDocument: trust,
    CreateDate: createdAt,
  });
  const showPolicy = ({ name, description, defaultVersion }: PolicyRecord) => ({
    PolicyName: name,
    PolicyType: 'Custom',
    Description: description,
    DefaultVersion: defaultVersion,
    AttachmentCount: holdersOf(name).length,
  });
  const showVersion = (policy: PolicyRecord, id: string) => {
    const version = policy.versions.find((each) => each.id === id);
    return {
      VersionId: id,
      IsDefaultVersion: id === policy.defaultVersion,
      PolicyDocument: version?.document,
      CreateDate: version?.createdAt,
    };
  };
  const addVersion = (policy: PolicyRecord, document: string, isDefault: boolean): PolicyRecord => {
    const lastVersion = policy.lastVersion + 1;
    const id = `v${lastVersion}`;
    const versions = [...policy.versions, { id, document, createdAt: time() }];
    return { ...policy, lastVersion, versions, ...(isDefault && { defaultVersion: id }) };
  };

  const actions: Readonly<Record<string, Action>> = {
    CreateRole(parameters) {
      const name = nameOf(parameters, 'RoleName');
      if (ram.role(name)) {
        throw new RamRefusal(409, 'EntityAlreadyExists.Role', `The role already exists: ${name} .`);
      }
      const trust = trustOf(required(parameters, 'AssumeRolePolicyDocument'));
      const description = parameters['Description'] ?? '';
      const role = { name, trust, description, createdAt: time(), policies: [] };
      ram.saveRole(role);
      return { Role: showRole(role) };
    },
    CreateServiceLinkedRole(parameters) {
      const service = required(parameters, 'ServiceName');
      const name = serviceLinkedRoles[service];
      if (name === undefined) {
        throw new RamRefusal(
          400,
          'InvalidServiceName',
          `The service ${service} has no service-linked role here.`,
        );
      }
      if (ram.role(name)) {
        throw new RamRefusal(409, 'EntityAlreadyExists.Role', `The role already exists: ${name} .`);
      }
      const trust = {
        Version: '1',
        Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: [service] } }],
      };
      const role = { name, trust: JSON.stringify(trust), description: '', createdAt: time(), policies: [] };
      ram.saveRole(role);
      return { Role: showRole(role) };
    },
    GetRole: (parameters) => ({ Role: showRole(findRole(parameters)) }),
    ListRoles: () => ({ IsTruncated: false, Roles: { Role: ram.roles().map(showRole) } }),
    UpdateRole(parameters) {
      const role = findRole(parameters);
      const trust = parameters['NewAssumeRolePolicyDocument'];
      const description = parameters['NewDescription'] ?? role.description;
      const changed = { ...role, description, ...(trust !== undefined && { trust: trustOf(trust) }) };
      ram.saveRole(changed);
      return { Role: showRole(changed) };
    },
    DeleteRole(parameters) {
      const role = findRole(parameters);
      if (role.policies.length > 0) {
        throw new RamRefusal(409, 'DeleteConflict.Role.Policy', 'The role has policies attached.');
      }
      ram.removeRole(role.name);
      return {};
    },
    CreatePolicy(parameters) {
      const name = nameOf(parameters, 'PolicyName');
      if (ram.policy(name)) {
        throw new RamRefusal(409, 'EntityAlreadyExists.Policy', `The policy already exists: ${name} .`);
      }
      const document = documentOf(required(parameters, 'PolicyDocument'), name);
      const description = parameters['Description'] ?? '';
      const empty = { name, description, defaultVersion: '', lastVersion: 0, versions: [] };
      const policy = addVersion(empty, document, true);
      ram.savePolicy(policy);
      return { Policy: showPolicy(policy) };
    },
    GetPolicy(parameters) {
      if (parameters['PolicyType'] === 'System') {
        const name = required(parameters, 'PolicyName');
        const version = { VersionId: 'v1', IsDefaultVersion: true, PolicyDocument: systemDocument(name) };
        const policy = { PolicyName: name, PolicyType: 'System', DefaultVersion: 'v1' };
        return { Policy: policy, DefaultPolicyVersion: version };
      }
      const policy = findPolicy(parameters);
      const version = showVersion(policy, policy.defaultVersion);
      return { Policy: showPolicy(policy), DefaultPolicyVersion: version };
    },
    ListPolicies: () => ({ IsTruncated: false, Policies: { Policy: ram.policies().map(showPolicy) } }),
    DeletePolicy(parameters) {
      const { name, versions } = findPolicy(parameters);
      if (holdersOf(name).length > 0) {
        throw new RamRefusal(409, 'DeleteConflict.Policy.Role', 'The policy is attached to a role.');
      }
      if (versions.length > 1) {
        throw new RamRefusal(409, 'DeleteConflict.Policy.Version', 'The policy has more than one version.');
      }
      ram.removePolicy(name);
      return {};
    },
    CreatePolicyVersion(parameters) {
      const policy = findPolicy(parameters);
      const rotates = parameters['RotateStrategy'] === 'DeleteOldestNonDefaultVersionWhenLimitExceeded';
      const isFull = policy.versions.length >= mostVersions;
      if (isFull && !rotates) {
        throw new RamRefusal(409, 'LimitExceeded.Policy.Version', `The policy has ${mostVersions} versions.`);
      }
      const document = documentOf(required(parameters, 'PolicyDocument'), policy.name);
      const oldest = policy.versions.find(({ id }) => id !== policy.defaultVersion);
      const versions = isFull ? policy.versions.filter((each) => each !== oldest) : policy.versions;
      const changed = addVersion({ ...policy, versions }, document, parameters['SetAsDefault'] === 'true');
      ram.savePolicy(changed);
      return { PolicyVersion: showVersion(changed, `v${changed.lastVersion}`) };
    },
    GetPolicyVersion(parameters) {
      if (parameters['PolicyType'] === 'System') {
        const document = systemDocument(required(parameters, 'PolicyName'));
        return { PolicyVersion: { VersionId: 'v1', IsDefaultVersion: true, PolicyDocument: document } };
      }
      const policy = findPolicy(parameters);
      return { PolicyVersion: showVersion(policy, findVersion(policy, parameters).id) };
    },
    ListPolicyVersions(parameters) {
      const policy = findPolicy(parameters);
      return { PolicyVersions: { PolicyVersion: policy.versions.map(({ id }) => showVersion(policy, id)) } };
    },
    SetDefaultPolicyVersion(parameters) {
      const policy = findPolicy(parameters);
      ram.savePolicy({ ...policy, defaultVersion: findVersion(policy, parameters).id });
      return {};
    },
    DeletePolicyVersion(parameters) {
      const policy = findPolicy(parameters);
      const version = findVersion(policy, parameters);
      if (version.id === policy.defaultVersion) {
        throw new RamRefusal(409, 'DeleteConflict.PolicyVersion.Default', 'It is the default version.');
      }
      ram.savePolicy({ ...policy, versions: policy.versions.filter((each) => each !== version) });
      return {};
    },
    AttachPolicyToRole(parameters) {
      const role = findRole(parameters);
      const attached = attachedOf(parameters);
      if (attached.type === 'Custom') findPolicy(parameters);
      else systemDocument(attached.name);
      if (role.policies.some((each) => isPolicy(each, attached.type, attached.name))) {
        const message = `The policy ${attached.name} is attached to the role already.`;
        throw new RamRefusal(409, 'EntityAlreadyExists.Role.Policy', message);
      }
      ram.saveRole({ ...role, policies: [...role.policies, attached] });
      return {};
    },
    DetachPolicyFromRole(parameters) {
      const role = findRole(parameters);
      const { type, name } = attachedOf(parameters);
      const rest = role.policies.filter((each) => !isPolicy(each, type, name));
      if (rest.length === role.policies.length) {
        const message = `The policy ${name} is not attached to the role.`;
        throw new RamRefusal(404, 'EntityNotExist.Role.Policy', message);
      }
      ram.saveRole({ ...role, policies: rest });
      return {};
    },
    ListPoliciesForRole(parameters) {
      const { policies } = findRole(parameters);
      const shown = policies.map(({ type, name }) => ({
        PolicyName: name,
        PolicyType: type,
        DefaultVersion: type === 'System' ? 'v1' : (ram.policy(name)?.defaultVersion ?? ''),
      }));
      return { Policies: { Policy: shown } };
    },
  };

  return (name: string, parameters: RamParameters): RamAnswer => {
    const RequestId = randomUUID();
    const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
    try {
      if (!action) throw new RamRefusal(404, 'InvalidAction.NotFound', `There is no action ${name} here.`);
      return { status: 200, body: { RequestId, ...action(parameters) } };
    } catch (error) {
      if (!(error instanceof RamRefusal)) throw error;
      const { status, code: Code, message: Message } = error;
      return { status, body: { RequestId, HostId: 'ram.aliyuncs.com', Code, Message } };
    }
  };
}

/** The service-linked roles that Holdfast needs, by the service (Function Compute, "Service-linked role"). */
const serviceLinkedRoles: Readonly<Record<string, string>> = {
  'fc.aliyuncs.com': 'AliyunServiceRoleForFC',
};

const isPolicy = (each: { type: string; name: string }, type: string, name: string): boolean =>
  each.type === type && each.name.toLowerCase() === name.toLowerCase();

function attachedOf(parameters: RamParameters) {
  const type = required(parameters, 'PolicyType');
  if (type !== 'Custom' && type !== 'System') {
    throw new RamRefusal(400, 'InvalidParameter.PolicyType', 'PolicyType is Custom or System.');
  }
  return { type, name: required(parameters, 'PolicyName') } as const;
}

function systemDocument(name: string): string {
  const document = Object.hasOwn(systemPolicies, name) ? systemPolicies[name] : undefined;
  if (document !== undefined) return document;
  throw new RamRefusal(404, 'EntityNotExist.Policy', `The system policy ${name} is not known here.`);
}

function required(parameters: RamParameters, name: string): string {
  const value = parameters[name];
  if (value) return value;
  throw new RamRefusal(400, `MissingParameter.${name}`, `The parameter ${name} is required.`);
}

function nameOf(parameters: RamParameters, field: 'RoleName' | 'PolicyName'): string {
  const name = required(parameters, field);
  if (/^[A-Za-z0-9][A-Za-z0-9.-]{0,127}$/.test(name)) return name;
  const code = `InvalidParameter.${field}.InvalidChars`;
  throw new RamRefusal(400, code, `${field} has other characters than letters, digits and -.`);
}

const trustDocument = z.object({
  Statement: z
    .array(
      z.object({ Effect: z.literal('Allow'), Action: z.literal('sts:AssumeRole'), Principal: z.object({}) }),
    )
    .min(1),
});

function trustOf(text: string): string {
  try {
    trustDocument.parse(JSON.parse(text));
    return text;
  } catch {
    const message = 'The document is not one that lets somebody take on the role.';
    throw new RamRefusal(400, 'MalformedPolicyDocument', message);
  }
}

function documentOf(text: string, name: string): string {
  try {
    parsePolicy(text, `policy ${name}`);
    return text;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new RamRefusal(400, 'MalformedPolicyDocument', reason);
  }
}
