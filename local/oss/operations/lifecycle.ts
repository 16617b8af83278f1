import { z } from 'zod';
import { receiveXml } from '../body.ts';
import { refuse } from '../errors.ts';
import { newLongId } from '../ids.ts';
import type { Cloud, Operation } from '../operation.ts';
import { type Reply, xmlReply } from '../reply.ts';
import type { Call } from '../request.ts';
import type { LifecycleRule } from '../state.ts';
import { checkTags } from '../tags.ts';
import { findBucket } from '../versions.ts';
import { type Xml, xmlDate } from '../xml.ts';

const days = z
  .string()
  .regex(/^[1-9]\d{0,4}$/)
  .transform(Number);
const date = z.iso.datetime().transform((text) => new Date(text));

/** What belongs to the service and not to us; named, so that it is refused as such. */
const elsewhere = {
  Transition: z.unknown().optional(),
  NoncurrentVersionTransition: z.unknown().optional(),
  Filter: z.unknown().optional(),
  AtimeBase: z.unknown().optional(),
};

const ruleDocument = z.strictObject({
  ID: z.string().max(255).optional(),
  Prefix: z.string(),
  Status: z.enum(['Enabled', 'Disabled']),
  Tag: z.array(z.strictObject({ Key: z.string(), Value: z.string() })).optional(),
  Expiration: z
    .union([
      z.strictObject({ Days: days }),
      z.strictObject({ CreatedBeforeDate: date }),
      z.strictObject({ ExpiredObjectDeleteMarker: z.enum(['true', 'false']) }),
    ])
    .optional(),
  NoncurrentVersionExpiration: z.strictObject({ NoncurrentDays: days }).optional(),
  AbortMultipartUpload: z.strictObject({ Days: days }).optional(),
  ...elsewhere,
});

const lifecycleDocument = z.strictObject({
  LifecycleConfiguration: z.strictObject({ Rule: z.array(ruleDocument).min(1).max(1000) }),
});

const sub = { on: 'bucket', requires: ['lifecycle'] } as const;

/** The rules of a bucket's lifecycle; lifecycle.ts above acts on them. */
export const lifecycleOperations: readonly Operation[] = [
  { name: 'PutBucketLifecycle', method: 'PUT', ...sub, run: put },
  { name: 'GetBucketLifecycle', method: 'GET', ...sub, run: get },
  { name: 'DeleteBucketLifecycle', method: 'DELETE', ...sub, run: remove },
];

async function put(call: Call, cloud: Cloud): Promise<Reply> {
  const { LifecycleConfiguration } = await receiveXml(call, lifecycleDocument, ['Rule', 'Tag']);
  const lifecycle = LifecycleConfiguration.Rule.map(readRule);
  if (new Set(lifecycle.map((rule) => rule.id)).size !== lifecycle.length) throw refuse('InvalidArgument');
  cloud.store.saveBucket({ ...findBucket(cloud.store, call.bucket), lifecycle });
  return { status: 200 };
}

function readRule(rule: z.infer<typeof ruleDocument>): LifecycleRule {
  const foreign = Object.keys(elsewhere).find((element) => element in rule);
  if (foreign) throw refuse('NotImplemented', { details: { Element: foreign } });
  const {
    Expiration: expiration,
    NoncurrentVersionExpiration: noncurrent,
    AbortMultipartUpload: abort,
  } = rule;
  return {
    id: rule.ID || newLongId(),
    prefix: rule.Prefix,
    isEnabled: rule.Status === 'Enabled',
    tags: checkTags((rule.Tag ?? []).map(({ Key, Value }) => [Key, Value] as const)),
    expiresMarkers:
      expiration !== undefined &&
      'ExpiredObjectDeleteMarker' in expiration &&
      expiration.ExpiredObjectDeleteMarker === 'true',
    ...(expiration && 'Days' in expiration && { expiration: { days: expiration.Days } }),
    ...(expiration &&
      'CreatedBeforeDate' in expiration && { expiration: { createdBefore: expiration.CreatedBeforeDate } }),
    ...(noncurrent && { noncurrentDays: noncurrent.NoncurrentDays }),
    ...(abort && { abortUploadDays: abort.Days }),
  };
}

function get(call: Call, cloud: Cloud): Reply {
  const { name, lifecycle } = findBucket(cloud.store, call.bucket);
  if (!lifecycle) throw refuse('NoSuchLifecycle', { details: { BucketName: name } });
  return xmlReply({ LifecycleConfiguration: { Rule: lifecycle.map(writeRule) } });
}

function writeRule(rule: LifecycleRule): Xml {
  return {
    ID: rule.id,
    Prefix: rule.prefix,
    Status: rule.isEnabled ? 'Enabled' : 'Disabled',
    Tag: Object.entries(rule.tags).map(([Key, Value]) => ({ Key, Value })),
    Expiration: writeExpiration(rule),
    NoncurrentVersionExpiration: rule.noncurrentDays && { NoncurrentDays: rule.noncurrentDays },
    AbortMultipartUpload: rule.abortUploadDays && { Days: rule.abortUploadDays },
  };
}

function writeExpiration({ expiration, expiresMarkers }: LifecycleRule): Xml | undefined {
  if (!expiration) return expiresMarkers ? { ExpiredObjectDeleteMarker: true } : undefined;
  if ('days' in expiration) return { Days: expiration.days };
  return { CreatedBeforeDate: xmlDate(expiration.createdBefore) };
}

function remove(call: Call, cloud: Cloud): Reply {
  const { lifecycle: _removed, ...bucket } = findBucket(cloud.store, call.bucket);
  cloud.store.saveBucket(bucket);
  return { status: 204 };
}
