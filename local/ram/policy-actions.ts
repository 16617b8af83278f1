import type { PolicyRecord, RamAccount } from './account.ts';
import { documentOf, nameOf, type RamAction, type RamParameters, RamRefusal, required } from './call.ts';
import { findPolicy, isPolicy, systemDocument } from './find.ts';
import type { RamPlace } from './place.ts';

const mostVersions = 5;

/**
 * Returns the actions about policies and their versions (RAM 2015-05-01). Every document is read when it comes, so a policy that the
 * embedded cloud cannot judge is refused here and not where it would matter.
 */
export function policyActions(ram: RamAccount, { time }: RamPlace): Readonly<Record<string, RamAction>> {
  const findVersion = (policy: PolicyRecord, parameters: RamParameters) => {
    const wanted = required(parameters, 'VersionId');
    const version = policy.versions.find(({ id }) => id === wanted);
    if (version) return version;
    throw new RamRefusal(404, 'EntityNotExist.Policy.Version', `The version does not exist: ${wanted} .`);
  };
  const holdersOf = (name: string) =>
    ram.roles().filter((role) => role.policies.some((each) => isPolicy(each, 'Custom', name)));

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

  return {
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
      const policy = findPolicy(ram, parameters);
      const version = showVersion(policy, policy.defaultVersion);
      return { Policy: showPolicy(policy), DefaultPolicyVersion: version };
    },
    ListPolicies: () => ({ IsTruncated: false, Policies: { Policy: ram.policies().map(showPolicy) } }),
    DeletePolicy(parameters) {
      const { name, versions } = findPolicy(ram, parameters);
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
      const policy = findPolicy(ram, parameters);
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
      const policy = findPolicy(ram, parameters);
      return { PolicyVersion: showVersion(policy, findVersion(policy, parameters).id) };
    },
    ListPolicyVersions(parameters) {
      const policy = findPolicy(ram, parameters);
      return { PolicyVersions: { PolicyVersion: policy.versions.map(({ id }) => showVersion(policy, id)) } };
    },
    SetDefaultPolicyVersion(parameters) {
      const policy = findPolicy(ram, parameters);
      ram.savePolicy({ ...policy, defaultVersion: findVersion(policy, parameters).id });
      return {};
    },
    DeletePolicyVersion(parameters) {
      const policy = findPolicy(ram, parameters);
      const version = findVersion(policy, parameters);
      if (version.id === policy.defaultVersion) {
        throw new RamRefusal(409, 'DeleteConflict.PolicyVersion.Default', 'It is the default version.');
      }
      ram.savePolicy({ ...policy, versions: policy.versions.filter((each) => each !== version) });
      return {};
    },
  };
}
