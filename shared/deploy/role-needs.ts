import { approvalsFolder } from '../approvals/name.ts';
import { mattersFolder } from '../matters/name.ts';
import { objectRulesOfBucket, readsTags } from '../rules/match.ts';
import type { BucketRule, DefaultRule, ObjectPrefix, ObjectRule, Rules } from '../rules/types.ts';
import type { ObjectAt } from '../storage/port.ts';

/** A permission that a role has to give. */
export interface Need {
  readonly action: string;
  /**
   * The resource without the head of its ARN: a bucket, `bucket/key`, `functions/name`, or `*` for the account. A `*` at the
   * end of a key stands for any text.
   */
  readonly resource: string;
  /** The prefix that a list is restricted to; a role may allow that prefix alone. */
  readonly prefix?: string;
}

/** A bucket with the rules that match it. */
export interface RuledBucket {
  readonly name: string;
  readonly objectRules: readonly ObjectRule[];
  readonly bucketRules: readonly BucketRule[];
  readonly defaultRules: readonly DefaultRule[];
}

/** The functions that have a role of their own, by the folder of their code; ram/README.md says why each action is needed. */
export type Role = 'object-created' | 'policy-timer' | 'protect-existing' | 'dead-letter';

const roles: ReadonlySet<string> = new Set<Role>([
  'object-created',
  'policy-timer',
  'protect-existing',
  'dead-letter',
]);
/** Tells whether a function is one whose needs are known. */
export const isRole = (name: string): name is Role => roles.has(name);

/** The facts about a function that decide what it reads and calls besides the buckets of the rules. */
export interface Deployment {
  readonly functionName: string;
  /** The object that it reads its rules from; undefined: they are in its code. */
  readonly rulesAt: ObjectAt | undefined;
  /** The buckets whose inventories arrive by a trigger of it. */
  readonly inventories: readonly string[];
}

const onObject = [
  'oss:GetObject',
  'oss:GetObjectVersion',
  'oss:GetObjectRetention',
  'oss:PutObjectRetention',
];
const onTags = ['oss:GetObjectTagging', 'oss:GetObjectVersionTagging'];

/** Keeping a default retention in place. The second may also turn ObjectWorm on, so it is given on the buckets of such rules alone. */
export const defaultActions: readonly string[] = [
  'oss:GetBucketObjectWormConfiguration',
  'oss:PutBucketObjectWormConfiguration',
];

/** The facts about a function that decide what Function Compute does in its name. */
export interface Delegation {
  /** The function that its failed events are handed to. */
  readonly destination: string | undefined;
  readonly log: { readonly project: string; readonly logstore: string };
}

/**
 * Lists what Function Compute does by the role of a function: it hands failed events to the destination, which a refusal loses
 * since it is not repeated, and writes the log. A function without a role leaves both to the service's own role.
 * Sources: Function Compute, "Result callback" (column Required permission) and "Configure the log feature".
 */
export function serviceNeeds({ destination, log }: Delegation): Need[] {
  const handing =
    destination === undefined
      ? []
      : ['', '/*'].map((qualifier) => need(`functions/${destination}${qualifier}`, 'fc:InvokeFunction'));
  return [...handing, need(`project/${log.project}/logstore/${log.logstore}`, 'log:PostLogStoreLogs')];
}

/**
 * Lists what a role has to allow under these rules, for the buckets that they match now. Pure. Every entry is what a function
 * really asks for: test/deploy/permissions.test.ts runs all scenarios under exactly these permissions, and fails when one is
 * missing or one is never used.
 */
export function needsOf(
  role: Role,
  rules: Rules,
  buckets: readonly RuledBucket[],
  { functionName, rulesAt, inventories }: Deployment,
): Need[] {
  const { deadLetters: folder } = rules;
  const common = rulesAt === undefined ? [] : [need(`${rulesAt.bucket}/${rulesAt.key}`, 'oss:GetObject')];
  const versions = buckets.flatMap(({ name, objectRules }) => [
    ...objectRules.flatMap((rule) => objectNeeds(name, rule)),
    ...(objectRules.length > 0 ? [need(name, 'oss:ListObjectVersions')] : []),
  ]);
  switch (role) {
    case 'object-created':
      return distinct([
        ...common,
        ...versions,
        ...evidence(rules),
        ...matters(rules, buckets),
        ...within(folder, 'letters/', 'oss:PutObject'),
      ]);
    case 'protect-existing':
      return distinct([
        ...common,
        ...versions,
        ...evidence(rules),
        ...renewingMatters(rules, buckets),
        ...inventories.map((bucket) => need(`${bucket}/*`, 'oss:GetObject')),
        ...within(folder, 'fan-out/', 'oss:GetObject', 'oss:PutObject'),
        ...within(folder, 'repairs/', 'oss:GetObject', 'oss:PutObject'),
        ...within(folder, 'letters/', 'oss:PutObject'),
        ...listOf(folder, 'fan-out/'),
        need(`functions/${functionName}`, 'fc:InvokeFunction'),
      ]);
    case 'dead-letter':
      return distinct([...common, ...within(folder, 'letters/', 'oss:PutObject')]);
    case 'policy-timer':
      return distinct([
        ...common,
        need('*', 'oss:ListBuckets'),
        ...buckets.flatMap(({ name, bucketRules }) =>
          bucketRules.flatMap(({ policy }) => policyActions(policy).map((action) => need(name, action))),
        ),
        ...buckets
          .filter((bucket) => bucket.defaultRules.length > 0)
          .flatMap(({ name }) => defaultActions.map((action) => need(name, action))),
        ...evidence(rules),
        ...listOf(rules.audit, ''), // it names the last file of every chain,
        ...within(rules.audit, '', 'oss:GetObject'), // and compares with its own last one
        ...(readsApprovals(rules, buckets)
          ? within(rules.audit, approvalsFolder, 'oss:GetObjectVersion')
          : []),
        ...listOf(folder, 'repairs/'),
        ...within(folder, 'repairs/', 'oss:GetObject'),
      ]);
  }
}

const need = (resource: string, action: string): Need => ({ action, resource });

function objectNeeds(bucket: string, rule: ObjectRule): Need[] {
  const actions = [...onObject, ...(readsTags(rule) ? onTags : [])];
  return beginnings(rule).flatMap((beginning) =>
    actions.map((action) => need(`${bucket}/${beginning}*`, action)),
  );
}

/** The texts that the keys of a rule begin with, one for each of its globs that select. */
function beginnings({ match }: ObjectRule): string[] {
  const globs = match.key?.globs.filter((each) => !each.startsWith('!')) ?? [];
  return globs.length === 0 ? [''] : globs.map((glob) => /^[^*?[{\\]*/.exec(glob)?.[0] ?? '');
}

/** Evidence is written by every function that decides, and retained by it at once where an object rule says so. */
function evidence(rules: Rules): Need[] {
  const { audit } = rules;
  if (audit === undefined) return [];
  const retained = objectRulesOfBucket(rules, audit.bucket).length > 0;
  return within(audit, '', 'oss:PutObject', ...(retained ? ['oss:PutObjectRetention'] : []));
}

/**
 * Uploads of any key are held for matters, which are kept with the evidence and may be opened at any time; where their bucket takes no
 * legal hold, they are retained.
 */
const matters = (rules: Rules, buckets: readonly RuledBucket[]): Need[] =>
  forMatters(rules, buckets, ['oss:PutObjectLegalHold', ...onObject, ...onTags]);

/** Repairs renew the retention of any version that a matter has, by its tags too, where HEAD shows no legal hold. */
const renewingMatters = (rules: Rules, buckets: readonly RuledBucket[]): Need[] =>
  forMatters(rules, buckets, [...onObject, ...onTags]);

/** Matters are read, and something is done with all objects of the buckets that object rules match. */
function forMatters({ audit }: Rules, buckets: readonly RuledBucket[], actions: readonly string[]): Need[] {
  if (audit === undefined) return [];
  return [
    ...listOf(audit, mattersFolder),
    ...within(audit, mattersFolder, 'oss:GetObject', 'oss:GetObjectVersion'),
    ...buckets.flatMap(({ name, objectRules }) =>
      objectRules.length > 0 ? actions.map((action) => need(`${name}/*`, action)) : [],
    ),
  ];
}

/** The timer looks for approvals where it may lock or extend what needs one. */
const readsApprovals = ({ approvals }: Rules, buckets: readonly RuledBucket[]): boolean =>
  buckets.some(({ bucketRules }) =>
    bucketRules.some(({ policy: { lockAfterMs, extend } }) => {
      const isLong = approvals?.retainLongerThan !== undefined;
      const locks = lockAfterMs !== undefined && (approvals?.lock === true || isLong);
      return locks || (extend !== undefined && (approvals?.extend === true || isLong));
    }),
  );

function policyActions({ initiate, lockAfterMs, mismatch, extend }: BucketRule['policy']): string[] {
  return [
    'oss:GetBucketWorm',
    ...(initiate === undefined ? [] : ['oss:InitiateBucketWorm']),
    ...(initiate === undefined && mismatch !== 'abort' ? [] : ['oss:AbortBucketWorm']),
    ...(lockAfterMs === undefined ? [] : ['oss:CompleteBucketWorm']),
    ...(extend === undefined ? [] : ['oss:ExtendBucketWorm']),
    ...(measuresByOldest(extend) ? ['oss:ListObjectVersions'] : []),
  ];
}

const measuresByOldest = (extend: BucketRule['policy']['extend']): boolean =>
  extend?.kind === 'keep-until' || extend?.measure === 'oldest-object';

const within = (folder: ObjectPrefix | undefined, part: string, ...actions: string[]): Need[] =>
  folder === undefined
    ? []
    : actions.map((action) => need(`${folder.bucket}/${folder.prefix}${part}*`, action));

const listOf = (folder: ObjectPrefix | undefined, part: string): Need[] =>
  folder === undefined
    ? []
    : [{ ...need(folder.bucket, 'oss:ListObjectVersions'), prefix: `${folder.prefix}${part}` }];

function distinct(needs: readonly Need[]): Need[] {
  return [...new Map(needs.map((each) => [JSON.stringify(each), each])).values()];
}
