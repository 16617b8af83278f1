import type { Transport } from '../../shared/storage/oss/transport.ts';
import { parseXml, requiredText } from '../../shared/storage/oss/xml.ts';
import { sendLocal, taggingHeaders, uploadLocal } from './store.ts';

/** An object whose bytes come one after the other. */
export interface StreamedContent {
  readonly key: string;
  readonly content: AsyncIterable<Uint8Array>;
  readonly tags: Readonly<Record<string, string>>;
}

/** An upload that was completed; a bucket that keeps no versions names none. */
export interface StreamedUpload {
  readonly versionId: string | undefined;
  readonly size: number;
}

/** Bytes in memory at once, at most. */
const partSize = 8 * 1024 * 1024;

/**
 * Uploads an object as its bytes come: in one request, or part by part where there are more than one part holds.
 * @throws HoldfastError when the embedded cloud refuses it or does not answer, and what reading the content throws
 */
export async function uploadStreamed(
  transport: Transport,
  bucket: string,
  { key, content, tags }: StreamedContent,
): Promise<StreamedUpload> {
  const parts = partsOf(content);
  const first = (await parts.next()).value ?? Buffer.alloc(0);
  const second = await parts.next();
  if (second.done === true) {
    const versionId = await uploadLocal(transport, bucket, { key, body: first, tags });
    return { versionId, size: first.length };
  }
  const at = { bucket, key };
  const begun = await sendLocal(transport, 'InitiateMultipartUpload', {
    ...at,
    method: 'POST',
    query: { uploads: '' },
    headers: taggingHeaders(tags),
  });
  const uploadId = requiredText(parseXml(begun.body.toString(), 'InitiateMultipartUploadResult'), 'UploadId');
  const etags: string[] = [];
  let size = 0;
  const send = async (bytes: Buffer) => {
    const partNumber = String(etags.length + 1);
    const query = { partNumber, uploadId };
    const reply = await sendLocal(transport, 'UploadPart', { ...at, method: 'PUT', query, bytes });
    etags.push(reply.header('etag') ?? '');
    size += bytes.length;
  };
  try {
    await send(first);
    await send(second.value);
    for await (const part of parts) await send(part);
    const ended = await sendLocal(transport, 'CompleteMultipartUpload', {
      ...at,
      method: 'POST',
      query: { uploadId },
      xml: completion(etags),
    });
    return { versionId: ended.header('x-oss-version-id'), size };
  } catch (error) {
    const query = { uploadId };
    await transport.send({ ...at, method: 'DELETE', query }).catch(() => undefined);
    throw error;
  }
}

const completion = (etags: readonly string[]): string => {
  const parts = etags.map(
    (etag, index) =>
      `<Part><PartNumber>${index + 1}</PartNumber><ETag>${etag.replaceAll('"', '&quot;')}</ETag></Part>`,
  );
  return `<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`;
};

/** Gathers bytes into parts of one size; the last one has what is left. */
async function* partsOf(content: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer, undefined> {
  let held: Buffer[] = [];
  let size = 0;
  for await (const chunk of content) {
    let rest = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    while (size + rest.length >= partSize) {
      const fits = rest.subarray(0, partSize - size);
      rest = rest.subarray(fits.length);
      yield Buffer.concat([...held, fits]);
      held = [];
      size = 0;
    }
    if (rest.length > 0) held.push(rest);
    size += rest.length;
  }
  if (size > 0) yield Buffer.concat(held);
  return undefined;
}
