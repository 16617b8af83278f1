import { failure, type HoldfastError, type ServiceReply } from '../../platform/errors.ts';
import { formatTarget, type Operation, type RefusalCode, type Subject } from './operations.ts';

/** What a reply says that is not a success. */
export interface Refusal extends ServiceReply {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  /** Where the bucket really is, when the request went to another region. */
  readonly endpoint?: string | undefined;
  readonly isDeleteMarker: boolean;
}

/**
 * What the service's codes mean. Sources: API pages of OSS, "Error codes"; vendors' integration suites
 * (bucket WORM); multicloudj's recordings (retention).
 */
const byCode: Readonly<Record<string, RefusalCode>> = {
  AccessDenied: 'ACCESS_DENIED',
  InvalidAccessKeyId: 'CREDENTIALS_INVALID',
  SignatureDoesNotMatch: 'CREDENTIALS_INVALID',
  InvalidSecurityToken: 'CREDENTIALS_INVALID',
  SecurityTokenInvalid: 'CREDENTIALS_INVALID',
  SecurityTokenExpired: 'CREDENTIALS_INVALID',
  RequestTimeTooSkewed: 'CLOCK_SKEWED',
  NoSuchBucket: 'NO_SUCH_BUCKET',
  NoSuchKey: 'NO_SUCH_OBJECT',
  NoSuchVersion: 'NO_SUCH_OBJECT',
  FileImmutable: 'IMMUTABLE',
  NoSuchWORMConfiguration: 'NO_POLICY',
  WormConfigurationNotFoundError: 'NO_POLICY',
  WORMConfigurationLocked: 'POLICY_LOCKED',
  InvalidWORMConfiguration: 'POLICY_REFUSED',
  TotalQpsLimitExceeded: 'THROTTLED',
  PartitionQpsLimitted: 'THROTTLED',
  MetaOperationQpsLimitExceeded: 'THROTTLED',
  InternalError: 'SERVICE_FAILED',
  RequestTimeout: 'SERVICE_FAILED',
};

/** What a status means when the code is unknown, or there is none (a gateway, a proxy). */
const byStatus: Readonly<Record<number, RefusalCode>> = {
  403: 'ACCESS_DENIED',
  429: 'THROTTLED',
  500: 'SERVICE_FAILED',
  502: 'SERVICE_FAILED',
  503: 'THROTTLED',
  504: 'SERVICE_FAILED',
};

/** The coded error of a refusal. */
export function refused(operation: Operation, subject: Subject, refusal: Refusal): HoldfastError {
  const { status, code, message, requestId } = refusal;
  return failure(
    meaning(operation, refusal),
    {
      operation: operation.name,
      target: formatTarget(subject),
      bucket: subject.bucket ?? '',
      action: operation.action,
      code,
      status,
      detail: refusal.endpoint === undefined ? message : `${message} Endpoint: ${refusal.endpoint}`,
    },
    {
      reply: { status, code, ...(requestId !== undefined && { requestId }) },
      ...(message !== '' && { cause: new Error(message) }),
    },
  );
}

function meaning(operation: Operation, { code, status, endpoint, isDeleteMarker }: Refusal): RefusalCode {
  if (endpoint !== undefined) return 'REQUEST_REFUSED';
  if (code === 'NoSuchKey' && isDeleteMarker) return 'IS_DELETE_MARKER';
  const known = operation.codes !== undefined && Object.hasOwn(operation.codes, code);
  const common = Object.hasOwn(byCode, code) ? byCode[code] : byStatus[status];
  return (known ? operation.codes?.[code] : common) ?? 'REQUEST_REFUSED';
}

/**
 * The coded error of a request without a whole reply: no address, no connection, a timeout, a connection that
 * broke. DNS failures are transient too: resolvers fail for moments.
 * @param error what ali-oss threw; it hangs the reply and request details on it, so only its words are kept
 */
export function unreachable(
  operation: Operation,
  subject: Subject,
  endpoint: string,
  error: unknown,
): HoldfastError {
  const reason = reasonOf(error);
  return failure(
    'UNREACHABLE',
    { operation: operation.name, target: formatTarget(subject), endpoint, reason },
    { cause: new Error(reason) },
  );
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown reason';
  // A reply that began and broke off: ali-oss then reports its half body as an XML error with the status.
  if ('status' in error && typeof error.status === 'number' && error.status > 0) {
    return 'the reply was cut short';
  }
  // urllib appends method, address and agent state after a comma.
  return error.message.split(', ')[0] ?? error.name;
}

/** The coded error of a reply that says something else than the API promises. */
export function unexpected(
  operation: Operation,
  subject: Subject,
  reason: string,
  { status, requestId }: { readonly status: number; readonly requestId?: string },
): HoldfastError {
  const params = { operation: operation.name, target: formatTarget(subject), reason };
  return failure('UNEXPECTED_REPLY', params, {
    reply: { status, ...(requestId !== undefined && { requestId }) },
  });
}
