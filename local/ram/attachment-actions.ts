import type { RamAccount } from './account.ts';
import { type RamAction, type RamParameters, RamRefusal, required } from './call.ts';
import { findPolicy, findRole, isPolicy, systemDocument } from './find.ts';

/** Returns the actions about what is attached to what (RAM 2015-05-01). */
export function attachmentActions(ram: RamAccount): Readonly<Record<string, RamAction>> {
  return {
    AttachPolicyToRole(parameters) {
      const role = findRole(ram, parameters);
      const attached = attachedOf(parameters);
      if (attached.type === 'Custom') findPolicy(ram, parameters);
      else systemDocument(attached.name);
      if (role.policies.some((each) => isPolicy(each, attached.type, attached.name))) {
        const message = `The policy ${attached.name} is attached to the role already.`;
        throw new RamRefusal(409, 'EntityAlreadyExists.Role.Policy', message);
      }
      ram.saveRole({ ...role, policies: [...role.policies, attached] });
      return {};
    },
    DetachPolicyFromRole(parameters) {
      const role = findRole(ram, parameters);
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
      const { policies } = findRole(ram, parameters);
      const shown = policies.map(({ type, name }) => ({
        PolicyName: name,
        PolicyType: type,
        DefaultVersion: type === 'System' ? 'v1' : (ram.policy(name)?.defaultVersion ?? ''),
      }));
      return { Policies: { Policy: shown } };
    },
  };
}

function attachedOf(parameters: RamParameters) {
  const type = required(parameters, 'PolicyType');
  if (type !== 'Custom' && type !== 'System') {
    throw new RamRefusal(400, 'InvalidParameter.PolicyType', 'PolicyType is Custom or System.');
  }
  return { type, name: required(parameters, 'PolicyName') } as const;
}
