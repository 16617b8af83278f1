import * as z from 'zod';
import { HoldfastError } from '../../shared/platform/errors.ts';
import type { Facts } from '../../shared/ram/conditions.ts';
import { evaluate, type Policy, parsePolicy } from '../../shared/ram/policy.ts';
import { matches } from '../../shared/ram/wildcard.ts';
import { refuse } from './errors.ts';

const principals = z
  .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
  .transform((value) => [value].flat());
const document = z.looseObject({
  Version: z.literal('1'),
  Statement: z.array(z.looseObject({ Effect: z.enum(['Allow', 'Deny']), Principal: principals.optional() })),
});

interface BucketStatement {
  /** Patterns of the principals that it is for; `*` is everybody. */
  readonly principals: readonly string[];
  readonly isAllow: boolean;
  readonly hasConditions: boolean;
  readonly policy: Policy;
}

/** The policy of a bucket: statements as in RAM, each for some principals. */
export type BucketPolicy = readonly BucketStatement[];

/** The last policies that were read, by their text. */
const known = new Map<string, BucketPolicy>();
const MOST_KNOWN = 100;

/**
 * Reads the policy of a bucket. A statement without Principal is for everybody (Python SDK v2's suite).
 * @throws InvalidPolicyDocument; NotImplemented for conditions and elements that are not understood here
 */
export function readBucketPolicy(text: string): BucketPolicy {
  const read = known.get(text);
  if (read) return read;
  const parsed = document.safeParse(asJson(text)).data;
  if (!parsed) throw refuse('InvalidPolicyDocument');
  const policy = parsed.Statement.map(({ Principal = ['*'], ...statement }) => {
    if ('NotPrincipal' in statement) throw refuse('NotImplemented', { details: { Element: 'NotPrincipal' } });
    return {
      principals: Principal,
      isAllow: statement.Effect === 'Allow',
      hasConditions: 'Condition' in statement,
      policy: readStatement(statement),
    };
  });
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(text, policy);
  return policy;
}

function readStatement(statement: object): Policy {
  try {
    return parsePolicy(JSON.stringify({ Version: '1', Statement: [statement] }), 'the bucket policy');
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error;
    const isForeign = error.code === 'RAM_POLICY_NOT_IMPLEMENTED';
    throw refuse(isForeign ? 'NotImplemented' : 'InvalidPolicyDocument', { message: error.message });
  }
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Tells whether a policy allows something to everybody without a condition. */
export function isPublicPolicy(policy: BucketPolicy): boolean {
  return policy.some((each) => each.isAllow && !each.hasConditions && each.principals.includes('*'));
}

/**
 * Tells whether a bucket's policy denies an action. An Allow gives nothing here: the account's keys may do everything
 * anyway, functions have policies of their own, and strangers have the ACL.
 * @param names what the sender is called in policies; a stranger has no name
 */
export function denies(
  policy: BucketPolicy,
  names: readonly string[],
  action: string,
  resource: string,
  facts: Facts,
): boolean {
  return policy.some(
    (each) =>
      !each.isAllow &&
      each.principals.some((pattern) => pattern === '*' || names.some((name) => matches(pattern, name))) &&
      evaluate(each.policy, action, resource, facts) === 'ExplicitDeny',
  );
}
