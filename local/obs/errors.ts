import { OssError } from '../oss/errors.ts';
import type { Reply } from '../oss/reply.ts';
import { awsDialect, type Dialect } from './dialect.ts';
import { element, elements, writeObsXml, type XmlElement } from './xml.ts';

/** The refusals of OBS ("Error Codes", and the pages of the calls) that OSS has not, or has otherwise. */
const obsTable = {
  AccessDenied: { status: 403, message: 'Access Denied' },
  InvalidRequest: { status: 400, message: 'Invalid Request.' },
  InvalidBucketState: {
    status: 409,
    message: 'The request is not valid with the current state of the bucket.',
  },
  MalformedObjectLockError: {
    status: 400,
    message: 'The XML you provided was not well-formed or did not validate against our published schema',
  },
  MalformedXML: {
    status: 400,
    message: 'The XML you provided was not well-formed or did not validate against our published schema',
  },
  InventoryCountOverLimit: {
    status: 400,
    message: 'The number of inventory configurations exceeds the limit.',
  },
  PrefixExistInclusionRelationship: {
    status: 400,
    message: 'The prefix of the configuration overlaps with that of another one.',
  },
  NoSuchInventoryConfiguration: {
    status: 404,
    message: 'The specified inventory configuration does not exist.',
  },
  InvalidArgument: { status: 400, message: 'Invalid Argument' },
  InvalidBucketName: { status: 400, message: 'The specified bucket is not valid.' },
  InvalidTag: { status: 400, message: 'The TagKey or TagValue you have provided is invalid.' },
  BadDigest: { status: 400, message: 'The digest that you specified did not match what we received.' },
  BucketAlreadyOwnedByYou: {
    status: 409,
    message: 'Your previous request to create the named bucket succeeded and you already own it.',
  },
  BucketNotEmpty: { status: 409, message: 'The bucket you tried to delete is not empty.' },
  MethodNotAllowed: { status: 405, message: 'The specified method is not allowed against this resource.' },
  NoSuchKey: { status: 404, message: 'The specified key does not exist.' },
  NoSuchTagSet: { status: 404, message: 'The TagSet does not exist.' },
  NoSuchVersion: { status: 404, message: 'The specified version does not exist.' },
  NotImplemented: {
    status: 501,
    message: 'A header you provided implies functionality that is not implemented.',
  },
} as const satisfies Record<string, { status: number; message: string }>;

type ObsErrorCode = keyof typeof obsTable;

/** Makes a refusal as OBS words it. */
export function refuseObs(
  code: ObsErrorCode,
  { message, ...options }: ConstructorParameters<typeof OssError>[2] = {},
): OssError {
  const entry = obsTable[code];
  return new OssError(code, entry.status, { ...options, message: message ?? entry.message });
}

/** This is what a refused deletion of a protected version says ("Deleting an Object", WORM). */
export const immutableMessage = 'The object you specified is immutable and cannot be deleted.';

/** Returns a refusal of the shared core as OBS has it: its own codes and texts, and no EC numbers. */
export function asObsError(error: OssError): OssError {
  const { code, details, headers } = error;
  switch (code) {
    case 'FileImmutable':
      return refuseObs('AccessDenied', { message: immutableMessage, details });
    case 'InvalidArgument':
      return argumentError(error);
    case 'BadDigest':
    case 'InvalidDigest':
      return refuseObs('BadDigest');
    case 'InvalidObjectName':
      return refuseObs('InvalidArgument', { details });
    default:
      return new OssError(code, error.status, { message: error.message, details, headers });
  }
}

/** OBS knows no malformed version ids, and answers to a date that is over as to one that shortens. */
function argumentError({ message, details, headers }: OssError): OssError {
  const name = String(details['ArgumentName'] ?? '');
  if (name === 'versionId') return refuseObs('NoSuchVersion');
  if (name === 'x-oss-object-worm-mode') return refuseObs('MalformedObjectLockError');
  if (name.startsWith('x-oss-object-worm-')) return refuseObs('InvalidRequest', { message: dateMessage });
  return refuseObs('InvalidArgument', { message, details, headers });
}

/** The service's own words (asserted by the tests of Huawei's Python SDK). */
export const dateMessage = 'The retention period date must be later than the current or the configured date.';

/** Returns the reply to a refused request. HEAD has no body, so the code and the text are in headers there. */
export function obsErrorReply(
  error: OssError,
  dialect: Dialect,
  method: string,
  { requestId, host }: { readonly requestId: string; readonly host: string },
): Reply {
  const { code, message, headers } = error;
  if (error.status === 304) return { status: 304, headers };
  if (method === 'HEAD') {
    const said = { [`${dialect.prefix}error-code`]: code, [`${dialect.prefix}error-message`]: message };
    return { status: error.status, headers: { ...said, ...headers } };
  }
  const details = Object.entries(error.details).flatMap(([name, value]): XmlElement[] =>
    typeof value === 'string' || typeof value === 'number'
      ? [element(dialect === awsDialect ? name : name.replace(/^OSS/, ''), String(value))]
      : [],
  );
  const body = writeObsXml(
    element('Error', [
      ...elements({ Code: code, Message: message }),
      ...elements({ RequestId: requestId, HostId: host }),
      ...details,
    ]),
  );
  return { status: error.status, headers: { 'Content-Type': 'application/xml', ...headers }, body };
}
