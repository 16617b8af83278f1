import { createHash, randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { wholeBody } from './content.ts';
import { crc64 } from './crc64.ts';
import { OssError } from './errors.ts';
import { describeInventory, type InventoryRequest } from './inventory-request.ts';
import { inventoryRows, schemaOf } from './inventory-rows.ts';
import type { Bucket, ObjectVersion } from './state.ts';
import type { Store } from './store/store.ts';
import { writeObject } from './versions.ts';
import type { Xml } from './xml.ts';

/** An object that an inventory wrote. */
export interface InventoryObject {
  readonly bucket: string;
  readonly key: string;
  readonly version: ObjectVersion;
  /** The size of the object that was current before. */
  readonly replacedSize: number;
}

/** The form in which a service writes inventories. */
export interface InventoryForm {
  /** Reads a configuration that is kept; undefined for one that is not carried out. */
  describe(id: string, document: Xml): InventoryRequest | undefined;
  columnsOf(request: InventoryRequest): readonly string[];
  rows(store: Store, bucket: string, request: InventoryRequest): Iterable<string>;
  /**
   * Makes a data file.
   * @param folder that of the inventory
   * @param place that of this day, where its manifest will be
   */
  fileOf(folder: string, place: string, rows: readonly string[]): DataFile;
  readonly version: string;
  creationTimestamp(now: Date): string;
  /** Tells whether a file beside the manifest has its checksum. */
  readonly hasChecksum: boolean;
}

/** A file of rows, and what the manifest says of it beside its size. */
export interface DataFile {
  readonly key: string;
  readonly body: Buffer;
  readonly type: string;
  /** @param md5 in capital hexadecimal digits */
  entry(md5: string): Readonly<Record<string, unknown>>;
}

const ossForm: InventoryForm = {
  describe: describeInventory,
  columnsOf: schemaOf,
  rows: inventoryRows,
  fileOf(folder, _place, rows) {
    const body = gzipSync(rows.join(''));
    const key = `${folder}/data/${randomUUID()}.csv.gz`;
    return {
      key,
      body,
      type: 'application/gzip',
      entry: (MD5checksum) => ({ key, size: body.length, MD5checksum }),
    };
  },
  version: '2019-09-01',
  creationTimestamp: (now) => String(Math.floor(now.getTime() / 1000)),
  hasChecksum: true,
};

/** Rows of one file; the service splits at some millions, this keeps memory small. */
const ROWS_A_FILE = 200_000;

/**
 * Writes the inventories that are due on a day, in the form of the service (OSS, "Bucket inventory"): files of CSV with gzip, a
 * checksum, and last the manifest.json whose arrival says that all is there. Configurations of other formats are kept only.
 * One whose destination is not there, or refuses to be written, is left out.
 * @param written is told of every object, in order
 */
export async function runInventories(
  store: Store,
  now: Date,
  written: (object: InventoryObject) => void,
  form: InventoryForm = ossForm,
): Promise<void> {
  for (const bucket of store.buckets()) {
    for (const [id, document] of Object.entries(bucket.inventories ?? {})) {
      const request = form.describe(id, document);
      if (request && isDue(bucket, request, now))
        await writeUnlessRefused(store, bucket, request, now, written, form);
    }
  }
}

/** Daily; weekly on Sundays; monthly on the first; once. In UTC, and once a day at most. */
function isDue(bucket: Bucket, { id, frequency }: InventoryRequest, now: Date): boolean {
  const last = bucket.inventoriesMade?.[id];
  if (last === dayOf(now)) return false;
  switch (frequency) {
    case 'Daily':
      return true;
    case 'Weekly':
      return now.getUTCDay() === 0;
    case 'Monthly':
      return now.getUTCDate() === 1;
    case 'Once':
      return last === undefined;
  }
}

const dayOf = (now: Date): string => now.toISOString().slice(0, 10);

async function writeUnlessRefused(
  store: Store,
  bucket: Bucket,
  request: InventoryRequest,
  now: Date,
  written: (object: InventoryObject) => void,
  form: InventoryForm,
): Promise<void> {
  if (!store.bucket(request.destination)) return;
  try {
    await writeInventory(store, bucket, request, now, written, form);
  } catch (error) {
    if (!(error instanceof OssError)) throw error;
    return;
  }
  const current = store.bucket(bucket.name);
  if (!current) return;
  store.saveBucket({ ...current, inventoriesMade: { ...current.inventoriesMade, [request.id]: dayOf(now) } });
}

async function writeInventory(
  store: Store,
  { name }: Bucket,
  request: InventoryRequest,
  now: Date,
  written: (object: InventoryObject) => void,
  form: InventoryForm,
): Promise<void> {
  const folder = `${request.prefix === '' ? '' : `${request.prefix.replace(/\/$/, '')}/`}${name}/${request.id}`;
  const put = async (key: string, body: Buffer, type: string) => {
    written(await writeBody(store, request.destination, key, body, type, now));
    return createHash('md5').update(body).digest('hex').toUpperCase();
  };
  const place = `${folder}/${dayOf(now)}T${now.toISOString().slice(11, 16).replace(':', '-')}Z`;
  const files: unknown[] = [];
  for (const rows of pages([...form.rows(store, name, request)])) {
    const { key, body, type, entry } = form.fileOf(folder, place, rows);
    files.push(entry(await put(key, body, type)));
  }
  const manifest = {
    creationTimestamp: form.creationTimestamp(now),
    destinationBucket: request.destination,
    fileFormat: 'CSV',
    fileSchema: form.columnsOf(request).join(', '),
    files,
    sourceBucket: name,
    version: form.version,
  };
  const text = Buffer.from(JSON.stringify(manifest, undefined, 1));
  const checksum = createHash('md5').update(text).digest('hex').toUpperCase();
  if (form.hasChecksum)
    await put(`${place}/manifest.checksum`, Buffer.from(checksum), 'application/octet-stream');
  await put(`${place}/manifest.json`, text, 'application/json');
}

function* pages(rows: readonly string[]): Generator<readonly string[]> {
  for (let start = 0; start < rows.length; start += ROWS_A_FILE) yield rows.slice(start, start + ROWS_A_FILE);
}

async function writeBody(
  store: Store,
  bucket: string,
  key: string,
  body: Buffer,
  type: string,
  now: Date,
): Promise<InventoryObject> {
  const lease = store.lease();
  try {
    const taking = lease.receive();
    await taking.write(body);
    const content = wholeBody(await taking.end());
    const destination = store.bucket(bucket);
    if (!destination) throw new OssError('NoSuchBucket', 404, {});
    const md5 = createHash('md5').update(body).digest();
    const crc = crc64();
    crc.update(body);
    const draft = {
      type: 'Normal',
      content,
      md5: md5.toString('base64'),
      etag: md5.toString('hex').toUpperCase(),
      crc64: crc.digest(),
      metadata: { 'Content-Type': type },
      storageClass: destination.storageClass,
      tags: {},
    } as const;
    return { bucket, key, ...writeObject(store, destination, key, draft, now) };
  } finally {
    lease.end();
  }
}
