import * as z from 'zod';
import type { RamAccount, RoleRecord } from './account.ts';
import { nameOf, type RamAction, RamRefusal, required } from './call.ts';
import { findRole } from './find.ts';
import type { RamPlace } from './place.ts';

/** Returns the actions about roles (RAM 2015-05-01). */
export function roleActions(
  ram: RamAccount,
  { accountId, time }: RamPlace,
): Readonly<Record<string, RamAction>> {
  const arnOf = (name: string) => `acs:ram::${accountId}:role/${name.toLowerCase()}`;
  const showRole = ({ name, trust, description, createdAt }: RoleRecord) => ({
    RoleId: name,
    RoleName: name,
    Arn: arnOf(name),
    Description: description,
    AssumeRolePolicyDocument: trust,
    CreateDate: createdAt,
  });

  return {
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
    GetRole: (parameters) => ({ Role: showRole(findRole(ram, parameters)) }),
    ListRoles: () => ({ IsTruncated: false, Roles: { Role: ram.roles().map(showRole) } }),
    UpdateRole(parameters) {
      const role = findRole(ram, parameters);
      const trust = parameters['NewAssumeRolePolicyDocument'];
      const description = parameters['NewDescription'] ?? role.description;
      const changed = { ...role, description, ...(trust !== undefined && { trust: trustOf(trust) }) };
      ram.saveRole(changed);
      return { Role: showRole(changed) };
    },
    DeleteRole(parameters) {
      const role = findRole(ram, parameters);
      if (role.policies.length > 0) {
        throw new RamRefusal(409, 'DeleteConflict.Role.Policy', 'The role has policies attached.');
      }
      ram.removeRole(role.name);
      return {};
    },
  };
}

/** The service-linked roles that Holdfast needs, by the service (Function Compute, "Service-linked role"). */
const serviceLinkedRoles: Readonly<Record<string, string>> = {
  'fc.aliyuncs.com': 'AliyunServiceRoleForFC',
};

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
