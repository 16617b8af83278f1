import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { defaultAccessKey } from '../local/keyring.ts';
import type { Content } from '../local/plain-uploads.ts';
import { systemClock } from '../shared/platform/clock.ts';
import { escapePart } from '../shared/storage/oss/address.ts';
import { unexpected } from '../shared/storage/oss/errors.ts';
import { createSigner, type HeaderPair, signatureTime } from '../shared/storage/oss/signature.ts';
import { createTransport, type Request, type Transport } from '../shared/storage/oss/transport.ts';

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

const sign = createSigner('cn-hangzhou');

/**
 * Uploads an object with its tags. The product's transport signs no such header, because Holdfast uploads nothing with
 * tags.
 * @throws UNEXPECTED_REPLY for any status but 200
 */
export async function uploadLocal(endpoint: string, bucket: string, content: Content): Promise<void> {
  const { key, body, tags } = content;
  const time = signatureTime(systemClock.now());
  const path = `/${bucket}/${key.split('/').map(escapePart).join('/')}`;
  const tagging = new URLSearchParams(tags).toString();
  const signed: HeaderPair[] = [
    ['content-type', 'application/octet-stream'],
    ['x-oss-content-sha256', 'UNSIGNED-PAYLOAD'],
    ['x-oss-date', time],
    ...(tagging === '' ? [] : [['x-oss-tagging', tagging] as const]),
  ];
  const authorization = sign(
    { method: 'PUT', resource: path, query: '', headers: signed },
    time,
    defaultAccessKey,
  );
  const { hostname, port } = new URL(endpoint);
  const headers = { ...Object.fromEntries(signed), authorization, 'content-length': body.length };
  const { status, reply } = await new Promise<{ status: number; reply: string }>((resolve, reject) => {
    const options = { host: hostname.replace(/^\[|\]$/g, ''), port, path, method: 'PUT', headers };
    const sending = request(options, (response) => {
      text(response).then((said) => resolve({ status: response.statusCode ?? 0, reply: said }), reject);
    });
    sending.on('error', reject).end(body);
  });
  if (status === 200) return;
  const operation = { name: 'PutObject', action: 'oss:PutObject' };
  throw unexpected(operation, { bucket, key }, `status ${status}: ${reply}`, { status });
}

/** @throws UNEXPECTED_REPLY for any status but 200 */
async function sendLocal(transport: Transport, name: string, asked: Request): Promise<void> {
  const reply = await transport.send(asked);
  if (reply.status === 200) return;
  const operation = { name, action: `oss:${name}` };
  throw unexpected(operation, asked, `status ${reply.status}: ${reply.body.toString()}`, {
    status: reply.status,
  });
}
