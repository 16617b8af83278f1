import { basename } from 'node:path';
import { approvalsIn } from '../approvals/name.ts';
import {
  type Delegation,
  type Deployment,
  isRole,
  type Need,
  needsOf,
  type Role,
  serviceNeeds,
} from '../deploy/role-needs.ts';
import type { FunctionProps } from '../deploy/template.ts';
import { mattersIn } from '../matters/name.ts';
import { parseObjectAddress } from '../platform/address.ts';
import type { Facts } from '../ram/conditions.ts';
import { evaluate, type Policy, parsePolicy } from '../ram/policy.ts';
import { capStatement, mostRemainingDays, remainingDaysKey, retentionAction } from '../ram/retention-cap.ts';
import { writeAction, writeDenial } from '../ram/write-denial.ts';
import type { ObjectPrefix, Rules } from '../rules/types.ts';
import { type Check, findingsForEach, linesOf } from './finding.ts';
import { functionName } from './functions.ts';
import { matchedBuckets } from './matched-buckets.ts';

const lines = linesOf('role');
/** The policies beside s.yaml allow what the rules need, on the buckets that they match now. */
export const rolesCheck: Check = {
  name: 'role',
  async run(world) {
    const [{ functions }, rules, buckets] = await Promise.all([
      world.template.need(),
      world.rules.need(),
      matchedBuckets(world),
    ]);
    const served = buckets.filter(({ region }) => region === world.region);
    return await findingsForEach(lines, functions, functionName, async (props) => {
      const name = basename(props.code);
      if (!isRole(name)) return [];
      const file = `ram/${name}.json`;
      const text = await world.policyText(name);
      if (text === undefined) return lines.unchecked(file, 'is not there', 'make it, as ram/README.md shows');
      const [hole] = /\b(?:BUCKET|INVENTORY)\b/.exec(text) ?? [];
      if (hole !== undefined) {
        return lines.unchecked(file, `still says ${hole}`, `name your own buckets in place of ${hole}`);
      }
      const policy = parsePolicy(comparable(text, world.region), file);
      const needs = [
        ...needsOf(name, rules, served, deploymentOf(props)),
        ...serviceNeeds(delegationOf(props)),
      ];
      const missing = denied(policy, world.region, needs, mostRemainingDays(rules.limits.maxRetention));
      if (missing.length > 0) {
        const what = missing.map(permissionInWords).join(', ');
        return lines.failure(file, `does not allow ${what}`, 'add it, and to the role');
      }
      if (writesRetention.has(name) && !isBounded(policy, rules)) {
        const statement = JSON.stringify(capStatement(rules.limits.maxRetention));
        const found = `does not bound retention by the cap of ${rules.limits.maxRetention.text}`;
        return lines.warning(file, found, `add ${statement}, and to the role`);
      }
      const denial = missingDenial(policy, rules);
      if (denial !== undefined) {
        return lines.warning(file, denial.found, `add ${denial.statement}, and to the role`);
      }
      return lines.ok(file, 'allows what the rules need');
    });
  },
};

/** Returns the facts about a function of s.yaml that decide what its role needs. */
export function deploymentOf({
  functionName: name,
  environmentVariables,
  triggers,
}: FunctionProps): Deployment {
  return {
    functionName: name,
    rulesAt: parseObjectAddress(environmentVariables['HOLDFAST_RULES'] ?? ''),
    inventories: triggers.flatMap((trigger) =>
      trigger.triggerType === 'oss' ? [trigger.sourceArn.split(':').at(-1) ?? ''] : [],
    ),
  };
}

/** Returns the facts about a function of s.yaml that decide what Function Compute does by its role. */
export function delegationOf({
  asyncInvokeConfig,
  logConfig: { project, logstore },
}: FunctionProps): Delegation {
  return {
    destination: asyncInvokeConfig.destinationConfig?.onFailure.destination.split('functions/')[1],
    log: { project: project.replace(accountVariable, '0'), logstore },
  };
}

/** The account, where it is not known here. */
const accountVariable = /\$\{config\([^}]*\)\}/;

/** Returns the text of a policy with its resources without the account: a role reaches no other account's. */
export function comparable(text: string, region: string): string {
  return text
    .replaceAll('ACCOUNT', '*')
    .replaceAll('REGION', region)
    .replaceAll(/(acs:(?:oss|fc|log):[^:"]*:)\d+:/g, '$1*:')
    .replaceAll(/(acs:log:[^"]*?)\d{10,}/g, '$1*');
}

/**
 * Lists what a policy does not allow of what is needed.
 * @param days the longest retention that the rules may ask for, in days from now
 */
export function denied(policy: Policy, region: string, needs: readonly Need[], days: number): Need[] {
  return needs.filter((each) => {
    const facts: Facts = {
      ...(each.prefix !== undefined && { 'oss:Prefix': each.prefix }),
      ...(each.action === retentionAction && { [remainingDaysKey]: days }),
    };
    return evaluate(policy, each.action, arnOf(each, region), facts) !== 'Allow';
  });
}

const writesRetention: ReadonlySet<Role> = new Set(['object-created', 'protect-existing']);

/** A role that may retain nothing beyond the cap, on any bucket. */
function isBounded(policy: Policy, { limits }: Rules): boolean {
  const facts = { [remainingDaysKey]: mostRemainingDays(limits.maxRetention) + 1 };
  return evaluate(policy, retentionAction, 'acs:oss:*:0:any/key', facts) === 'ExplicitDeny';
}

/** A statement that a role lacks, and what it may do without. */
export interface MissingDenial {
  readonly found: string;
  readonly statement: string;
}

/**
 * Returns the statement that a role lacks because it may write records of matters, or approvals where the rules ask for some; undefined
 * when it may not. People write them and no function does: whoever takes a function over could release a matter, or approve.
 */
export function missingDenial(policy: Policy, { audit, approvals }: Rules): MissingDenial | undefined {
  if (audit === undefined) return undefined;
  const mayWrite = ({ bucket, prefix }: ObjectPrefix, name: string) =>
    evaluate(policy, writeAction, `acs:oss:*:0:${bucket}/${prefix}${name}`, {}) === 'Allow';
  const denying = (folder: ObjectPrefix) => JSON.stringify(writeDenial(folder));
  const matters = mattersIn(audit);
  if (mayWrite(matters, 'case/released-0.json')) {
    return { found: 'may write records of matters', statement: denying(matters) };
  }
  const approved = approvalsIn(audit);
  if (approvals === undefined || !mayWrite(approved, 'key/0.json')) return undefined;
  return { found: 'may write approvals', statement: denying(approved) };
}

/** One resource of those that a need stands for. */
function arnOf({ action, resource }: Need, region: string): string {
  const example = resource === '*' ? '*' : resource.replace(/\*$/, 'x');
  const [service = ''] = action.split(':');
  return `acs:${service}:${service === 'oss' ? '*' : region}:0:${example}`;
}

/** Returns a permission in words. */
export const permissionInWords = ({ action, resource, prefix }: Need): string =>
  `${action} on ${resource}${prefix === undefined ? '' : ` (prefix ${prefix})`}`;
