import * as z from 'zod';
import { defaultActions } from '../../deploy/role-needs.ts';
import type { DefaultRule, Rules } from '../../rules/types.ts';

/** The policies of ram/, with what rules under `defaults` need beside them. */
export interface DefaultPermissions {
  readonly policies: ReadonlyMap<string, string>;
  /** The statement that the file of the timer has not, as JSON; undefined where nothing is added. */
  readonly added: string | undefined;
  /** Rules whose buckets a RAM policy cannot name by their globs, which have to be named by hand. */
  readonly byHand: readonly string[];
}

const file = 'policy-timer.json';
const policyForm = z.looseObject({
  Statement: z.array(
    z.looseObject({
      Effect: z.string(),
      Action: z.union([z.string(), z.array(z.string())]),
      Resource: z.array(z.string()).optional(),
    }),
  ),
});

/**
 * Adds to the policy of the timer what the rules under `defaults` need, on the buckets of these rules alone, unless it is there. Pure.
 * Putting a default retention and turning ObjectWorm on are one action, so nothing wider is given than what the globs say.
 */
export function withDefaultPermissions(
  policies: ReadonlyMap<string, string>,
  { defaults }: Rules,
): DefaultPermissions {
  const text = policies.get(file);
  const byHand = defaults.filter((rule) => !isSayable(rule)).map(({ name }) => name);
  if (text === undefined) return { policies, added: undefined, byHand };
  const policy = policyForm.parse(JSON.parse(text));
  const globs = new Set(defaults.filter(isSayable).flatMap(({ match }) => match.bucket.globs));
  const missing = [...globs].filter(
    (glob) =>
      !policy.Statement.some(
        ({ Effect, Action, Resource }) =>
          Effect === 'Allow' &&
          defaultActions.every((action) => [Action].flat().includes(action)) &&
          Resource?.some((resource) => resource.endsWith(`:${glob}`)) === true,
      ),
  );
  if (missing.length === 0) return { policies, added: undefined, byHand };
  const statement = {
    Effect: 'Allow',
    Action: defaultActions,
    Resource: missing.map((glob) => `acs:oss:*:ACCOUNT:${glob}`),
  };
  const filled = { ...policy, Statement: [...policy.Statement, statement] };
  return {
    policies: new Map([...policies, [file, JSON.stringify(filled)]]),
    added: JSON.stringify(statement),
    byHand,
  };
}

/** RAM knows `*` and `?` in resources, and nothing else of a glob; a bucket has no `/` at which they would stop. */
const isSayable = ({ match }: DefaultRule): boolean =>
  match.bucket.globs.every((glob) => /^[a-z0-9*?-]+$/.test(glob));
