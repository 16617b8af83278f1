import * as z from 'zod';
import type { Xml } from './xml.ts';

/** An inventory configuration, as far as it is carried out. */
export interface InventoryRequest {
  readonly id: string;
  /** The bucket that it is written to. */
  readonly destination: string;
  readonly prefix: string;
  readonly frequency: 'Daily' | 'Weekly' | 'Monthly' | 'Once';
  readonly allVersions: boolean;
  /** Optional columns, in the order of the configuration. */
  readonly fields: readonly string[];
  readonly filter: {
    readonly prefix: string;
    /** Unix seconds. */
    readonly from: number;
    readonly until: number;
    readonly smallest: number;
    readonly largest: number;
    readonly storageClasses: readonly string[] | undefined;
  };
}

const number = (otherwise: number) =>
  z
    .string()
    .optional()
    .transform((text) => (text === undefined || text === '' ? otherwise : Number(text)));
const nothing = z.literal('').transform(() => ({}));

const filter = z
  .object({
    Prefix: z.string().default(''),
    LastModifyBeginTimeStamp: number(0),
    LastModifyEndTimeStamp: number(Number.POSITIVE_INFINITY),
    LowerSizeBound: number(0),
    UpperSizeBound: number(Number.POSITIVE_INFINITY),
    StorageClass: z.string().default('All'),
  })
  .prefault({});

const configuration = z.object({
  IsEnabled: z.literal('true'),
  Filter: z.preprocess((value) => (value === '' ? {} : value), filter),
  Destination: z.object({
    OSSBucketDestination: z.object({
      Format: z.literal('CSV'),
      Bucket: z.string().regex(/^acs:oss:::/),
      Prefix: z.string().default(''),
    }),
  }),
  Schedule: z.object({ Frequency: z.enum(['Daily', 'Weekly', 'Monthly', 'Once']) }),
  IncludedObjectVersions: z.enum(['All', 'Current']),
  OptionalFields: z
    .object({ Field: z.array(z.string()).default([]) })
    .or(nothing.transform(() => ({ Field: [] })))
    .default({ Field: [] }),
});

/** Reads a configuration that is kept; undefined for one that is off, or of another format than CSV. */
export function describeInventory(id: string, document: Xml): InventoryRequest | undefined {
  const read = configuration.safeParse(document).data;
  if (!read) return undefined;
  const { Bucket, Prefix } = read.Destination.OSSBucketDestination;
  const { StorageClass } = read.Filter;
  return {
    id,
    destination: Bucket.replace('acs:oss:::', ''),
    prefix: Prefix,
    frequency: read.Schedule.Frequency,
    allVersions: read.IncludedObjectVersions === 'All',
    fields: read.OptionalFields.Field,
    filter: {
      prefix: read.Filter.Prefix,
      from: read.Filter.LastModifyBeginTimeStamp,
      until: read.Filter.LastModifyEndTimeStamp,
      smallest: read.Filter.LowerSizeBound,
      largest: read.Filter.UpperSizeBound,
      storageClasses: StorageClass === 'All' || StorageClass === '' ? undefined : StorageClass.split(','),
    },
  };
}
