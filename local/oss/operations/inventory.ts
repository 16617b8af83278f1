import * as z from 'zod';
import { receiveXml } from '../body.ts';
import { refuse } from '../errors.ts';
import type { Cloud, Operation } from '../operation.ts';
import { type Reply, xmlReply } from '../reply.ts';
import type { Call } from '../request.ts';
import type { Bucket } from '../state.ts';
import { findBucket } from '../versions.ts';
import type { Xml } from '../xml.ts';

const PAGE = 100;
const text = z.string();

/** The service gives classes back in their order (oss2's suite). */
const sorted = (classes: string) => classes.split(',').sort().join(',');

const inventory = z.strictObject({
  Id: text.min(1),
  IsEnabled: z.enum(['true', 'false']),
  Filter: z
    .strictObject({
      Prefix: text.optional(),
      LastModifyBeginTimeStamp: text.optional(),
      LastModifyEndTimeStamp: text.optional(),
      LowerSizeBound: text.optional(),
      UpperSizeBound: text.optional(),
      StorageClass: text.transform(sorted).optional(),
    })
    .or(z.literal(''))
    .optional(),
  Destination: z.strictObject({
    OSSBucketDestination: z.strictObject({
      Format: z.enum(['CSV', 'Parquet', 'ORC']),
      AccountId: text,
      RoleArn: text,
      Bucket: text,
      Prefix: text.optional(),
      Encryption: z
        .record(text, text.or(z.record(text, text)))
        .or(z.literal('')) // ali-oss always writes one
        .optional(),
    }),
  }),
  Schedule: z.strictObject({ Frequency: z.enum(['Daily', 'Weekly', 'Monthly', 'Once']) }),
  IncludedObjectVersions: z.enum(['All', 'Current']),
  OptionalFields: z
    .strictObject({ Field: z.array(text) })
    .or(z.literal(''))
    .optional(),
});
const inventoryDocument = z.strictObject({ InventoryConfiguration: inventory });

const one = { on: 'bucket', requires: ['inventory', 'inventoryId'] } as const;

/** Inventory configurations; inventory.ts above writes what they ask for. */
export const inventoryOperations: readonly Operation[] = [
  { name: 'PutBucketInventory', method: 'PUT', ...one, run: put },
  { name: 'GetBucketInventory', method: 'GET', ...one, run: get },
  { name: 'DeleteBucketInventory', method: 'DELETE', ...one, run: remove },
  {
    name: 'ListBucketInventory',
    method: 'GET',
    on: 'bucket',
    requires: ['inventory'],
    allows: ['continuation-token'],
    run: list,
  },
];

async function put(call: Call, cloud: Cloud): Promise<Reply> {
  const { InventoryConfiguration } = await receiveXml(call, inventoryDocument, ['Field']);
  const bucket = findBucket(cloud.store, call.bucket);
  const id = call.query.get('inventoryId') ?? '';
  if (InventoryConfiguration.Id !== id) {
    throw refuse('InvalidArgument', { details: { ArgumentName: 'inventoryId', ArgumentValue: id } });
  }
  if (bucket.inventories?.[id]) throw refuse('InventoryAlreadyExist', { details: { InventoryId: id } });
  const document: Xml = JSON.parse(JSON.stringify(InventoryConfiguration));
  cloud.store.saveBucket({ ...bucket, inventories: { ...bucket.inventories, [id]: document } });
  return { status: 200 };
}

function get(call: Call, cloud: Cloud): Reply {
  return xmlReply({ InventoryConfiguration: find(call, cloud).document });
}

function remove(call: Call, cloud: Cloud): Reply {
  const { bucket, id } = find(call, cloud);
  const { [id]: _removed, ...inventories } = bucket.inventories ?? {};
  cloud.store.saveBucket({ ...bucket, inventories });
  return { status: 204 };
}

/**
 * By id; the token of a page is the last id of the page before.
 * @throws NoSuchInventory where there is none at all (oss2's suite)
 */
function list(call: Call, cloud: Cloud): Reply {
  const { name, inventories = {} } = findBucket(cloud.store, call.bucket);
  if (Object.keys(inventories).length === 0) {
    throw refuse('NoSuchInventory', { details: { BucketName: name } });
  }
  const token = call.query.get('continuation-token') ?? '';
  const later = Object.keys(inventories)
    .sort()
    .filter((id) => id > token);
  const page = later.slice(0, PAGE);
  const isTruncated = later.length > page.length;
  return xmlReply({
    ListInventoryConfigurationsResult: {
      InventoryConfiguration: page.flatMap((id) => {
        const document = inventories[id];
        return document ? [document] : [];
      }),
      IsTruncated: isTruncated,
      NextContinuationToken: isTruncated ? page.at(-1) : undefined,
    },
  });
}

/** @throws NoSuchBucket, NoSuchInventory */
function find(call: Call, cloud: Cloud): { bucket: Bucket; id: string; document: Xml } {
  const bucket = findBucket(cloud.store, call.bucket);
  const id = call.query.get('inventoryId') ?? '';
  const document = bucket.inventories?.[id];
  if (!document) throw refuse('NoSuchInventory', { details: { InventoryId: id } });
  return { bucket, id, document };
}
