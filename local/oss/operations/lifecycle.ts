import * as z from 'zod';
import { receiveXml } from '../body.ts';
import { refuse } from '../errors.ts';
import { newLongId } from '../ids.ts';
import type { Cloud, Operation } from '../operation.ts';
import { type Reply, xmlReply } from '../reply.ts';
import type { Call } from '../request.ts';
import type { LifecycleAge, LifecycleFilter, LifecycleRule, LifecycleTransition } from '../state.ts';
import { checkTagTexts } from '../tags.ts';
import { findBucket } from '../versions.ts';
import { type Xml, xmlDate } from '../xml.ts';

const days = z
  .string()
  .regex(/^[1-9]\d{0,4}$/)
  .transform(Number);

/** ISO 8601, with or without time, fraction and zone: clients send all of them. Without a zone it is UTC. */
const date = z
  .string()
  .regex(/^\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)?)?$/)
  .transform((text) => new Date(/[TZ]/.test(text) && !/(Z|[+-]\d\d:\d\d)$/.test(text) ? `${text}Z` : text))
  .refine((instant) => !Number.isNaN(instant.getTime()));
/** Python clients write `True` and `False`. */
const flag = z
  .string()
  .regex(/^(true|false)$/i)
  .transform((text) => text.toLowerCase());
const size = z
  .string()
  .regex(/^\d{1,15}$/)
  .transform(Number);
const storageClass = z.enum(['Standard', 'IA', 'Archive', 'ColdArchive', 'DeepColdArchive']);
const tag = z.strictObject({ Key: z.string(), Value: z.string() });

/** Elements of a transition that are kept and have no effect here, since nobody records when objects are read. */
const kept = {
  IsAccessTime: flag.optional(),
  ReturnToStdWhenVisit: flag.optional(),
  AllowSmallFile: flag.optional(),
};

const filterDocument = z.strictObject({
  Not: z.array(z.strictObject({ Prefix: z.string(), Tag: z.array(tag).max(1).optional() })).optional(),
  ObjectSizeGreaterThan: size.optional(),
  ObjectSizeLessThan: size.optional(),
});
type FilterDocument = z.infer<typeof filterDocument>;

/** The age of an old form of the rule stands beside its Expiration, which counts (ali-oss sends both). */
const hasExpirationToo = (rule: {
  readonly Days?: unknown;
  readonly Date?: unknown;
  readonly Expiration?: unknown;
}) => rule.Expiration !== undefined || (rule.Days === undefined && rule.Date === undefined);

const ruleDocument = z
  .strictObject({
    Days: days.optional(),
    Date: date.optional(),
    ID: z.string().max(255).optional(),
    Prefix: z.string().default(''),
    Status: z.enum(['Enabled', 'Disabled']),
    Tag: z.array(tag).optional(),
    Filter: filterDocument.or(z.literal('').transform((): FilterDocument => ({}))).optional(),
    Expiration: z
      .union([
        z.strictObject({ Days: days }),
        z.strictObject({ CreatedBeforeDate: date }),
        z.strictObject({ Date: date }).transform(({ Date: before }) => ({ CreatedBeforeDate: before })),
        z.strictObject({ ExpiredObjectDeleteMarker: flag }),
      ])
      .optional(),
    Transition: z
      .array(
        z.union([
          z.strictObject({ Days: days, StorageClass: storageClass, ...kept }),
          z.strictObject({ CreatedBeforeDate: date, StorageClass: storageClass, ...kept }),
        ]),
      )
      .optional(),
    NoncurrentVersionExpiration: z.strictObject({ NoncurrentDays: days }).optional(),
    NoncurrentVersionTransition: z
      .array(z.strictObject({ NoncurrentDays: days, StorageClass: storageClass, ...kept }))
      .optional(),
    AbortMultipartUpload: z
      .union([z.strictObject({ Days: days }), z.strictObject({ CreatedBeforeDate: date })])
      .optional(),
    AtimeBase: z.string().regex(/^\d+$/).optional(),
  })
  .refine(hasExpirationToo);
type RuleDocument = z.infer<typeof ruleDocument>;

const lifecycleDocument = z.strictObject({
  LifecycleConfiguration: z.strictObject({ Rule: z.array(ruleDocument).min(1).max(1000) }),
});

const repeated = ['Rule', 'Tag', 'Not', 'Transition', 'NoncurrentVersionTransition'];

const sub = { on: 'bucket', requires: ['lifecycle'] } as const;

/** The rules of a bucket's lifecycle; lifecycle.ts above acts on them. */
export const lifecycleOperations: readonly Operation[] = [
  { name: 'PutBucketLifecycle', method: 'PUT', ...sub, run: put },
  { name: 'GetBucketLifecycle', method: 'GET', ...sub, run: get },
  { name: 'DeleteBucketLifecycle', method: 'DELETE', ...sub, run: remove },
];

async function put(call: Call, cloud: Cloud): Promise<Reply> {
  const { LifecycleConfiguration } = await receiveXml(call, lifecycleDocument, repeated);
  const lifecycle = LifecycleConfiguration.Rule.map(readRule);
  lifecycle.forEach(checkTransitions);
  if (new Set(lifecycle.map((rule) => rule.id)).size !== lifecycle.length) throw refuse('InvalidArgument');
  cloud.store.saveBucket({ ...findBucket(cloud.store, call.bucket), lifecycle });
  return { status: 200 };
}

/** Classes from warm to cold: a colder one comes no sooner than a warmer one. */
const coldness = ['IA', 'Archive', 'ColdArchive', 'DeepColdArchive'];

/**
 * Refuses transitions that contradict their rule (asserted by oss2's suite). Ages that count from the last access are left
 * out of it, for they are not comparable.
 * @throws InvalidArgument for a transition to Standard, after the expiration, or to a colder class before a warmer one;
 *   InvalidRequest where one counts in days and the other has a date
 */
function checkTransitions({ expiration, transitions = [], noncurrentTransitions = [] }: LifecycleRule): void {
  const counted = transitions.filter(isComparable);
  if (expiration && counted.some(({ age }) => 'days' in age !== 'days' in expiration)) {
    throw refuse('InvalidRequest', { message: 'A rule of the lifecycle counts in days or has dates.' });
  }
  const last = expiration && 'days' in expiration ? expiration.days : Number.POSITIVE_INFINITY;
  const steps = counted.flatMap(({ age, storageClass: to }) =>
    'days' in age ? [{ days: age.days, to }] : [],
  );
  const isWrong =
    steps.some(({ days: at }) => at > last) ||
    counted.some(({ storageClass: to }) => to === 'Standard') ||
    goesBack(steps) ||
    goesBack(noncurrentTransitions.filter(isComparable).map(({ age, storageClass: to }) => ({ ...age, to })));
  if (isWrong) throw refuse('InvalidArgument', { details: { ArgumentName: 'Transition' } });
}

const isComparable = ({ kept: { IsAccessTime } }: LifecycleTransition<unknown>) => IsAccessTime !== 'true';

/** Tells whether a colder class comes sooner than a warmer one. */
function goesBack(steps: readonly { readonly days: number; readonly to: string }[]): boolean {
  const rank = (to: string) => coldness.indexOf(to);
  return steps.some((warm) => steps.some((cold) => rank(cold.to) > rank(warm.to) && cold.days < warm.days));
}

function readRule(rule: RuleDocument): LifecycleRule {
  const {
    Expiration: expiration,
    NoncurrentVersionExpiration: noncurrent,
    NoncurrentVersionTransition: noncurrentTransitions,
    AbortMultipartUpload: abort,
    Transition: transitions,
    Filter: filter,
    AtimeBase: atimeBase,
  } = rule;
  return {
    id: rule.ID || newLongId(),
    prefix: rule.Prefix,
    isEnabled: rule.Status === 'Enabled',
    tags: checkTagTexts((rule.Tag ?? []).map(({ Key, Value }) => [Key, Value] as const)),
    expiresMarkers:
      expiration !== undefined &&
      'ExpiredObjectDeleteMarker' in expiration &&
      expiration.ExpiredObjectDeleteMarker === 'true',
    ...(filter && { filter: readFilter(filter) }),
    ...(expiration && !('ExpiredObjectDeleteMarker' in expiration) && { expiration: readAge(expiration) }),
    ...(transitions && { transitions: transitions.map((each) => readTransition(each, readAge(each))) }),
    ...(noncurrent && { noncurrentDays: noncurrent.NoncurrentDays }),
    ...(noncurrentTransitions && {
      noncurrentTransitions: noncurrentTransitions.map((each) =>
        readTransition(each, { days: each.NoncurrentDays }),
      ),
    }),
    ...(abort && 'Days' in abort && { abortUploadDays: abort.Days }),
    ...(abort && 'CreatedBeforeDate' in abort && { abortUploadsBefore: abort.CreatedBeforeDate }),
    ...(atimeBase !== undefined && { atimeBase }),
  };
}

type AgeDocument = { readonly Days: number } | { readonly CreatedBeforeDate: Date };

function readAge(age: AgeDocument): LifecycleAge {
  return 'Days' in age ? { days: age.Days } : { createdBefore: age.CreatedBeforeDate };
}

type TransitionDocument = { readonly StorageClass: string } & {
  readonly [Name in keyof typeof kept]?: string | undefined;
};

function readTransition<Age>(document: TransitionDocument, age: Age): LifecycleTransition<Age> {
  const { IsAccessTime, ReturnToStdWhenVisit, AllowSmallFile } = document;
  return {
    age,
    storageClass: document.StorageClass,
    kept: {
      ...(IsAccessTime !== undefined && { IsAccessTime }),
      ...(ReturnToStdWhenVisit !== undefined && { ReturnToStdWhenVisit }),
      ...(AllowSmallFile !== undefined && { AllowSmallFile }),
    },
  };
}

function readFilter(filter: FilterDocument): LifecycleFilter {
  const { Not: not = [], ObjectSizeGreaterThan: greater, ObjectSizeLessThan: less } = filter;
  return {
    not: not.map(({ Prefix: prefix, Tag: [first] = [] }) => ({
      prefix,
      ...(first && { tag: { key: first.Key, value: first.Value } }),
    })),
    ...(greater !== undefined && { greaterThan: greater }),
    ...(less !== undefined && { lessThan: less }),
  };
}

function get(call: Call, cloud: Cloud): Reply {
  const { name, lifecycle } = findBucket(cloud.store, call.bucket);
  if (!lifecycle) throw refuse('NoSuchLifecycle', { details: { BucketName: name } });
  return xmlReply({ LifecycleConfiguration: { Rule: lifecycle.map(writeRule) } });
}

function writeRule(rule: LifecycleRule): Xml {
  const { filter, expiration, expiresMarkers, abortUploadDays, abortUploadsBefore } = rule;
  return {
    ID: rule.id,
    Prefix: rule.prefix,
    Status: rule.isEnabled ? 'Enabled' : 'Disabled',
    Tag: Object.entries(rule.tags).map(([Key, Value]) => ({ Key, Value })),
    Filter: filter && {
      Not: filter.not.map(({ prefix, tag: one }) => ({
        Prefix: prefix,
        Tag: one && { Key: one.key, Value: one.value },
      })),
      ObjectSizeGreaterThan: filter.greaterThan,
      ObjectSizeLessThan: filter.lessThan,
    },
    Expiration: expiration
      ? writeAge(expiration)
      : expiresMarkers
        ? { ExpiredObjectDeleteMarker: true }
        : undefined,
    Transition: rule.transitions?.map((each) => ({
      ...writeAge(each.age),
      StorageClass: each.storageClass,
      ...each.kept,
    })),
    NoncurrentVersionExpiration: rule.noncurrentDays && { NoncurrentDays: rule.noncurrentDays },
    NoncurrentVersionTransition: rule.noncurrentTransitions?.map((each) => ({
      NoncurrentDays: each.age.days,
      StorageClass: each.storageClass,
      ...each.kept,
    })),
    AbortMultipartUpload: abortUploadsBefore
      ? { CreatedBeforeDate: xmlDate(abortUploadsBefore) }
      : abortUploadDays && { Days: abortUploadDays },
    AtimeBase: rule.atimeBase,
  };
}

function writeAge(age: LifecycleAge): Xml {
  return 'days' in age ? { Days: age.days } : { CreatedBeforeDate: xmlDate(age.createdBefore) };
}

function remove(call: Call, cloud: Cloud): Reply {
  const { lifecycle: _removed, ...bucket } = findBucket(cloud.store, call.bucket);
  cloud.store.saveBucket(bucket);
  return { status: 204 };
}
