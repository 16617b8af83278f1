import type { Cloud } from '../../local/cloud.ts';
import { defaultAccessKey } from '../../local/keyring.ts';
import { createObsRetentionBucket } from '../../local/plain-obs.ts';
import { type Address, formatAddress } from '../../shared/platform/address.ts';
import { formatInstant } from '../../shared/platform/instant.ts';
import { createObsStorage } from '../../shared/storage/obs/index.ts';
import { storageOver } from '../../shared/storage/oss/index.ts';
import type { ObjectStore } from '../../shared/storage/port.ts';
import { createVersionedBucket, localTransport } from './store.ts';

/** An object that was uploaded to the embedded cloud, and its retention. */
export interface Uploaded {
  readonly url: string;
  readonly versionId: string;
  /** The retention that the server holds; null when the version is not retained. */
  readonly retention: { readonly mode: string; readonly until: string } | null;
}

/** The object store that an upload goes to. */
interface UploadStore {
  readonly storage: ObjectStore & { close(): void };
  /** Makes a bucket that takes retention of single versions. */
  createRetentionBucket(bucket: string): Promise<unknown>;
}

/**
 * Uploads an object as any application does, to a bucket that it makes with object lock on, and reads its retention when every
 * function that the upload fires has ended.
 * @param address in a cloud that is served
 * @param evidence the bucket that decisions are recorded in, which is made as well; undefined: they are not
 * @throws HoldfastError when the embedded cloud refuses a call
 */
export async function upload(
  cloud: Cloud,
  { cloud: name, bucket, key }: Address,
  evidence: string | undefined,
): Promise<Uploaded> {
  const { storage, createRetentionBucket } =
    name === 'obs' && cloud.obs !== undefined ? obsStore(cloud.obs) : ossStore(cloud.url);
  try {
    if (evidence !== undefined) await createRetentionBucket(evidence);
    await createRetentionBucket(bucket);
    const { versionId } = await storage.writeText({ bucket, key }, 'uploaded by holdfast local\n');
    await cloud.idle();
    const held = await storage.getRetention({ bucket, key, versionId });
    return {
      url: formatAddress(name, { bucket, key }),
      versionId: String(versionId),
      retention: held ? { mode: held.mode, until: formatInstant(held.until) } : null,
    };
  } finally {
    storage.close();
  }
}

function ossStore(url: string): UploadStore {
  const transport = localTransport(url);
  const storage = storageOver(transport);
  return {
    storage,
    async createRetentionBucket(bucket) {
      await createVersionedBucket(transport, bucket);
      await storage.putObjectWorm(bucket, {});
    },
  };
}

const obsStore = ({ url, region }: NonNullable<Cloud['obs']>): UploadStore => ({
  storage: createObsStorage({ region, endpoint: url, credentials: defaultAccessKey }),
  createRetentionBucket: (bucket) => createObsRetentionBucket(url, bucket),
});

/** Makes the line that tells of the upload. */
export function uploadLine({ url, versionId, retention }: Uploaded): string {
  const state = retention ? `is retained until ${retention.until} (${retention.mode})` : 'is not retained';
  return `${url}, version ${versionId}, was uploaded and ${state}`;
}
