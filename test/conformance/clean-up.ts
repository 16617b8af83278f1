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
    await removeVersion(send, bucket, element(version, 'Key'), element(version, 'VersionId'));
  }
  return send({ method: 'DELETE', bucket });
}

/** Lifts a hold that a case left behind, and governance. */
async function removeVersion(send: Target['send'], bucket: string, key: string, versionId: string) {
  const headers = { 'x-oss-bypass-governance-retention': 'true' };
  const remove = { method: 'DELETE', bucket, key, query: { versionId }, headers } as const;
  if ((await send(remove)).code !== 'FileImmutable') return;
  const body = '<LegalHold><Status>OFF</Status></LegalHold>';
  await send({ method: 'PUT', bucket, key, query: { legalHold: '', versionId }, body });
  await send(remove);
}

/** Whether the bucket is still there, to be removed later. */
export function isLeftOver(reply: Reply): boolean {
  return reply.status >= 300 && reply.code !== 'NoSuchBucket';
}
