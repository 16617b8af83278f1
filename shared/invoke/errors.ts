import { failure, type HoldfastError, type ServiceReply } from '../platform/errors.ts';

/**
 * The coded error for what @alicloud/fc2 rejects with: `POST /functions/F/invocations failed with 404. requestid: ID,
 * message: …` and the service's code, or an error of the connection without either.
 * @param endpoint the address that was called
 * @param operation as RAM names it
 */
export function invocationError(
  error: unknown,
  name: string,
  endpoint: string,
  operation: string,
): HoldfastError {
  const { message, code: given }: { message?: unknown; code?: unknown } = Object(error);
  const reason = String(message ?? error);
  const target = `function ${name}`;
  const [, statusText] = / failed with (\d{3})\. requestid: /.exec(reason) ?? [];
  if (statusText === undefined) {
    if (error instanceof SyntaxError) {
      return failure('UNEXPECTED_REPLY', { operation, target, reason }, { cause: error });
    }
    return failure('UNREACHABLE', { operation, target, endpoint, reason }, { cause: error });
  }
  const status = Number(statusText);
  const code = typeof given === 'string' ? given : `HTTP ${status}`;
  const [, requestId] = / requestid: ([\w-]+), /.exec(reason) ?? [];
  const [, detail = ''] = /, message: (.*)\.$/s.exec(reason) ?? [];
  const reply: ServiceReply = { status, code, ...(requestId === undefined ? {} : { requestId }) };
  const options = { cause: error, reply };
  if (code === 'InvalidAccessKeyID' || code === 'SignatureNotMatch') {
    return failure('CREDENTIALS_INVALID', { operation, target, code }, options);
  }
  if (status === 403) {
    return failure('ACCESS_DENIED', { operation, target, action: `fc:${operation}` }, options);
  }
  if (status === 404) return failure('NO_SUCH_FUNCTION', { name, endpoint }, options);
  if (status === 429) return failure('THROTTLED', { operation, target, code }, options);
  if (status >= 500) return failure('INVOKE_FAILED', { operation, name, status, code, detail }, options);
  return failure('INVOKE_REFUSED', { operation, name, code, detail }, options);
}
