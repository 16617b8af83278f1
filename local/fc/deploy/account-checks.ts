import type { FunctionProps } from '../../../shared/deploy/template.ts';
import type { Policy } from '../../../shared/ram/policy.ts';
import type { LogProjects } from '../../logs/projects.ts';
import { type RamAccount, type RoleRecord, trusts } from '../../ram/account.ts';

/** The account that functions are deployed to, as far as they need it. */
interface Account {
  readonly accountId: string;
  readonly ram: RamAccount;
  readonly logProjects: LogProjects;
  /**
   * The functions of s.yaml, which run without anything having been set up: their roles and log projects count as there,
   * and such a role may do everything until RAM knows it.
   */
  template(): readonly FunctionProps[];
}

/** Tells whether what functions name is there, and what it may do. */
export interface AccountChecks {
  /** Says what is wrong with a role for a service that takes it on; undefined when nothing is. */
  roleProblem(arn: string, service: string): string | undefined;
  /** Says what is wrong with where a function logs to; undefined when nothing is. */
  logProblem(project: string, logstore: string): string | undefined;
  /** The permissions of a role by its ARN; undefined: it may do everything. A role that is gone may do nothing. */
  permissionsOf(arn: string | undefined): Policy | undefined;
}

/** Makes the checks of an account. The words about log projects are the service's (Serverless-Devs issue 294). */
export function createAccountChecks({ accountId, ram, logProjects, template }: Account): AccountChecks {
  const isAssumedRole = (arn: string) => template().some((props) => rolesOf(props).includes(arn));
  const isAssumedProject = (name: string) => template().some(({ logConfig }) => logConfig.project === name);
  const find = (arn: string): RoleRecord | undefined => {
    const name = new RegExp(`^acs:ram::${accountId}:role/([A-Za-z0-9.-]+)$`).exec(arn)?.[1];
    return name === undefined ? undefined : ram.role(name);
  };
  return {
    roleProblem(arn, service) {
      const role = find(arn);
      if (role) return trusts(role, service) ? undefined : `role '${arn}' does not trust ${service}`;
      return isAssumedRole(arn) ? undefined : `role '${arn}' does not exist`;
    },
    logProblem(name, logstore) {
      const project = logProjects.find(name);
      if (!project && isAssumedProject(name)) return undefined;
      if (!project || project.isForeign) return `project '${name}' does not exist`;
      const isThere = project.logstores.some((each) => each.name === logstore);
      return isThere ? undefined : `logstore '${logstore}' does not exist`;
    },
    permissionsOf(arn) {
      if (arn === undefined || arn === '') return [];
      const role = find(arn);
      if (role) return ram.permissionsOf(role);
      return isAssumedRole(arn) ? undefined : [];
    },
  };
}

const rolesOf = ({ role, triggers }: FunctionProps): string[] => [
  role,
  ...triggers.flatMap((trigger) => (trigger.triggerType === 'oss' ? [trigger.invocationRole] : [])),
];
