import * as z from 'zod';
import { receiveXml } from '../../oss/body.ts';
import type { Reply } from '../../oss/reply.ts';
import type { Bucket } from '../../oss/state.ts';
import { findBucket } from '../../oss/versions.ts';
import type { Xml } from '../../oss/xml.ts';
import { refuseObs } from '../errors.ts';
import { inventoryPrefix, obsInventory } from '../inventory.ts';
import type { ObsCall, ObsCloud, ObsOperation } from '../operation.ts';
import { element, elements, type XmlElement } from '../xml.ts';
import { documentReply } from './reply.ts';

const inventoryDocument = z.strictObject({ InventoryConfiguration: obsInventory });

/** A bucket has no more configurations ("Configuring Bucket Inventories"). */
const most = 10;

const one = { on: 'bucket', requires: ['inventory', 'id'] } as const;

/** Inventory configurations; inventory.ts above writes what they ask for. */
export const obsInventoryOperations: readonly ObsOperation[] = [
  { name: 'PutBucketInventory', method: 'PUT', ...one, run: put },
  { name: 'GetBucketInventory', method: 'GET', ...one, run: get },
  { name: 'DeleteBucketInventory', method: 'DELETE', ...one, run: remove },
  { name: 'ListBucketInventory', method: 'GET', on: 'bucket', requires: ['inventory'], run: list },
];

async function put(call: ObsCall, cloud: ObsCloud): Promise<Reply> {
  const { InventoryConfiguration: wanted } = await receiveXml(call, inventoryDocument, ['Field']);
  const bucket = findBucket(cloud.store, call.bucket);
  const id = call.query.get('id') ?? '';
  if (wanted.Id !== id)
    throw refuseObs('InvalidArgument', { message: 'The id is not that of the document.' });
  const others = Object.entries(bucket.inventories ?? {}).filter(([other]) => other !== id);
  if (others.length >= most) throw refuseObs('InventoryCountOverLimit');
  const prefix = inventoryPrefix(wanted);
  const overlap = others.some(([, document]) => {
    const other = inventoryPrefix(obsInventory.parse(document));
    return other.startsWith(prefix) || prefix.startsWith(other);
  });
  if (overlap) throw refuseObs('PrefixExistInclusionRelationship');
  const document: Xml = JSON.parse(JSON.stringify(wanted));
  cloud.store.saveBucket({ ...bucket, inventories: { ...bucket.inventories, [id]: document } });
  return { status: 200 };
}

function get(call: ObsCall, cloud: ObsCloud): Reply {
  return documentReply(call, 'InventoryConfiguration', written(find(call, cloud).document));
}

function remove(call: ObsCall, cloud: ObsCloud): Reply {
  const { bucket, id } = find(call, cloud);
  const { [id]: _removed, ...inventories } = bucket.inventories ?? {};
  cloud.store.saveBucket({ ...bucket, inventories });
  return { status: 204 };
}

function list(call: ObsCall, cloud: ObsCloud): Reply {
  const { inventories = {} } = findBucket(cloud.store, call.bucket);
  const all = Object.values(inventories).map((each) => element('InventoryConfiguration', written(each)));
  return documentReply(call, 'ListInventoryConfiguration', all);
}

/** @throws NoSuchBucket, NoSuchInventoryConfiguration */
function find(call: ObsCall, cloud: ObsCloud): { bucket: Bucket; id: string; document: unknown } {
  const bucket = findBucket(cloud.store, call.bucket);
  const id = call.query.get('id') ?? '';
  const document = bucket.inventories?.[id];
  if (document === undefined) throw refuseObs('NoSuchInventoryConfiguration');
  return { bucket, id, document };
}

function written(document: unknown): XmlElement[] {
  const { Id, IsEnabled, Filter, Destination, Schedule, IncludedObjectVersions, OptionalFields } =
    obsInventory.parse(document);
  const fields = OptionalFields === undefined || OptionalFields === '' ? [] : OptionalFields.Field;
  return [
    ...elements({ Id, IsEnabled }),
    ...(Filter === undefined || Filter === '' ? [] : [element('Filter', elements(Filter))]),
    element('Destination', elements(Destination)),
    element('Schedule', elements(Schedule)),
    ...elements({ IncludedObjectVersions }),
    ...(fields.length === 0
      ? []
      : [
          element(
            'OptionalFields',
            fields.map((name) => element('Field', name)),
          ),
        ]),
  ];
}
