import { failure, HoldfastError, type ServiceReply } from '../platform/errors.ts';
import { noReplyOf } from '../storage/oss/no-reply.ts';
import { FcRefusal } from './client.ts';

/**
 * Returns the coded error for what a request to Function Compute rejects with.
 * @param error a refusal with the service's code, JSON that is none, an error of the connection, or a coded one, which stays
 * @param endpoint the address that was called
 * @param operation as RAM names it
 */
export function invocationError(
  error: unknown,
  name: string,
  endpoint: string,
  operation: string,
): HoldfastError {
  const target = `function ${name}`;
  if (error instanceof HoldfastError) return error; // there were no credentials to sign with
  if (error instanceof SyntaxError) {
    return failure('UNEXPECTED_REPLY', { operation, target, reason: error.message }, { cause: error });
  }
  if (!(error instanceof FcRefusal)) return unansweredBy(error, { operation, target, endpoint });
  const { status, code = `HTTP ${status}`, requestId, detail } = error;
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

/** Returns the coded error of a request that ended without a reply that can be used. */
export function unansweredBy(
  error: unknown,
  about: { readonly operation: string; readonly target: string; readonly endpoint: string },
): HoldfastError {
  const { message: reason, problem } = noReplyOf(error);
  const options = { cause: new Error(reason) }; // of what was caught the words alone: Node hangs the request on it
  switch (problem.kind) {
    case 'certificate':
      return failure('CERTIFICATE_INVALID', { ...about, reason }, options);
    case 'proxy':
      return failure('PROXY_REFUSED', { ...about, proxy: problem.proxy, reason }, options);
    case 'unreadable':
      return failure('UNEXPECTED_REPLY', { ...about, reason }, options);
    default:
      return failure('UNREACHABLE', { ...about, reason }, options);
  }
}
