import { failure, type HoldfastError, type ServiceReply } from '../../platform/errors.ts';
import type { NoReply } from './no-reply.ts';
import { formatTarget, type Operation, type OperationSubject, type RefusalCode } from './operations.ts';

/** This is what a reply says that is not a success. */
export interface ServiceRefusal extends ServiceReply {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  /** This is where the bucket really is, when the request went to another region. */
  readonly endpoint?: string | undefined;
  readonly isDeleteMarker: boolean;
  /** Tells whether OSS itself refused, and not something on the way. */
  readonly fromService: boolean;
}

/**
 * This is what the service's codes mean. Sources: API pages of OSS, "Error codes"; the page "HTTP 403 errors", which
 * lists the codes of that status; vendors' integration suites (bucket WORM); multicloudj's recordings (retention).
 */
const byCode: Readonly<Record<string, RefusalCode>> = {
  AccessDenied: 'ACCESS_DENIED',
  AccessForbidden: 'ACCESS_DENIED',
  BucketNotBelongTo: 'ACCESS_DENIED',
  InvalidAccessKeyId: 'CREDENTIALS_INVALID',
  AccessKeyIdAndSecurityTokenNotMatch: 'CREDENTIALS_INVALID',
  SignatureDoesNotMatch: 'CREDENTIALS_INVALID',
  InvalidSecurityToken: 'CREDENTIALS_INVALID',
  SecurityTokenInvalid: 'CREDENTIALS_INVALID',
  SecurityTokenExpired: 'CREDENTIALS_INVALID',
  SecurityTokenNotSupported: 'CREDENTIALS_INVALID',
  RequestTimeTooSkewed: 'CLOCK_SKEWED',
  UserDisable: 'ACCOUNT_BLOCKED',
  UserDisabled: 'ACCOUNT_BLOCKED',
  UserNotExist: 'ACCOUNT_BLOCKED',
  InDebt: 'ACCOUNT_BLOCKED',
  InDebtOverdue: 'ACCOUNT_BLOCKED',
  Arrearage: 'ACCOUNT_BLOCKED',
  AbnormalBucketOwnerStatus: 'ACCOUNT_BLOCKED',
  BucketDisable: 'ACCOUNT_BLOCKED',
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

/**
 * This is what a status means when the code is unknown, or there is none (a gateway). A 403 is not among them: most
 * of its codes are about the account, the key or the address, and no permission would help.
 */
const byStatus: Readonly<Record<number, RefusalCode>> = {
  408: 'SERVICE_FAILED',
  429: 'THROTTLED',
  500: 'SERVICE_FAILED',
  502: 'SERVICE_FAILED',
  503: 'THROTTLED',
  504: 'SERVICE_FAILED',
};

/** Returns the coded error of a refusal. */
export function refused(
  operation: Operation,
  subject: OperationSubject,
  refusal: ServiceRefusal,
): HoldfastError {
  const { status, code, message, requestId } = refusal;
  const { bucket = '' } = subject;
  return failure(
    meaning(operation, refusal),
    {
      operation: operation.name,
      target: formatTarget(subject, operation.cloud),
      bucket,
      address: formatTarget({ bucket }, operation.cloud),
      action: actionNeeded(operation, subject),
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

/** Returns what to grant; reading a version that is named needs a second permission. */
const actionNeeded = ({ name, action }: Operation, { versionId }: OperationSubject): string =>
  name === 'GetObject' && versionId !== undefined ? `${action} and ${action}Version` : action;

function meaning(
  operation: Operation,
  { code, status, endpoint, isDeleteMarker }: ServiceRefusal,
): RefusalCode {
  if (endpoint !== undefined) return 'REQUEST_REFUSED';
  if (code === 'NoSuchKey' && isDeleteMarker) return 'IS_DELETE_MARKER';
  const known = operation.codes !== undefined && Object.hasOwn(operation.codes, code);
  const common = Object.hasOwn(byCode, code) ? byCode[code] : byStatus[status];
  return (known ? operation.codes?.[code] : common) ?? 'REQUEST_REFUSED';
}

/**
 * Returns the coded error of a request without a reply that can be used. DNS failures are transient too: resolvers
 * fail for moments.
 */
export function unanswered(
  operation: Operation,
  subject: OperationSubject,
  endpoint: string,
  { problem }: NoReply,
): HoldfastError {
  const about = { operation: operation.name, target: formatTarget(subject, operation.cloud), endpoint };
  switch (problem.kind) {
    case 'unreachable': {
      const { reason, notSent } = problem;
      return failure('UNREACHABLE', { ...about, reason }, { cause: new Error(reason), notSent });
    }
    case 'no-time':
      return failure('NO_TIME_LEFT', about, { notSent: true });
    case 'certificate':
      return failure(
        'CERTIFICATE_INVALID',
        { ...about, reason: problem.reason },
        { cause: new Error(problem.reason), notSent: true },
      );
    case 'proxy':
      return failure(
        'PROXY_REFUSED',
        { ...about, proxy: problem.proxy, reason: problem.reason },
        { cause: new Error(problem.reason), notSent: true },
      );
    case 'unreadable':
      return unexpected(
        operation,
        subject,
        problem.reason,
        problem.status === 0 ? {} : { status: problem.status },
      );
  }
}

/** Every reply of the service has a request id. */
const noIdRemedy =
  'check the endpoint, and what may answer in its place: a proxy, a portal, another service; nothing was assumed from it';

/** Returns the coded error of a reply that says something else than the API promises. */
export function unexpected(
  operation: Operation,
  subject: OperationSubject,
  reason: string,
  { status, requestId }: { readonly status?: number; readonly requestId?: string | undefined } = {},
): HoldfastError {
  const params = { operation: operation.name, target: formatTarget(subject, operation.cloud), reason };
  return failure('UNEXPECTED_REPLY', params, {
    cause: new Error(reason),
    ...(requestId === undefined && { remedy: noIdRemedy }),
    reply: { ...(status !== undefined && { status }), ...(requestId !== undefined && { requestId }) },
  });
}
