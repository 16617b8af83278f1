import { createHash, hash } from 'node:crypto';
import { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import type { z } from 'zod';
import { type Body, type Content, wholeBody } from './content.ts';
import { crc64 } from './crc64.ts';
import { refuse } from './errors.ts';
import { readXml } from './read-xml.ts';
import type { Call } from './request.ts';
import { SMALL_BYTES } from './store/intake.ts';
import { readTrafficLimit, slowed } from './traffic-limit.ts';

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
  const announced = readAnnounced(call);
  const whole = await readSmall(call);
  if (whole !== undefined) {
    if (whole.length > maxBytes) throw refuse('EntityTooLarge');
    const sums = sumsOf(whole, announced, crcBefore);
    compare(announced, sums);
    const kept = call.lease.receiveSmall(whole);
    return receivedOf(kept instanceof Promise ? await kept : kept, sums);
  }
  const taking = call.lease.receive();
  const summing = createSums(announced, crcBefore);
  await readChunks(call, maxBytes, (chunk) => {
    summing.update(chunk);
    return taking.write(chunk);
  });
  const sums = summing.finish();
  compare(announced, sums);
  return receivedOf(await taking.end(), sums);
}

const receivedOf = (body: Body, { md5, crc64 }: Sums): Received => ({
  content: wholeBody(body),
  md5: Buffer.from(md5, 'hex').toString('base64'),
  etag: md5.toUpperCase(),
  crc64,
});

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
  const announced = readAnnounced(call);
  const document = (await readSmall(call)) ?? (await readLarge(call, MAX_DOCUMENT_BYTES));
  if (announced.md5 !== undefined || announced.sha256 !== undefined) {
    compare(announced, sumsOf(document, announced));
  }
  return document;
}

/** These are the digests that a client says its body has, in lower-case hex. */
interface Announced {
  readonly md5: string | undefined;
  readonly sha256: string | undefined;
}

/** @throws InvalidDigest for a Content-MD5 that cannot be one */
function readAnnounced({ headers }: Call): Announced {
  const md5 = headers['content-md5'];
  const digest = md5 === undefined ? undefined : Buffer.from(md5, 'base64');
  if (digest !== undefined && digest.length !== 16) throw refuse('InvalidDigest');
  const sha256 = headers['x-oss-content-sha256'] ?? '';
  return {
    md5: digest?.toString('hex'),
    sha256: /^[0-9a-f]{64}$/i.test(sha256) ? sha256.toLowerCase() : undefined,
  };
}

/** The digests of a body in lower-case hex, its CRC-64 in decimal. */
interface Sums {
  readonly md5: string;
  /** Only where the client announces one. */
  readonly sha256: string | undefined;
  readonly crc64: string;
}

/** Returns the digests of bytes that are all there; an object for each, as with a stream, costs more than the hashing. */
function sumsOf(bytes: Buffer, announced: Announced, crcBefore?: string): Sums {
  const crc = crc64(crcBefore);
  crc.update(bytes);
  return {
    md5: hash('md5', bytes),
    sha256: announced.sha256 === undefined ? undefined : hash('sha256', bytes),
    crc64: crc.digest(),
  };
}

/** Computes the digests of a body as it comes. */
function createSums(announced: Announced, crcBefore?: string) {
  const md5 = createHash('md5');
  const sha256 = announced.sha256 === undefined ? undefined : createHash('sha256');
  const crc = crc64(crcBefore);
  return {
    update(chunk: Buffer) {
      md5.update(chunk);
      crc.update(chunk);
      sha256?.update(chunk);
    },
    finish: (): Sums => ({ md5: md5.digest('hex'), sha256: sha256?.digest('hex'), crc64: crc.digest() }),
  };
}

/** @throws InvalidDigest, BadDigest when a body is not what was announced */
function compare(announced: Announced, sums: Sums): void {
  if (announced.md5 !== undefined && announced.md5 !== sums.md5) throw refuse('InvalidDigest');
  if (announced.sha256 !== undefined && announced.sha256 !== sums.sha256) throw refuse('BadDigest');
}

/** Reads a body that is known to be small at one go, which costs a fraction of an iterator's turns; else undefined. */
async function readSmall({ headers, query, body }: Call): Promise<Buffer | undefined> {
  // A client may name a length and send chunks all the same (ali-oss with a stream); then the chunks count.
  const length = headers['transfer-encoding'] === undefined ? Number(headers['content-length']) : Number.NaN;
  if (!(length <= SMALL_BYTES) || readTrafficLimit(query, headers) !== undefined) return undefined;
  await undefined; // by then a body that came together with its headers is there, and nobody has to listen for it
  if (body instanceof IncomingMessage && body.complete) return body.read() ?? Buffer.alloc(0);
  return collect(body);
}

async function readLarge(call: Call, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  await readChunks(call, maxBytes, (chunk) => void chunks.push(chunk));
  return Buffer.concat(chunks);
}

/**
 * Reads a body as it comes. Stopping half way must not tear down the connection, for the reply still has to go out.
 * @throws EntityTooLarge
 */
async function readChunks(
  { headers, query, body }: Call,
  maxBytes: number,
  take: (chunk: Buffer) => Promise<void> | undefined | void,
): Promise<void> {
  const limit = readTrafficLimit(query, headers);
  const chunks: AsyncIterable<Buffer> = body.iterator({ destroyOnReturn: false });
  let size = 0;
  for await (const each of limit === undefined ? chunks : slowed(chunks, limit)) {
    const chunk = Buffer.isBuffer(each) ? each : Buffer.from(each);
    size += chunk.length;
    if (size > maxBytes) throw refuse('EntityTooLarge');
    await take(chunk);
  }
}

function collect(body: Readable): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    body.on('data', (chunk: Buffer) => chunks.push(chunk));
    body.on('end', () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)));
    body.on('error', reject);
    // The client may have gone before anybody listened; then nothing more is told.
    if (body.destroyed && !body.readableEnded) reject(body.errored ?? new Error('the client has gone'));
  });
}
