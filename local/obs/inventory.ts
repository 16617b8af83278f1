import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import type { InventoryForm } from '../oss/inventory.ts';
import type { InventoryRequest } from '../oss/inventory-request.ts';
import { inventoryCells, inventoryVersions } from '../oss/inventory-rows.ts';
import { encode } from '../oss/signature/request.ts';
import type { ObjectVersion } from '../oss/state.ts';

/** An inventory configuration ("Configuring Bucket Inventories"). */
export const obsInventory = z.strictObject({
  Id: z.string().min(1).max(64),
  IsEnabled: z.enum(['true', 'false']),
  Filter: z
    .strictObject({ Prefix: z.string().default('') })
    .or(z.literal(''))
    .optional(),
  Destination: z.strictObject({
    Format: z.literal('CSV'),
    Bucket: z.string().min(1),
    Prefix: z.string().default('BucketInventory'),
  }),
  Schedule: z.strictObject({ Frequency: z.enum(['Daily', 'Weekly']) }),
  IncludedObjectVersions: z.enum(['All', 'Current']),
  OptionalFields: z
    .strictObject({ Field: z.array(z.string()).default([]) })
    .or(z.literal(''))
    .optional(),
});

/** Returns the prefix of the keys that a configuration is for. */
export const inventoryPrefix = ({ Filter }: z.infer<typeof obsInventory>): string =>
  Filter === undefined || Filter === '' ? '' : Filter.Prefix;

function describe(id: string, document: unknown): InventoryRequest | undefined {
  const read = obsInventory.safeParse(document).data;
  if (read === undefined || read.IsEnabled === 'false') return undefined;
  const { Destination, Schedule, IncludedObjectVersions, OptionalFields } = read;
  return {
    id,
    destination: Destination.Bucket,
    prefix: Destination.Prefix,
    frequency: Schedule.Frequency,
    allVersions: IncludedObjectVersions === 'All',
    fields: OptionalFields === undefined || OptionalFields === '' ? [] : OptionalFields.Field,
    filter: {
      prefix: inventoryPrefix(read),
      from: 0,
      until: Number.POSITIVE_INFINITY,
      smallest: 0,
      largest: Number.POSITIVE_INFINITY,
      storageClasses: undefined,
    },
  };
}

/** The optional columns, and what is in them for an object. The form of a date is not known. */
const optional: Readonly<Record<string, (version: ObjectVersion) => string>> = {
  Size: ({ content }) => String(content.size),
  LastModifiedDate: ({ lastModified }) => dateOf(lastModified),
  ETag: ({ etag }) => etag.toLowerCase(),
  StorageClass: ({ storageClass }) => storageClass.toUpperCase(),
  IsMultipartUploaded: ({ type }) => String(type === 'Multipart'),
  ReplicationStatus: () => '',
  EncryptionStatus: ({ encryption }) => String(encryption !== undefined),
};

const dateOf = (instant: Date): string => instant.toISOString().replace(/\.\d+Z$/, 'Z');

const columnsOf = ({ allVersions, fields }: InventoryRequest): string[] => [
  ...['Bucket', 'Key', ...(allVersions ? ['VersionId', 'IsLatest', 'IsDeleteMarker'] : [])],
  ...Object.keys(optional).filter((name) => fields.includes(name)),
];

/**
 * Inventories as OBS writes them: plain CSV beside the manifest, keys URL-encoded in rows and manifest, no checksum but the count of
 * rows ("Bucket Inventory Overview").
 */
export const obsInventoryForm: InventoryForm = {
  describe,
  columnsOf,
  *rows(store, bucket, request) {
    const columns = columnsOf(request).slice(request.allVersions ? 5 : 2);
    for (const { key, version, isLatest } of inventoryVersions(store, bucket, request)) {
      const isObject = version.kind === 'object';
      const ofVersion = [version.versionId, String(isLatest), String(!isObject)];
      const cells = columns.map((column) => {
        if (isObject) return optional[column]?.(version) ?? '';
        return column === 'LastModifiedDate' ? dateOf(version.lastModified) : '';
      });
      const all = [bucket, encode(key), ...(request.allVersions ? ofVersion : []), ...cells];
      yield `${inventoryCells(all)}\n`;
    }
  },
  fileOf(_folder, place, rows) {
    const body = Buffer.from(rows.join(''));
    const key = `${place}/files/${randomUUID()}_index.csv`;
    return {
      key,
      body,
      type: 'text/csv',
      entry: () => ({ key: encode(key), size: body.length, inventoriedRecord: rows.length }),
    };
  },
  version: '2019-01-03',
  creationTimestamp: (now) => String(now.getTime()),
  hasChecksum: false,
};
