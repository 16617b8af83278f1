import { withoutSecrets } from '../../platform/secrets.ts';
import type { ServiceRefusal } from './errors.ts';
import type { Reply, Request } from './transport.ts';
import { BadReply, type Element, optionalText, parseXml } from './xml.ts';

/** A reply to HEAD has no body; without `x-oss-err` its status alone says what a code would. */
const headCodes: Readonly<Record<number, string>> = {
  403: 'AccessDenied',
  404: 'NoSuchKey',
  405: 'MethodNotAllowed',
};

/** The longest text of a service that is kept, in characters. */
const longest = 1000;

/** Reads what a refusing reply says: from its XML, or from `x-oss-err`, which repeats it in base64 on HEAD. */
export function readRefusal(reply: Reply, method: Request['method']): ServiceRefusal {
  const inHeader = Buffer.from(reply.header('x-oss-err') ?? '', 'base64');
  const error = errorElement((reply.body.length > 0 ? reply.body : inHeader).toString());
  const text = (name: string) => {
    const found = optionalText(error, name);
    return found === undefined ? undefined : withoutSecrets(found).slice(0, longest);
  };
  const code = text('Code');
  const requestId = reply.requestId ?? text('RequestId');
  return {
    status: reply.status,
    code: code ?? (method === 'HEAD' ? headCodes[reply.status] : undefined) ?? 'no code',
    message: text('Message') ?? `status ${reply.status} without an error message`,
    endpoint: text('Endpoint'),
    isDeleteMarker: reply.header('x-oss-delete-marker') === 'true',
    fromService: reply.fromService || code !== undefined,
    ...(requestId !== undefined && { requestId }),
  };
}

/** Gateways and proxies refuse with other bodies than OSS; then only the status speaks. */
function errorElement(body: string): Element | undefined {
  try {
    return parseXml(body, 'Error');
  } catch (error) {
    if (error instanceof BadReply) return undefined;
    throw error;
  }
}
