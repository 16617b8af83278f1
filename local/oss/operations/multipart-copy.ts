import { sliceContent } from '../content.ts';
import { refuse } from '../errors.ts';
import type { Cloud } from '../operation.ts';
import { type Reply, xmlReply } from '../reply.ts';
import type { Call } from '../request.ts';
import { xmlDate } from '../xml.ts';
import { findSource } from './copy-source.ts';
import { digest } from './digest.ts';
import { readRange } from './range.ts';
import { checkSequence, findUpload, readPartNumber, savePart } from './uploads.ts';

/** The EC of NoSuchUpload from UploadPartCopy, asserted by the Go SDK v2's suite. */
const COPY_EC = '0042-00000311';

/** Returns a part that is copied out of an object: all of it, or `x-oss-copy-source-range`. */
export async function uploadPartCopy(call: Call, cloud: Cloud): Promise<Reply> {
  const number = readPartNumber(call);
  checkSequence(findUpload(call, cloud, COPY_EC), number);
  const { version, headers } = findSource(call, cloud);
  if (version.type === 'Appendable') {
    throw refuse('OperationNotSupported', { details: { ResourceType: version.type } });
  }
  const { start, end } = readSourceRange(call, version.content.size);
  const content = sliceContent(version.content, start, end);
  call.lease.keep(content);
  const part = { number, content, ...(await digest(content)), lastModified: cloud.now() };
  savePart(call, cloud, part, COPY_EC);
  const etag = `"${part.etag}"`;
  return xmlReply(
    { CopyPartResult: { LastModified: xmlDate(part.lastModified), ETag: etag } },
    { ETag: etag, 'x-oss-hash-crc64ecma': part.crc64, ...headers },
  );
}

function readSourceRange(call: Call, size: number) {
  const header = call.headers['x-oss-copy-source-range'];
  if (header === undefined) return { start: 0, end: size };
  const range = readRange(header, size);
  if (range !== undefined && range !== 'unsatisfiable') return range;
  throw refuse('InvalidArgument', {
    details: { ArgumentName: 'x-oss-copy-source-range', ArgumentValue: header },
  });
}
