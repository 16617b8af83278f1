import type { Template } from '../shared/deploy/template.ts';
import { evaluate, type Policy } from '../shared/ram/policy.ts';
import { type AccountChecks, createAccountChecks } from './fc/deploy/account-checks.ts';
import { uploadPolicyOf } from './fc/deploy/code-upload.ts';
import type { FunctionRecord } from './fc/deploy/record.ts';
import type { Place } from './fc/environment.ts';
import type { DeliveryChecks, DeliveryRefusal } from './fc/undelivered.ts';
import { type KeptState, writeKept } from './kept-state.ts';
import { createLogProjects, type LogProjects } from './logs/projects.ts';
import { createRamAccount, type RamAccount } from './ram/account.ts';
import type { Roles } from './ram/roles.ts';

interface AccountOptions {
  readonly place: Place;
  /** The s.yaml whose functions run now. */
  template(): Template;
  /** The policies that functions run under whatever roles they have. */
  roles(): Roles;
  /** The state that was kept before. */
  readonly kept: KeptState;
  /** The folder that the state is kept in; it ends with the cloud without. */
  readonly folder: string | undefined;
  /** Everything that is deployed now. */
  deployed(): readonly FunctionRecord[];
  /** The ARN of a function's role. */
  roleOf(functionName: string): string | undefined;
}

/** The account besides its buckets and functions: roles, log projects, and who may do what. */
export interface Account {
  readonly ram: RamAccount;
  readonly logProjects: LogProjects;
  readonly checks: AccountChecks;
  readonly deliveries: DeliveryChecks;
  /** The permissions of a principal of the keyring; undefined: it may do everything. */
  policyOf(principal: string): Policy | undefined;
  /** Keeps the state as it is now. */
  keep(): void;
}

/** Makes the account. */
export function createAccount(options: AccountOptions): Account {
  const { place, template, roles, kept, folder } = options;
  const keep = () => {
    if (folder === undefined) return;
    const functions = options.deployed().filter(({ code }) => code.kind === 'package');
    writeKept(folder, { functions, ram: ram.state(), logProjects: logProjects.state() });
  };
  const ram = createRamAccount(kept.ram, keep);
  const logProjects = createLogProjects(kept.logProjects, keep);
  const { accountId } = place;
  const checks = createAccountChecks({ accountId, ram, logProjects, template: () => template().functions });
  /** A policy from a file goes before the role that a function has by RAM. */
  const policyOf = (principal: string) => {
    const own = roles().policyOf(principal);
    if (own !== undefined) return own;
    if (!principal.startsWith('function ')) return uploadPolicyOf(principal, place);
    return checks.permissionsOf(options.roleOf(principal.slice('function '.length)));
  };
  return {
    ram,
    logProjects,
    checks,
    deliveries: {
      toDestination: (name, target) =>
        mayInvoke(policyOf(`function ${name}`), target, `the role of function '${name}'`),
      byTrigger: (role, target) => mayInvoke(checks.permissionsOf(role), target, `the role '${role}'`),
    },
    policyOf,
    keep,
  };
}

/** Refuses a delivery that the policy of whoever makes it does not allow; without a policy everything is allowed. */
function mayInvoke(policy: Policy | undefined, target: string, who: string): DeliveryRefusal {
  if (policy === undefined || evaluate(policy, 'fc:InvokeFunction', target, {}) === 'Allow') return undefined;
  return {
    code: 'AccessDenied',
    message: `${who} is not authorized to perform fc:InvokeFunction on ${target}`,
  };
}
