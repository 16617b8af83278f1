import * as z from 'zod';
import { type CloudName, parseAddress } from '../platform/address.ts';
import { dayCount } from '../rules/schema/bucket-rule.ts';
import { read } from '../rules/schema/fields.ts';
import type { ObjectAt } from '../storage/port.ts';
import { momentForm } from './moment.ts';
import { moment, text } from './schema-fields.ts';

/** The object that an address of any cloud names. */
function objectAt(text: string): AddressedObject | undefined {
  const { cloud, bucket, key } = parseAddress(text) ?? {};
  if (cloud === undefined || bucket === undefined || key === undefined || key === '') return undefined;
  return { cloud, bucket, key };
}

interface AddressedObject extends ObjectAt {
  readonly cloud: CloudName;
}

const now = moment.describe('What time it is in this case; relative to the file\'s own "now".').optional();

const givenObject = z
  .strictObject({
    object: z
      .string({ error: 'an address such as oss://bucket/key, or obs://bucket/key' })
      .meta({ examples: ['oss://fin-eu/ledger/a.parquet'] })
      .transform(
        read<AddressedObject>(
          (address) =>
            objectAt(address) ?? {
              problem: `expected an address such as oss://bucket/key, or obs://bucket/key, found ${JSON.stringify(address)}`,
            },
        ),
      )
      .describe('The object that was uploaded; the rules of the cloud in its address judge it.'),
    tags: z
      .record(z.string(), z.string({ error: 'the value of the tag as a text, in quotes' }), {
        error: 'a map of tags such as { class: finance }',
      })
      .describe('Its tags; none unless given.')
      .default({}),
    modified: moment.describe('Its Last-Modified; now unless given.').optional(),
    type: z
      .enum(['Normal', 'Multipart', 'Appendable', 'Symlink', 'delete-marker'], {
        error: 'Normal, Multipart, Appendable, Symlink or delete-marker',
      })
      .describe('Its type as OSS names it; delete-marker for what a deletion leaves.')
      .default('Normal'),
    retention: z
      .strictObject(
        {
          until: moment.describe('Until when it is retained already.'),
          mode: z
            .enum(['COMPLIANCE', 'GOVERNANCE'], { error: 'COMPLIANCE or GOVERNANCE' })
            .describe('The mode of that retention.')
            .default('COMPLIANCE'),
        },
        { error: 'a map such as { until: in 2y }' },
      )
      .describe('The retention that it has already; none unless given.')
      .optional(),
    current: z
      .boolean({ error: 'true or false' })
      .describe(
        'Whether it is the current version of its key, as a repair sees it: one in use is extended by "extend". Without it, as its event sees it: not extended.',
      )
      .optional(),
    now,
  })
  .transform((given) => ({ kind: 'object' as const, ...given }));

const givenBucket = z
  .strictObject({
    bucket: text('the name of a bucket').describe('The bucket that is looked at.'),
    policy: z
      .union(
        [
          z.literal('none').transform(() => undefined),
          z.strictObject({
            state: z
              .enum(['InProgress', 'Locked', 'Expired'], { error: 'InProgress, Locked or Expired' })
              .describe('InProgress: initiated and not locked yet.'),
            days: dayCount.describe('The retention period of the policy.'),
            created: moment.describe('When it was initiated.'),
          }),
        ],
        { error: 'none, or a map such as { state: InProgress, days: 365, created: 20h ago }' },
      )
      .describe('The WORM policy that it has.'),
    oldest: z
      .union([z.literal('none'), moment], { error: `${momentForm}, or none` })
      .describe(
        'Last-Modified of the oldest version that it stores, for rules that measure by it; "none" if it is empty.',
      )
      .optional(),
    now,
  })
  .transform((given) => ({ kind: 'bucket' as const, ...given }));

/** This is what a case starts from. */
export const given = z
  .union([givenObject, givenBucket], {
    error: 'a map such as { object: oss://bucket/key } or { bucket: name, policy: none }',
  })
  .describe('An object, or a bucket with its policy.');
