import { type PolicyRecord, type RamAccount, type RoleRecord, systemPolicies } from './account.ts';
import { type RamParameters, RamRefusal, required } from './call.ts';

/** Finds the role that a call names. @throws RamRefusal */
export function findRole(ram: RamAccount, parameters: RamParameters): RoleRecord {
  const name = required(parameters, 'RoleName');
  const role = ram.role(name);
  if (role) return role;
  throw new RamRefusal(404, 'EntityNotExist.Role', `The role not exists: ${name} .`);
}

/** Finds the custom policy that a call names. @throws RamRefusal */
export function findPolicy(ram: RamAccount, parameters: RamParameters): PolicyRecord {
  const name = required(parameters, 'PolicyName');
  const policy = ram.policy(name);
  if (policy) return policy;
  throw new RamRefusal(404, 'EntityNotExist.Policy', `The policy does not exist: ${name} .`);
}

/** Finds the document of a policy of the system. @throws RamRefusal when it is not known here */
export function systemDocument(name: string): string {
  const document = Object.hasOwn(systemPolicies, name) ? systemPolicies[name] : undefined;
  if (document !== undefined) return document;
  throw new RamRefusal(404, 'EntityNotExist.Policy', `The system policy ${name} is not known here.`);
}

/** Tells whether an attached policy is the one of this type and name. */
export const isPolicy = (each: { type: string; name: string }, type: string, name: string): boolean =>
  each.type === type && each.name.toLowerCase() === name.toLowerCase();
