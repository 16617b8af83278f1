import type { Cloud } from '../local/cloud.ts';
import { defaultAccessKey } from '../local/keyring.ts';
import { formatInstant } from '../shared/platform/instant.ts';
import { unexpected } from '../shared/storage/oss/errors.ts';
import { storageOver } from '../shared/storage/oss/index.ts';
import { createTransport, type Request, type Transport } from '../shared/storage/oss/transport.ts';
import type { ObjectAt } from '../shared/storage/port.ts';

/** An object that was uploaded to the embedded cloud, and its retention. */
export interface Uploaded {
  readonly url: string;
  readonly versionId: string;
  /** The retention that the server holds; null when the version is not retained. */
  readonly retention: { readonly mode: string; readonly until: string } | null;
}

/**
 * Uploads an object as any application does, to a bucket that it makes with ObjectWorm, and reads its retention when
 * every function that the upload fires has ended.
 * @throws HoldfastError when the embedded cloud refuses a call
 */
export async function upload(cloud: Cloud, { bucket, key }: ObjectAt): Promise<Uploaded> {
  const transport = createTransport({
    region: 'cn-hangzhou',
    endpoint: cloud.url,
    credentials: defaultAccessKey,
  });
  const storage = storageOver(transport);
  try {
    await createVersionedBucket(transport, bucket);
    await storage.putObjectWorm(bucket, {});
    const { versionId } = await storage.writeText({ bucket, key }, 'uploaded by holdfast local\n');
    await cloud.idle();
    const held = await storage.getRetention({ bucket, key, versionId });
    return {
      url: `oss://${bucket}/${key}`,
      versionId: String(versionId),
      retention: held ? { mode: held.mode, until: formatInstant(held.until) } : null,
    };
  } finally {
    storage.close();
  }
}

/** Makes a bucket that keeps versions; the storage port has no calls for this, because Holdfast makes no buckets. */
async function createVersionedBucket(transport: Transport, bucket: string): Promise<void> {
  const versioning = '<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>';
  await send(transport, 'PutBucket', { method: 'PUT', bucket });
  await send(transport, 'PutBucketVersioning', {
    method: 'PUT',
    bucket,
    query: { versioning: '' },
    xml: versioning,
  });
}

/** @throws UNEXPECTED_REPLY for any status but 200 */
async function send(transport: Transport, name: string, request: Request): Promise<void> {
  const { status, body } = await transport.send(request);
  if (status === 200) return;
  const operation = { name, action: `oss:${name}` };
  throw unexpected(operation, request, `status ${status}: ${body.toString()}`, { status });
}

/** Makes the line that tells of the upload. */
export function uploadLine({ url, versionId, retention }: Uploaded): string {
  const state = retention ? `is retained until ${retention.until} (${retention.mode})` : 'is not retained';
  return `${url}, version ${versionId}, was uploaded and ${state}`;
}
