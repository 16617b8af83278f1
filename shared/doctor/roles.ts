import { basename } from 'node:path';
import type { FunctionProps } from '../deploy/template.ts';
import { evaluate, parsePolicy } from '../ram/policy.ts';
import { concernedBuckets } from './concerned.ts';
import { type Check, each, linesOf } from './finding.ts';
import { functionName } from './functions.ts';
import { type Need, needsOf, type Role } from './needs.ts';

const lines = linesOf('role');
const roles: ReadonlySet<string> = new Set<Role>([
  'object-created',
  'policy-timer',
  'protect-existing',
  'dead-letter',
]);
const isRole = (name: string): name is Role => roles.has(name);

/** The policies beside s.yaml allow what the rules need, on the buckets that they match now. */
export const rolesCheck: Check = {
  name: 'role',
  async run(world) {
    const [{ functions }, rules, buckets] = await Promise.all([
      world.template.need(),
      world.rules.need(),
      concernedBuckets(world),
    ]);
    const served = buckets.filter(({ region }) => region === world.region);
    return await each(lines, functions, functionName, async ({ code }) => {
      const name = basename(code);
      if (!isRole(name)) return [];
      const file = `ram/${name}.json`;
      const text = await world.policyText(name);
      if (text === undefined) return lines.unchecked(file, 'is not there', 'make it, as ram/README.md shows');
      const [hole] = /\b(?:BUCKET|INVENTORY)\b/.exec(text) ?? [];
      if (hole !== undefined) {
        return lines.unchecked(file, `still says ${hole}`, `name your own buckets in place of ${hole}`);
      }
      const missing = denied(text, file, needsOf(name, rules, served));
      if (missing.length === 0) return lines.ok(file, 'allows what the rules need');
      return lines.failure(
        file,
        `does not allow ${missing.map(inWords).join(', ')}`,
        'add it, and to the role',
      );
    });
  },
};

const liveRoles = linesOf('live role');

/** What a role really holds is a matter of RAM, which Holdfast has no client for. */
export const liveRolesCheck: Check = {
  name: 'live role',
  async run({ template }) {
    const { functions } = await template.need();
    return functions.map(({ role, code }: FunctionProps) => {
      const name = role.split('/').at(-1) ?? role;
      const command = `aliyun ram ListPoliciesForRole --RoleName ${name}, and compare with ram/${basename(code)}.json`;
      return liveRoles.unchecked(name, 'what it holds is not read', command);
    });
  },
};

/** Placeholders for the account and the region stand for any. */
function denied(text: string, file: string, needs: readonly Need[]): Need[] {
  const policy = parsePolicy(text.replaceAll('ACCOUNT', '*').replaceAll('REGION', '*'), file);
  return needs.filter(
    ({ action, resource }) => evaluate(policy, action, `acs:oss:*:0:${resource}`, {}) !== 'Allow',
  );
}

const inWords = ({ action, resource }: Need): string => `${action} on ${resource}`;
