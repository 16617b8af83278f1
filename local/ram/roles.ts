import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { failure } from '../../shared/platform/errors.ts';
import { type Policy, parsePolicy } from '../../shared/ram/policy.ts';

/** This is where the policies of functions are: a folder, or a file for each function by its name. */
export type PolicyFiles = string | Readonly<Record<string, string>>;

/** The roles that functions take on. */
export interface Roles {
  /** Tells what a principal of the keyring may do; undefined: everything. */
  policyOf(principal: string): Policy | undefined;
  /** The functions that run under a policy. */
  readonly functions: readonly string[];
  /**
   * Lets a function run under another policy, from its next request on.
   * @throws HoldfastError RAM_POLICY_INVALID, RAM_POLICY_NOT_IMPLEMENTED
   */
  attach(functionName: string, policy: string): void;
  /**
   * Lets the owner of an access key act under a policy, in OSS.
   * @throws HoldfastError RAM_POLICY_INVALID, RAM_POLICY_NOT_IMPLEMENTED
   */
  attachToUser(accessKeyId: string, policy: string): void;
}

/** It is known as far as s.yaml says it. */
export interface FunctionCode {
  readonly functionName: string;
  /** The folder of its code; in a folder of policies its own has the same name, and ends in .json. */
  readonly code: string;
}

/**
 * Reads the policies of functions. A function without a file may do everything, as without policies.
 * @param place fills ACCOUNT and REGION of the files; BUCKET, INVENTORY and EVIDENCE are every bucket here
 * @throws HoldfastError FILE_UNREADABLE, RAM_POLICY_INVALID, RAM_POLICY_NOT_IMPLEMENTED
 */
export function loadRoles(
  files: PolicyFiles | undefined,
  functions: readonly FunctionCode[],
  place: { readonly accountId: string; readonly region: string },
): Roles {
  const fill = (text: string) =>
    text
      .replaceAll('ACCOUNT', place.accountId)
      .replaceAll('REGION', place.region)
      .replaceAll(/BUCKET|INVENTORY|EVIDENCE/g, '*');
  const policies = new Map<string, Policy>();
  const users = new Map<string, Policy>();
  for (const each of functions) {
    const file = files === undefined ? undefined : policyFileOf(each, files);
    if (file !== undefined) policies.set(each.functionName, parsePolicy(fill(readPolicyFile(file)), file));
  }
  return {
    policyOf(principal) {
      if (principal.startsWith('user ')) return users.get(principal.slice('user '.length));
      const isFunction = principal.startsWith('function ');
      return isFunction ? policies.get(principal.slice('function '.length)) : undefined;
    },
    get functions() {
      return [...policies.keys()];
    },
    attach(functionName, policy) {
      policies.set(functionName, parsePolicy(fill(policy), `the policy of ${functionName}`));
    },
    attachToUser(accessKeyId, policy) {
      users.set(accessKeyId, parsePolicy(fill(policy), `the policy of ${accessKeyId}`));
    },
  };
}

/** Returns the file with the policy of a function; undefined when there is none. */
export function policyFileOf({ functionName, code }: FunctionCode, files: PolicyFiles): string | undefined {
  if (typeof files !== 'string') return files[functionName];
  const file = join(files, `${basename(code)}.json`);
  return existsSync(file) ? file : undefined;
}

/** @throws HoldfastError FILE_UNREADABLE */
export function readPolicyFile(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw failure(
      'FILE_UNREADABLE',
      { file, reason: cause instanceof Error ? cause.message : '' },
      { cause },
    );
  }
}
