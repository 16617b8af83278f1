import * as z from 'zod';
import { type Policy, parsePolicy } from '../../shared/ram/policy.ts';

/** A role of the embedded RAM, and the policies that are attached to it. */
export interface RoleRecord {
  readonly name: string;
  /** Who may take it on: a JSON document. */
  readonly trust: string;
  readonly description: string;
  readonly createdAt: string;
  /** Names of custom policies, and of the system policies that are known here. */
  readonly policies: readonly AttachedPolicy[];
}

/** The name of an attached policy and its type. */
export interface AttachedPolicy {
  readonly type: 'Custom' | 'System';
  readonly name: string;
}

/** One version of a custom policy. */
export interface PolicyVersion {
  /** `v1`, `v2`, … */
  readonly id: string;
  readonly document: string;
  readonly createdAt: string;
}

/** A custom policy with at most five versions (RAM, limits). */
export interface PolicyRecord {
  readonly name: string;
  readonly description: string;
  readonly defaultVersion: string;
  /** This is how many versions it ever had. */
  readonly lastVersion: number;
  readonly versions: readonly PolicyVersion[];
}

/** Everything that the embedded RAM knows, as it is kept over a restart. */
export interface RamState {
  readonly roles: readonly RoleRecord[];
  readonly policies: readonly PolicyRecord[];
}

/** The roles and policies of the account. */
export interface RamAccount {
  role(name: string): RoleRecord | undefined;
  roles(): readonly RoleRecord[];
  saveRole(role: RoleRecord): void;
  removeRole(name: string): void;
  policy(name: string): PolicyRecord | undefined;
  policies(): readonly PolicyRecord[];
  savePolicy(policy: PolicyRecord): void;
  removePolicy(name: string): void;
  /** The permissions of a role by the default versions of its policies; without any it may do nothing. */
  permissionsOf(role: RoleRecord): Policy;
  state(): RamState;
}

/** The system policies that Holdfast's scripts and the component fc3 attach; the embedded RAM knows no others. */
export const systemPolicies: Readonly<Record<string, string>> = {
  AliyunOSSFullAccess: allowing('oss:*'),
  AliyunFCFullAccess: allowing('fc:*'),
  AliyunFCInvocationAccess: allowing('fc:InvokeFunction'),
  AliyunLogFullAccess: allowing('log:*'),
};

function allowing(action: string): string {
  return JSON.stringify({ Version: '1', Statement: [{ Effect: 'Allow', Action: action, Resource: '*' }] });
}

/** Names of roles and policies are the same in upper and lower case. */
const keyOf = (name: string): string => name.toLowerCase();

/** Makes the account's RAM. @param onChange called after each change */
export function createRamAccount(before: RamState, onChange: () => void): RamAccount {
  const roles = new Map(before.roles.map((role) => [keyOf(role.name), role]));
  const policies = new Map(before.policies.map((policy) => [keyOf(policy.name), policy]));
  const documentOf = ({ type, name }: AttachedPolicy): string | undefined => {
    if (type === 'System') return systemPolicies[name];
    const policy = policies.get(keyOf(name));
    return policy?.versions.find(({ id }) => id === policy.defaultVersion)?.document;
  };
  return {
    role: (name) => roles.get(keyOf(name)),
    roles: () => [...roles.values()],
    saveRole(role) {
      roles.set(keyOf(role.name), role);
      onChange();
    },
    removeRole(name) {
      roles.delete(keyOf(name));
      onChange();
    },
    policy: (name) => policies.get(keyOf(name)),
    policies: () => [...policies.values()],
    savePolicy(policy) {
      policies.set(keyOf(policy.name), policy);
      onChange();
    },
    removePolicy(name) {
      policies.delete(keyOf(name));
      onChange();
    },
    permissionsOf: (role) =>
      role.policies.flatMap((attached) => {
        const document = documentOf(attached);
        return document === undefined ? [] : parsePolicy(document, `policy ${attached.name}`);
      }),
    state: () => ({ roles: [...roles.values()], policies: [...policies.values()] }),
  };
}

/** Tells if a role may be taken on by a service, such as `fc.aliyuncs.com`. */
export function trusts({ trust }: RoleRecord, service: string): boolean {
  const principals = z.object({
    Statement: z.array(
      z.object({
        Principal: z.object({ Service: z.union([z.string(), z.array(z.string())]).optional() }),
      }),
    ),
  });
  const { data } = principals.safeParse(JSON.parse(trust));
  return data?.Statement.some(({ Principal }) => [Principal.Service].flat().includes(service)) ?? false;
}
