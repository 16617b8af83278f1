import type { Cloud } from '../local/cloud.ts';
import { createRetentionBucket, heldRetention } from '../local/plain-client.ts';
import { formatInstant } from '../shared/platform/instant.ts';
import type { ObjectAt } from '../shared/storage/port.ts';

/** What became of an object that was uploaded to the embedded cloud. */
export interface Uploaded {
  readonly url: string;
  readonly versionId: string;
  /** As the server holds it; null: it is not retained. */
  readonly retention: { readonly mode: string; readonly until: string } | null;
}

/**
 * Uploads an object as any application does, to a bucket that is made for it with ObjectWorm, and looks at it when
 * everything that it fires has ended.
 * @throws what the client throws
 */
export async function upload(cloud: Cloud, { bucket, key }: ObjectAt): Promise<Uploaded> {
  const client = await createRetentionBucket(cloud.url, bucket);
  const { res } = await client.put(key, Buffer.from('uploaded by holdfast local\n'));
  const versionId = String(res.headers['x-oss-version-id']);
  await cloud.idle();
  const held = await heldRetention(client, key, versionId);
  return {
    url: `oss://${bucket}/${key}`,
    versionId,
    retention: held ? { mode: held.mode, until: formatInstant(held.until) } : null,
  };
}

export function uploadLine({ url, versionId, retention }: Uploaded): string {
  const state = retention ? `is retained until ${retention.until} (${retention.mode})` : 'is not retained';
  return `${url}, version ${versionId}, was uploaded and ${state}`;
}
