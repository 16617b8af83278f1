import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';

type Client = { put(key: string, body: Buffer): Promise<unknown> };

export const versionSchema =
  'Bucket, Key, VersionId, IsLatest, IsDeleteMarker, LastModifiedDate, TaggingCount';

export interface InventoryFiles {
  /** Where it is written, without a `/` at its end. */
  readonly folder: string;
  /** Each file's rows. */
  readonly files: readonly (string | Buffer)[];
  /** The bucket that it is of. */
  readonly bucket: string;
  readonly schema?: string;
  /** Changes the manifest. */
  readonly manifest?: Readonly<Record<string, unknown>>;
  /** Changes each compressed file after its checksum was taken. */
  readonly damage?: ((file: Buffer) => Buffer) | undefined;
  /** The same before its checksum is taken. */
  readonly pack?: ((file: Buffer) => Buffer) | undefined;
}

/** Writes a bucket inventory as OSS does, its manifest.json last. @returns the manifest's key */
export async function writeInventory(
  client: Client,
  { folder, files: contents, bucket, schema = versionSchema, manifest, damage, pack }: InventoryFiles,
): Promise<string> {
  const files = [];
  for (const [index, content] of contents.entries()) {
    const packed = gzipSync(content);
    const data = pack?.(packed) ?? packed;
    const key = `${folder}/data/${index}.csv.gz`;
    await client.put(key, damage?.(data) ?? data);
    const MD5checksum = createHash('md5').update(data).digest('hex').toUpperCase();
    files.push({ key, size: data.length, MD5checksum });
  }
  const text = JSON.stringify({
    creationTimestamp: '1795168800',
    destinationBucket: 'lists',
    fileFormat: 'CSV',
    fileSchema: schema,
    files,
    sourceBucket: bucket,
    version: '2019-09-01',
    ...manifest,
  });
  const key = `${folder}/manifest.json`;
  await client.put(key, Buffer.from(text));
  return key;
}

/** A row of {@link versionSchema}. */
export function inventoryRow(
  bucket: string,
  key: string,
  versionId: string,
  { marker = false, tags = '', date = '2026-11-20T10:00:00Z' } = {},
): string {
  return `"${bucket}","${encodeURIComponent(key)}","${versionId}","true","${marker}","${date}","${tags}"\n`;
}
