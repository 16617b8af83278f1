import type { Refusal } from './errors.ts';
import type { Reply, Request } from './transport.ts';
import { BadReply, optionalText, parseXml } from './xml.ts';

/** A reply to HEAD has no body; without `x-oss-err` its status alone says what a code would. */
const headCodes: Readonly<Record<number, string>> = {
  403: 'AccessDenied',
  404: 'NoSuchKey',
  405: 'MethodNotAllowed',
};

/** Reads what a refusing reply says: from its XML, or from `x-oss-err`, which repeats it in base64 on HEAD. */
export function readRefusal(reply: Reply, method: Request['method']): Refusal {
  const inHeader = Buffer.from(reply.headers['x-oss-err'] ?? '', 'base64');
  const error = errorElement((reply.body.length > 0 ? reply.body : inHeader).toString());
  const requestId = reply.requestId ?? optionalText(error, 'RequestId');
  return {
    status: reply.status,
    code:
      optionalText(error, 'Code') ?? (method === 'HEAD' ? headCodes[reply.status] : undefined) ?? 'no code',
    message: optionalText(error, 'Message') ?? `status ${reply.status} without an error message`,
    endpoint: optionalText(error, 'Endpoint'),
    isDeleteMarker: reply.headers['x-oss-delete-marker'] === 'true',
    ...(requestId !== undefined && { requestId }),
  };
}

/** Gateways and proxies refuse with other bodies than OSS; then only the status speaks. */
function errorElement(body: string) {
  try {
    return parseXml(body, 'Error');
  } catch (error) {
    if (error instanceof BadReply) return undefined;
    throw error;
  }
}
