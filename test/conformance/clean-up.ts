import { element, type Reply } from './client.ts';
import type { Target } from './target.ts';

/** Removes a bucket with every version, upload and unlocked policy in it; what is retained stays. */
export async function emptyBucket({ send }: Target, bucket: string): Promise<Reply> {
  await send({ method: 'DELETE', bucket, query: { worm: '' } });
  const uploads = await send({ method: 'GET', bucket, query: { uploads: '' } });
  for (const upload of uploads.body.match(/<Upload>.*?<\/Upload>/gs) ?? []) {
    const query = { uploadId: element(upload, 'UploadId') };
    await send({ method: 'DELETE', bucket, key: element(upload, 'Key'), query });
  }
  const versions = await send({ method: 'GET', bucket, query: { versions: '' } });
  for (const version of versions.body.match(/<(Version|DeleteMarker)>.*?<\/\1>/gs) ?? []) {
    const query = { versionId: element(version, 'VersionId') };
    const headers = { 'x-oss-bypass-governance-retention': 'true' };
    await send({ method: 'DELETE', bucket, key: element(version, 'Key'), query, headers });
  }
  return send({ method: 'DELETE', bucket });
}

/** Whether the bucket is still there, to be removed later. */
export function isLeftOver(reply: Reply): boolean {
  return reply.status >= 300 && reply.code !== 'NoSuchBucket';
}
