import * as z from 'zod';
import { receiveXml } from '../body.ts';
import { refuse } from '../errors.ts';
import type { Cloud, Operation } from '../operation.ts';
import { type Reply, xmlReply } from '../reply.ts';
import type { Call } from '../request.ts';
import type { DefaultRetention } from '../state.ts';
import { findBucket } from '../versions.ts';

const MAX_DAYS = 36500;
const MAX_YEARS = 100;

const mode = z.enum(['COMPLIANCE', 'GOVERNANCE']);
const number = z
  .string()
  .regex(/^-?\d+$/)
  .transform(Number);

const objectWormConfiguration = z.strictObject({
  ObjectWormConfiguration: z.strictObject({
    ObjectWormEnabled: z.literal('Enabled'),
    Rule: z
      .strictObject({
        DefaultRetention: z.union([
          z.strictObject({ Mode: mode, Days: number }),
          z.strictObject({ Mode: mode, Years: number }),
        ]),
      })
      .optional(),
  }),
});

/** ObjectWorm of a bucket (reference/oss-retention.md, 2.1 and 2.2). */
export const objectWormOperations: readonly Operation[] = [
  {
    name: 'PutBucketObjectWormConfiguration',
    method: 'PUT',
    on: 'bucket',
    requires: ['objectWorm'],
    runsWithoutBucket: true,
    run: put,
  },
  {
    name: 'GetBucketObjectWormConfiguration',
    method: 'GET',
    on: 'bucket',
    requires: ['objectWorm'],
    run: get,
  },
];

/** Enables it for good. It needs versioning and excludes a WORM policy of the bucket. */
async function put(call: Call, cloud: Cloud): Promise<Reply> {
  const { ObjectWormConfiguration: wanted } = await receiveXml(call, objectWormConfiguration);
  const bucket = cloud.store.bucket(call.bucket);
  if (!bucket) throw refuse('MalformedXML'); // asserted by the vendors' suites
  const rule = wanted.Rule && readRule(wanted.Rule.DefaultRetention);
  if (bucket.versioning !== 'Enabled' || bucket.policy) {
    throw refuse('InvalidBucketState', { details: { BucketName: bucket.name } });
  }
  cloud.store.saveBucket({ ...bucket, objectWorm: rule ? { defaultRetention: rule } : {} });
  return { status: 200 };
}

type Rule = NonNullable<
  z.infer<typeof objectWormConfiguration>['ObjectWormConfiguration']['Rule']
>['DefaultRetention'];

function readRule(rule: Rule): DefaultRetention {
  const [unit, length, limit] =
    'Days' in rule ? (['days', rule.Days, MAX_DAYS] as const) : (['years', rule.Years, MAX_YEARS] as const);
  if (length < 1 || length > limit) {
    throw refuse('InvalidArgument', { message: `The default retention must be 1 to ${limit} ${unit}.` });
  }
  return { mode: rule.Mode, period: unit === 'days' ? { days: length } : { years: length } };
}

function get(call: Call, cloud: Cloud): Reply {
  const bucket = findBucket(cloud.store, call.bucket);
  if (!bucket.objectWorm) {
    throw refuse('NoSuchObjectWormConfiguration', { details: { BucketName: bucket.name } });
  }
  const rule = bucket.objectWorm.defaultRetention;
  return xmlReply({
    ObjectWormConfiguration: {
      ObjectWormEnabled: 'Enabled',
      Rule: rule && { DefaultRetention: { Mode: rule.mode, ...writePeriod(rule.period) } },
    },
  });
}

function writePeriod(period: DefaultRetention['period']) {
  return 'days' in period ? { Days: period.days } : { Years: period.years };
}
