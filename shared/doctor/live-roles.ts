import { basename } from 'node:path';
import { isRole, type Need, needsOf, serviceNeeds } from '../deploy/role-needs.ts';
import type { FunctionProps } from '../deploy/template.ts';
import { failure } from '../platform/errors.ts';
import { parsePolicy } from '../ram/policy.ts';
import { mostRemainingDays } from '../ram/retention-cap.ts';
import type { Rules } from '../rules/types.ts';
import type { LiveRole } from './account-port.ts';
import { type Check, type DoctorFinding, findingsForEach, fromError, linesOf } from './finding.ts';
import { matchedBuckets } from './matched-buckets.ts';
import { comparable, delegationOf, denied, deploymentOf, missingDenial, permissionInWords } from './roles.ts';
import { MissingPrerequisite, type World } from './world.ts';

const lines = linesOf('live role');

/** A role that a service takes on, and what it has to allow. */
interface Expected {
  readonly name: string;
  readonly service: string;
  readonly needs: readonly Need[];
  /** The file that the role is made from. */
  readonly file: string;
}

/** The roles in the account are there, are taken on by the right service, and allow what is needed. */
export const liveRolesCheck: Check = {
  name: 'live role',
  async run(world) {
    const { functions } = await world.template.need();
    try {
      const reader = await world.account.need();
      const [rules, buckets] = await Promise.all([world.rules.need(), matchedBuckets(world)]);
      const served = buckets.filter(({ region }) => region === world.region);
      const expected = [
        ...functions.flatMap((props): Expected[] => {
          const name = basename(props.code);
          if (!isRole(name)) return [];
          const needs = [
            ...needsOf(name, rules, served, deploymentOf(props)),
            ...serviceNeeds(delegationOf(props)),
          ];
          return [{ name: nameOf(props.role), service: 'fc.aliyuncs.com', needs, file: `ram/${name}.json` }];
        }),
        ...triggerRoles(functions),
      ];
      return await findingsForEach(
        lines,
        expected,
        ({ name }) => name,
        async (each) => judge(each, await reader.getRole(each.name), { region: world.region, rules }),
      );
    } catch (error) {
      if (!(error instanceof MissingPrerequisite)) throw error;
      return functions.map(unread);
    }
  },
};

const nameOf = (arn: string): string => arn.split('/').at(-1) ?? arn;

/** OSS takes a role on to fire a function. */
function triggerRoles(functions: readonly FunctionProps[]): Expected[] {
  const byRole = new Map<string, Need[]>();
  for (const { functionName, triggers } of functions) {
    for (const trigger of triggers) {
      if (trigger.triggerType !== 'oss') continue;
      const name = nameOf(trigger.invocationRole);
      const need = { resource: `functions/${functionName}`, action: 'fc:InvokeFunction' };
      byRole.set(name, [...(byRole.get(name) ?? []), need]);
    }
  }
  return [...byRole].map(([name, needs]) => ({
    name,
    service: 'oss.aliyuncs.com',
    needs,
    file: 'ram/trigger.json',
  }));
}

function judge(
  { name, service, needs, file }: Expected,
  role: LiveRole | undefined,
  { region, rules }: Pick<World, 'region'> & { readonly rules: Rules },
): DoctorFinding {
  if (role === undefined) return fromError(lines, name, failure('ROLE_MISSING', { role: name }));
  if (!role.services.includes(service)) {
    return fromError(lines, name, failure('ROLE_UNTRUSTED', { role: name, service }));
  }
  const policy = role.policies.flatMap((each) => parsePolicy(comparable(each.text, region), each.name));
  const missing = denied(policy, region, needs, mostRemainingDays(rules.limits.maxRetention));
  if (missing.length === 0) {
    const denial = missingDenial(policy, rules);
    return denial === undefined
      ? lines.ok(name, `allows what is needed, and ${service} may take it on`)
      : lines.warning(name, denial.found, `add ${denial.statement} to ${file}, and to the role`);
  }
  const what = missing.map(permissionInWords).join(', ');
  return fromError(lines, name, failure('ROLE_LACKS', { role: name, what, file }));
}

/** Without a reader a person has to look. */
function unread({ role, code }: FunctionProps): DoctorFinding {
  const name = nameOf(role);
  const command = `aliyun ram ListPoliciesForRole --RoleName ${name}, and compare with ram/${basename(code)}.json`;
  return lines.unchecked(name, 'what it holds is not read', command);
}
