import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { z } from 'zod';
import { type Content, wholeBody } from './content.ts';
import { crc64 } from './crc64.ts';
import { refuse } from './errors.ts';
import type { Call } from './request.ts';
import { SMALL_BYTES } from './store/intake.ts';
import { readTrafficLimit, slowed } from './traffic-limit.ts';
import { readXml } from './xml.ts';

/** Documents of requests stay far below this; DeleteMultipleObjects with 1,000 keys is the largest. */
const MAX_DOCUMENT_BYTES = 2 * 1024 * 1024;

export interface Received {
  readonly content: Content;
  readonly md5: string;
  readonly etag: string;
  readonly crc64: string;
}

/**
 * Takes in the body of an upload and checks it against what the client announced. It stays as long as the request's
 * lease; saving it in a version or part makes it stay for good.
 * @param options `crcBefore`: the checksum of what the body is appended to; the result's is that of both together
 * @throws InvalidDigest, BadDigest (of x-oss-content-sha256), EntityTooLarge
 */
export async function receive(
  call: Call,
  { crcBefore, maxBytes = Number.POSITIVE_INFINITY }: { crcBefore?: string; maxBytes?: number } = {},
): Promise<Received> {
  const check = checker(call, maxBytes, crcBefore);
  const taking = call.lease.receive();
  await read(call, (chunk) => {
    check.update(chunk);
    return taking.write(chunk);
  });
  const digests = check.finish();
  return { content: wholeBody(await taking.end()), ...digests };
}

/**
 * Reads the XML document of a request.
 * @throws MalformedXML, and what {@link receive} throws
 */
export async function receiveXml<T>(
  call: Call,
  schema: z.ZodType<T>,
  repeated: readonly string[] = [],
): Promise<T> {
  return readXml(await receiveDocument(call), schema, repeated);
}

/** Reads a document of any form; empty when there is none. @throws what {@link receive} throws */
export async function receiveDocument(call: Call): Promise<Buffer> {
  const check = checker(call, MAX_DOCUMENT_BYTES);
  const chunks: Buffer[] = [];
  await read(call, (chunk) => {
    check.update(chunk);
    chunks.push(chunk);
  });
  check.finish();
  return Buffer.concat(chunks);
}

/** Computes the digests of a body as it comes, and compares them with those that were announced. */
function checker(call: Call, maxBytes: number, crcBefore?: string) {
  const expected = announcedMd5(call);
  const sha256Header = call.headers['x-oss-content-sha256'] ?? '';
  const sha256 = /^[0-9a-f]{64}$/i.test(sha256Header) ? createHash('sha256') : undefined;
  const md5 = createHash('md5');
  const crc = crc64(crcBefore);
  let size = 0;
  return {
    update(chunk: Buffer) {
      size += chunk.length;
      if (size > maxBytes) throw refuse('EntityTooLarge');
      md5.update(chunk);
      crc.update(chunk);
      sha256?.update(chunk);
    },
    finish() {
      const digest = md5.digest();
      if (expected && !digest.equals(expected)) throw refuse('InvalidDigest');
      if (sha256 && sha256.digest('hex') !== sha256Header.toLowerCase()) {
        throw refuse('BadDigest');
      }
      const etag = digest.toString('hex').toUpperCase();
      return { md5: digest.toString('base64'), etag, crc64: crc.digest() };
    },
  };
}

function announcedMd5(call: Call): Buffer | undefined {
  const header = call.headers['content-md5'];
  if (header === undefined) return undefined;
  const digest = Buffer.from(header, 'base64');
  if (digest.length !== 16) throw refuse('InvalidDigest');
  return digest;
}

/**
 * A body that is known to be small comes as one chunk, which costs a fraction of an iterator's turns. Stopping half way
 * must not tear down the connection, for the reply still has to go out.
 */
async function read(
  { headers, query, body }: Call,
  take: (chunk: Buffer) => Promise<void> | undefined | void,
): Promise<void> {
  // A client may name a length and send chunks all the same (ali-oss with a stream); then the chunks count.
  const length = headers['transfer-encoding'] === undefined ? Number(headers['content-length']) : Number.NaN;
  const limit = readTrafficLimit(query, headers);
  if (length <= SMALL_BYTES && limit === undefined) {
    if (length > 0) await take(await collect(body));
    return;
  }
  const chunks: AsyncIterable<Buffer> = body.iterator({ destroyOnReturn: false });
  for await (const chunk of limit === undefined ? chunks : slowed(chunks, limit))
    await take(Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk));
}

function collect(body: Readable): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    body.on('data', (chunk: Buffer) => chunks.push(chunk));
    body.on('end', () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)));
    body.on('error', reject);
  });
}
