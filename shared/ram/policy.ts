import * as z from 'zod';
import { failure } from '../platform/errors.ts';
import { allIssues } from '../platform/first-issue.ts';
import { readJson } from '../platform/read-json.ts';
import { type Condition, type Facts, holds, isConditionKey, isOperator, operators } from './conditions.ts';
import { matches } from './wildcard.ts';

const list = z
  .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
  .transform((value) => [value].flat());
const values = z
  .union([
    z.string(),
    z.boolean(),
    z.number(),
    z.array(z.union([z.string(), z.boolean(), z.number()])).min(1),
  ])
  .transform((value) => [value].flat().map(String));

const document = z.strictObject({
  Version: z.literal('1'),
  Statement: z
    .array(
      z
        .strictObject({
          Effect: z.enum(['Allow', 'Deny']),
          Action: list.optional(),
          NotAction: list.optional(),
          Resource: list.optional(),
          NotResource: list.optional(),
          Condition: z.record(z.string(), z.record(z.string(), values)).optional(),
        })
        .refine(
          (each) => (each.Action === undefined) !== (each.NotAction === undefined),
          'a statement takes exactly one of Action and NotAction',
        )
        .refine(
          (each) => (each.Resource === undefined) !== (each.NotResource === undefined),
          'a statement takes exactly one of Resource and NotResource',
        ),
    )
    .min(1),
});

/** Patterns, and whether a text has to fit one of them or none. */
interface Selection {
  readonly patterns: readonly string[];
  readonly inverted: boolean;
}

interface Statement {
  readonly effect: 'Allow' | 'Deny';
  readonly actions: Selection;
  readonly resources: Selection;
  readonly conditions: readonly Condition[];
}

/** A permission policy of RAM, version 1. */
export type Policy = readonly Statement[];

/** The denials are the NoPermissionType of the service's replies. */
export type PermissionVerdict = 'Allow' | 'ExplicitDeny' | 'ImplicitDeny';

/**
 * Reads a permission policy.
 * @param name for messages: the file
 * @throws HoldfastError RAM_POLICY_INVALID; RAM_POLICY_NOT_IMPLEMENTED for conditions that are not understood here,
 *   since leaving one out would let through what the service refuses
 */
export function parsePolicy(text: string, name: string): Policy {
  const parsed = document.safeParse(
    readJson(text, (_reason, cause) =>
      failure('RAM_POLICY_INVALID', { file: name, reason: 'it is not JSON' }, { cause }),
    ),
  );
  if (!parsed.success) {
    throw failure(
      'RAM_POLICY_INVALID',
      { file: name, reason: allIssues(parsed.error, 'the policy') },
      { cause: parsed.error },
    );
  }
  return parsed.data.Statement.map((statement) => ({
    effect: statement.Effect,
    actions: selection(statement.Action, statement.NotAction),
    resources: selection(statement.Resource, statement.NotResource),
    conditions: Object.entries(statement.Condition ?? {}).flatMap(([operator, lines]) =>
      Object.entries(lines).map(([key, wanted]) => condition(name, operator, key, wanted)),
    ),
  }));
}

/**
 * Tells what a policy says to an action on a resource: Deny wins, and what nobody allows is denied (RAM, "Policy
 * evaluation").
 */
export function evaluate(policy: Policy, action: string, resource: string, facts: Facts): PermissionVerdict {
  const effects = policy
    .filter(
      ({ actions, resources, conditions }) =>
        selects(actions, action) &&
        selects(resources, resource) &&
        conditions.every((each) => holds(each, facts)),
    )
    .map(({ effect }) => effect);
  if (effects.includes('Deny')) return 'ExplicitDeny';
  return effects.includes('Allow') ? 'Allow' : 'ImplicitDeny';
}

const selection = (patterns: string[] | undefined, exceptions: string[] | undefined): Selection => ({
  patterns: patterns ?? exceptions ?? [],
  inverted: patterns === undefined,
});

const selects = ({ patterns, inverted }: Selection, text: string): boolean =>
  patterns.some((pattern) => matches(pattern, text)) !== inverted;

function condition(file: string, operator: string, key: string, wanted: readonly string[]): Condition {
  if (!isOperator(operator))
    throw failure('RAM_POLICY_NOT_IMPLEMENTED', { file, part: `operator ${operator}` });
  if (!isConditionKey(key))
    throw failure('RAM_POLICY_NOT_IMPLEMENTED', { file, part: `condition key ${key}` });
  const unfit = wanted.find((value) => !operators[operator].accepts(value));
  if (unfit !== undefined) {
    throw failure('RAM_POLICY_INVALID', {
      file,
      reason: `${operator} cannot compare ${key} with "${unfit}"`,
    });
  }
  return { operator, key, values: wanted };
}
