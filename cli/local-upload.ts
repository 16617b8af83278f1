import type { Cloud } from '../local/cloud.ts';
import { formatInstant } from '../shared/platform/instant.ts';
import { storageOver } from '../shared/storage/oss/index.ts';
import type { ObjectAt } from '../shared/storage/port.ts';
import { createVersionedBucket, localTransport } from './local-store.ts';

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
  const transport = localTransport(cloud.url);
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

/** Makes the line that tells of the upload. */
export function uploadLine({ url, versionId, retention }: Uploaded): string {
  const state = retention ? `is retained until ${retention.until} (${retention.mode})` : 'is not retained';
  return `${url}, version ${versionId}, was uploaded and ${state}`;
}
