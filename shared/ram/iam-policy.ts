import * as z from 'zod';
import { failure } from '../platform/errors.ts';
import { allIssues } from '../platform/first-issue.ts';
import { readJson } from '../platform/read-json.ts';
import { matches } from './wildcard.ts';

const list = z.array(z.string().min(1)).min(1);

/** A custom policy of Huawei IAM, version 1.1 ("Policy Syntax"), without conditions. */
const document = z.strictObject({
  Version: z.literal('1.1'),
  Statement: z
    .array(
      z.strictObject({
        Effect: z.enum(['Allow', 'Deny']),
        Action: list,
        /** Absent: every resource. */
        Resource: list.default(['*']),
      }),
    )
    .min(1),
});

/** A permission policy of Huawei IAM. */
export type IamPolicy = readonly {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
}[];

/**
 * Reads a permission policy.
 * @param name for messages: the file
 * @throws HoldfastError IAM_POLICY_INVALID, also for a condition: leaving one out would let through what the service refuses
 */
export function parseIamPolicy(text: string, name: string): IamPolicy {
  const parsed = document.safeParse(
    readJson(text, (_reason, cause) =>
      failure('IAM_POLICY_INVALID', { file: name, reason: 'it is not JSON' }, { cause }),
    ),
  );
  if (parsed.success) return parsed.data.Statement;
  throw failure(
    'IAM_POLICY_INVALID',
    { file: name, reason: allIssues(parsed.error, 'the policy') },
    { cause: parsed.error },
  );
}

/**
 * Tells whether a policy allows an action on a resource: Deny wins, and what nobody allows is denied. The case of actions does not
 * count: newer policies write the verb with a small letter.
 * @param resource such as `obs:*:*:object:BUCKET/KEY`
 */
export function iamAllows(policy: IamPolicy, action: string, resource: string): boolean {
  const effects = policy
    .filter(
      ({ Action, Resource }) =>
        Action.some((pattern) => matches(pattern.toLowerCase(), action.toLowerCase())) &&
        Resource.some((pattern) => matches(pattern, resource)),
    )
    .map(({ Effect }) => Effect);
  return effects.includes('Allow') && !effects.includes('Deny');
}
