import { defaultAccessKey } from '../../local/keyring.ts';
import type { Content } from '../../local/plain-uploads.ts';
import { refused, unanswered } from '../../shared/storage/oss/errors.ts';
import { noReplyOf } from '../../shared/storage/oss/no-reply.ts';
import { readRefusal } from '../../shared/storage/oss/refusal.ts';
import {
  createTransport,
  type Reply,
  type Request,
  type Transport,
} from '../../shared/storage/oss/transport.ts';

/** Connects to the OSS of an embedded cloud, with its well-known access key. */
export const localTransport = (endpoint: string): Transport =>
  createTransport({ region: 'cn-hangzhou', endpoint, credentials: defaultAccessKey });

/** Makes a bucket that keeps versions; the storage port has no calls for this, because Holdfast makes no buckets. */
export async function createVersionedBucket(transport: Transport, bucket: string): Promise<void> {
  const xml = '<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>';
  await createPlainBucket(transport, bucket);
  await sendLocal(transport, 'PutBucketVersioning', {
    method: 'PUT',
    bucket,
    query: { versioning: '' },
    xml,
  });
}

/** Makes a bucket without versions. */
export async function createPlainBucket(transport: Transport, bucket: string): Promise<void> {
  await sendLocal(transport, 'PutBucket', { method: 'PUT', bucket });
}

/**
 * Uploads an object with its tags; the storage port has no call for this, because Holdfast uploads nothing with tags.
 * @returns the id of the version; undefined in a bucket that keeps none
 * @throws HoldfastError when the embedded cloud refuses it or does not answer
 */
export async function uploadLocal(
  transport: Transport,
  bucket: string,
  { key, body, tags }: Omit<Content, 'partSize'>,
): Promise<string | undefined> {
  const reply = await sendLocal(transport, 'PutObject', {
    method: 'PUT',
    bucket,
    key,
    bytes: body,
    headers: taggingHeaders(tags),
  });
  return reply.header('x-oss-version-id');
}

/** Returns the header that uploads an object with its tags; none where there are no tags. */
export function taggingHeaders(tags: Readonly<Record<string, string>>): Record<string, string> {
  const tagging = new URLSearchParams(tags).toString();
  return tagging === '' ? {} : { 'x-oss-tagging': tagging };
}

/**
 * Sends a request to the embedded cloud.
 * @throws UNREACHABLE when nobody answers, and the code of the refusal for any status but 200
 */
export async function sendLocal(transport: Transport, name: string, asked: Request): Promise<Reply> {
  const operation = { name, action: `oss:${name}` };
  const reply = await transport.send(asked).catch((error: unknown) => {
    throw unanswered(operation, asked, transport.endpoint, noReplyOf(error));
  });
  if (reply.status === 200) return reply;
  throw refused(operation, asked, readRefusal(reply, asked.method));
}
