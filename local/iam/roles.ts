import { basename } from 'node:path';
import { type IamPolicy, iamAllows, parseIamPolicy } from '../../shared/ram/iam-policy.ts';
import { type FunctionCode, type PolicyFiles, policyFileOf, readPolicyFile } from '../ram/roles.ts';
import type { IamNeed } from './need.ts';

/**
 * This is where the policies of agencies are: a folder or files, as those of roles are, or their texts by the name of the folder of a
 * function's code.
 */
export type AgencyPolicies = PolicyFiles | ReadonlyMap<string, readonly string[]>;

/** The agencies that functions of FunctionGraph take on, and the policies of users. */
export interface Agencies {
  /** Tells whether a principal of the keyring may do something. Whoever has no policy may do everything. */
  may(principal: string, need: IamNeed): boolean;
  /** The functions that run under a policy. */
  readonly functions: readonly string[];
  /**
   * Lets a function run under another policy, from its next request on.
   * @throws HoldfastError IAM_POLICY_INVALID
   */
  attach(functionName: string, policy: string): void;
  /** Lets the owner of an access key act under a policy. @throws HoldfastError IAM_POLICY_INVALID */
  attachToUser(accessKeyId: string, policy: string): void;
}

/**
 * Reads the policies of functions. A function without a file may do everything, as without policies. BUCKET, INVENTORY and EVIDENCE of the files are
 * every bucket here.
 * @throws HoldfastError FILE_UNREADABLE, IAM_POLICY_INVALID
 */
export function loadAgencies(
  given: AgencyPolicies | undefined,
  functions: readonly FunctionCode[],
): Agencies {
  const fill = (text: string) => text.replaceAll(/BUCKET|INVENTORY|EVIDENCE/g, '*');
  const policies = new Map<string, IamPolicy>();
  const users = new Map<string, IamPolicy>();
  for (const each of functions) {
    const found = given === undefined ? [] : policiesFor(each, given);
    if (found.length > 0)
      policies.set(
        each.functionName,
        found.flatMap(({ text, name }) => parseIamPolicy(fill(text), name)),
      );
  }
  return {
    may(principal, need) {
      const [, kind, name = ''] = /^(function huawei\/|user )(.*)$/s.exec(principal) ?? [];
      const policy = (kind === 'user ' ? users : policies).get(name);
      return policy === undefined || iamAllows(policy, need.action, resourceOf(need));
    },
    get functions() {
      return [...policies.keys()];
    },
    attach(functionName, policy) {
      policies.set(functionName, parseIamPolicy(fill(policy), `the policy of ${functionName}`));
    },
    attachToUser(accessKeyId, policy) {
      users.set(accessKeyId, parseIamPolicy(fill(policy), `the policy of ${accessKeyId}`));
    },
  };
}

/** Returns the texts of the policies of one function, with names for messages; none: it may do everything. */
function policiesFor(
  each: FunctionCode,
  given: AgencyPolicies,
): readonly { readonly text: string; readonly name: string }[] {
  if (hasTexts(given)) {
    const texts = given.get(basename(each.code)) ?? [];
    return texts.map((text) => ({ text, name: `the policy of ${each.functionName}` }));
  }
  const file = policyFileOf(each, given);
  return file === undefined ? [] : [{ text: readPolicyFile(file), name: file }];
}

const hasTexts = (given: AgencyPolicies): given is ReadonlyMap<string, readonly string[]> =>
  given instanceof Map;

/** `obs:REGION:DOMAIN:bucket:NAME` or `obs:REGION:DOMAIN:object:NAME/KEY`; policies leave region and domain open. */
const resourceOf = ({ bucket, key }: IamNeed): string =>
  key === '' ? `obs:*:*:bucket:${bucket === '' ? '*' : bucket}` : `obs:*:*:object:${bucket}/${key}`;
