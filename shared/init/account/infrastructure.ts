import { basename } from 'node:path';
import * as z from 'zod';
import { bucketsOfPattern, readFilterPattern } from '../../deploy/event-pattern.ts';
import type { FunctionProps } from '../../deploy/template.ts';
import { failure } from '../../platform/errors.ts';
import type { Rules } from '../../rules/types.ts';
import { markAccount } from './account-id.ts';
import { type Alarm, alarms } from './alarms.ts';

/** A role, who takes it on, and what it may do, as JSON without blanks. */
export interface RoleToMake {
  readonly name: string;
  readonly trust: string;
  readonly policy: string;
}

/** A bucket that holds what Holdfast itself writes or is sent, and the folder of it that is emptied after some days. */
export interface BucketToMake {
  readonly name: string;
  readonly expire: { readonly id: string; readonly prefix: string; readonly days: number };
}

/** A daily list of the versions of a bucket. */
export interface InventoryToMake {
  readonly bucket: string;
  readonly destination: string;
}

/** Everything that functions need around them and that a deployment does not make. Texts name the account by its mark. */
export interface Infrastructure {
  readonly region: string;
  readonly log: { readonly project: string; readonly logstore: string };
  readonly roles: readonly RoleToMake[];
  /** The policy of whoever deploys. */
  readonly deployer: string;
  readonly buckets: readonly BucketToMake[];
  readonly inventories: readonly InventoryToMake[];
  /** The buckets whose uploads fire a function; versioning and ObjectWorm have to be on there. */
  readonly protectedBuckets: readonly string[];
  readonly alarms: readonly Alarm[];
  /** This is what cannot be undone, for the buckets that somebody has named. */
  readonly irreversible: { readonly versioning: readonly string[]; readonly objectWorm: readonly string[] };
}

export interface SetupGiven {
  readonly rules: Rules;
  /** They are the functions of s.yaml, with the account as its variable or as a number. */
  readonly functions: readonly FunctionProps[];
  /** The files of ram/ by their names. */
  readonly policies: ReadonlyMap<string, string>;
  readonly enableVersioning: readonly string[];
  readonly enableObjectWorm: readonly string[];
}

/** The columns of an inventory that Holdfast reads and that OSS does not write unasked (OSS, PutBucketInventory). */
export const inventoryFields = ['Size', 'LastModifiedDate', 'TaggingCount', 'ObjectType'] as const;
/** The folder of the inventories in their bucket. */
export const inventoryPrefix = 'inventory';

/**
 * Works out what has to be there for the functions of an s.yaml under these rules. Pure.
 * @throws SETUP_INCOMPLETE, USAGE
 */
export function infrastructureOf(given: SetupGiven): Infrastructure {
  const { functions, rules } = given;
  const [first] = functions;
  if (first === undefined) throw failure('SETUP_INCOMPLETE', { reason: 's.yaml has no function' });
  const protectedBuckets = bucketsOf(functions, 'object-created');
  const inventoryBuckets = bucketsOf(functions, 'protect-existing');
  for (const bucket of [...given.enableVersioning, ...given.enableObjectWorm]) {
    if (protectedBuckets.includes(bucket)) continue;
    const reason = `${bucket} is no bucket whose uploads s.yaml brings: ${protectedBuckets.join(', ') || 'there is none'}`;
    throw failure('USAGE', { reason });
  }
  const { project, logstore } = first.logConfig;
  const fill = policyFiller(given.policies, { region: first.region, protectedBuckets, inventoryBuckets });
  const [destination] = inventoryBuckets;
  return {
    region: first.region,
    log: { project: markAccount(project), logstore },
    roles: [
      ...functions.map(({ role, code }) => roleOf(role, fill(basename(code)), fill('trust-functions'))),
      ...invocationRoles(functions).map((role) => roleOf(role, fill('trigger'), fill('trust-trigger'))),
      ...(destination === undefined
        ? []
        : [roleOf('holdfast-inventory', fill('inventory'), fill('trust-trigger'))]),
    ],
    deployer: fill('deployer'),
    buckets: [
      ...(rules.deadLetters === undefined ? [] : [lettersBucket(rules.deadLetters)]),
      ...inventoryBuckets.map((name) => ({
        name,
        expire: { id: 'holdfast-inventory', prefix: `${inventoryPrefix}/`, days: 30 },
      })),
    ],
    inventories: destination === undefined ? [] : protectedBuckets.map((bucket) => ({ bucket, destination })),
    protectedBuckets,
    alarms: alarms.filter((alarm) =>
      functions.some(({ code }) => basename(code) === (alarm.of ?? basename(code))),
    ),
    irreversible: { versioning: given.enableVersioning, objectWorm: given.enableObjectWorm },
  };
}

const lettersBucket = ({ bucket, prefix }: { bucket: string; prefix: string }): BucketToMake => ({
  name: bucket,
  expire: { id: 'holdfast-fan-out', prefix: `${prefix}fan-out/`, days: 60 },
});

const roleOf = (arn: string, policy: string, trust: string): RoleToMake => ({
  name: arn.split('/').at(-1) ?? arn,
  trust,
  policy,
});

const invocationRoles = (functions: readonly FunctionProps[]): string[] => [
  ...new Set(
    functions.flatMap(({ triggers }) =>
      triggers.flatMap((trigger) => (trigger.triggerType === 'oss' ? [trigger.invocationRole] : [])),
    ),
  ),
];

/** The buckets whose events come to a function, by its triggers. */
function bucketsOf(functions: readonly FunctionProps[], name: string): string[] {
  const triggers = functions.filter(({ code }) => basename(code) === name).flatMap((each) => each.triggers);
  const buckets = triggers.flatMap((trigger): string[] => {
    if (trigger.triggerType === 'oss') return [trigger.sourceArn.split(':').at(-1) ?? ''];
    if (trigger.triggerType !== 'eventbridge') return [];
    const pattern = readFilterPattern(trigger.triggerConfig.eventRuleFilterPattern);
    return (pattern && bucketsOfPattern(pattern)) ?? [];
  });
  return [...new Set(buckets)];
}

interface Places {
  readonly region: string;
  readonly protectedBuckets: readonly string[];
  readonly inventoryBuckets: readonly string[];
}

const policyFile = z.looseObject({
  Statement: z.array(z.looseObject({ Resource: z.array(z.string()).optional() })),
});

/** @returns a function that gives the text of a policy by its name, with the buckets of s.yaml where the file has none */
function policyFiller(policies: ReadonlyMap<string, string>, places: Places): (name: string) => string {
  return (name) => {
    const text = policies.get(`${name}.json`);
    if (text === undefined) throw failure('SETUP_INCOMPLETE', { reason: `there is no ram/${name}.json` });
    const { Statement, ...rest } = policyFile.parse(JSON.parse(text));
    const filled = Statement.flatMap(({ Resource, ...statement }) => {
      if (Resource === undefined) return [statement];
      const resources = Resource.flatMap((resource) => resourcesFor(resource, places));
      return resources.length === 0 ? [] : [{ ...statement, Resource: resources }];
    });
    return JSON.stringify({ ...rest, Statement: filled });
  };
}

function resourcesFor(resource: string, { region, protectedBuckets, inventoryBuckets }: Places): string[] {
  const here = markAccount(resource).replace(/^(acs:\w+:)REGION\b/, `$1${region}`);
  for (const [hole, buckets] of [
    ['BUCKET', protectedBuckets],
    ['INVENTORY', inventoryBuckets],
  ] as const) {
    if (new RegExp(`:${hole}(?:/|$)`).test(here)) return buckets.map((bucket) => here.replace(hole, bucket));
  }
  return [here];
}
