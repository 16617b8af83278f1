import type { Xml } from './xml.ts';

/**
 * The error replies of OSS, in one table. Codes, statuses, texts and EC numbers are those of recorded
 * replies of the service where there is one, else of its documentation. Where neither names a code for a
 * case (say, ObjectWorm on a bucket with a WORM policy), the case takes the nearest code of the table.
 */
const table = {
  AccessForbidden: {
    status: 403,
    message: 'CORSResponse: CORS is not enabled for this bucket, or the request matches none of its rules.',
  },
  AccessDenied: { status: 403, message: 'You have no right to access this object because of bucket acl.' },
  AppendSealedObjectNotAllowed: { status: 409, message: 'The object is sealed, or is no appendable object.' },
  ArchiveRestoreFileStale: {
    status: 409,
    message: 'The archive file or restore info stale',
    ec: '0016-00000718',
  },
  ArchiveRestoreNotFinished: {
    status: 409,
    message: "The archive file's restore is not finished.",
    ec: '0016-00000719',
  },
  BadDigest: {
    status: 400,
    message: 'The x-oss-content-sha256 you specified did not match what we received.',
  },
  BucketAlreadyExists: {
    status: 409,
    message: 'The requested bucket name is not available. Please select a different name and try again.',
  },
  BucketNotEmpty: { status: 409, message: 'The bucket has objects. Please delete them first.' },
  EntityTooLarge: { status: 400, message: 'Your proposed upload exceeds the maximum allowed size.' },
  EntityTooSmall: { status: 400, message: 'Your proposed upload is smaller than the minimum allowed size.' },
  FileAlreadyExists: {
    status: 409,
    message: 'The object you specified already exists and can not be overwritten.',
  },
  FileImmutable: { status: 409, message: 'The object you specified is immutable.', ec: '0026-00000202' },
  InventoryAlreadyExist: { status: 409, message: 'The inventory configuration already exists.' },
  InternalError: { status: 500, message: 'We encountered an internal error. Please try again.' },
  InvalidAccessKeyId: {
    status: 403,
    message: 'The OSS Access Key Id you provided does not exist in our records.',
    ec: '0002-00000902',
  },
  InvalidArgument: { status: 400, message: 'Invalid Argument.' },
  InvalidBucketName: { status: 400, message: 'The specified bucket is not valid.' },
  InvalidBucketState: {
    status: 409,
    message: 'The request is not valid with the current state of the bucket.',
  },
  InvalidDigest: { status: 400, message: 'The Content-MD5 you specified was invalid.' },
  InvalidEncryptionAlgorithmError: {
    status: 400,
    message: 'The Encryption request you specified is not valid. Supported value: AES256/KMS/SM4.',
  },
  InvalidObjectState: {
    status: 403,
    message: "The operation is not valid for the object's state",
  },
  InvalidObjectName: { status: 400, message: 'The specified object is not valid.' },
  InvalidPart: {
    status: 400,
    message:
      "One or more of the specified parts could not be found or the specified entity tag might not have matched the part's entity tag.",
  },
  InvalidPartOrder: {
    status: 400,
    message:
      'The list of parts was not in ascending order. Parts list must specified in order by part number.',
  },
  InvalidPolicyDocument: { status: 400, message: 'Invalid policy document.' },
  InvalidRange: { status: 416, message: 'The requested range cannot be satisfied.' },
  InvalidRequest: { status: 400, message: 'The request is not valid for this bucket.' },
  InvalidTag: { status: 400, message: 'The tag you have provided is not valid.' },
  InvalidWORMConfiguration: { status: 400, message: 'The WORM configuration is not valid for this bucket.' },
  InvalidTargetType: { status: 400, message: 'Symbolic link target is also a symbolic link.' },
  MalformedPOSTRequest: {
    status: 400,
    message: 'The body of your POST request is not well-formed multipart/form-data.',
  },
  MalformedXML: {
    status: 400,
    message: 'The XML you provided was not well-formed or did not validate against our published schema.',
    ec: '0015-00000231',
  },
  MethodNotAllowed: { status: 405, message: 'The specified method is not allowed against this resource.' },
  NeedVerifyDomainOwnership: {
    status: 403,
    message: 'Verify that the domain name belongs to you.',
  },
  NoSuchBucketOverwriteConfig: { status: 404, message: 'The overwrite configuration does not exist.' },
  NoSuchBucketPolicy: { status: 404, message: 'The bucket policy does not exist' },
  NoSuchCORSConfiguration: { status: 404, message: 'The CORS Configuration does not exist.' },
  NoSuchBucket: { status: 404, message: 'The specified bucket does not exist.', ec: '0015-00000101' },
  NoSuchKey: { status: 404, message: 'The specified key does not exist.', ec: '0026-00000001' },
  NoSuchConfiguration: { status: 404, message: 'The specified configuration does not exist.' },
  NoSuchServerSideEncryptionRule: {
    status: 404,
    message: 'The server side encryption rule does not exist.',
  },
  NoSuchTransferAccelerationConfiguration: {
    status: 404,
    message: 'The transfer acceleration configuration does not exist.',
  },
  NoSuchUserDefinedLogFieldsConfig: {
    status: 404,
    message: 'The user defined log fields configuration does not exist.',
  },
  NoSuchWebsiteConfiguration: {
    status: 404,
    message: 'The specified bucket does not have a website configuration.',
  },
  NoSuchInventory: { status: 404, message: 'The specified inventory configuration does not exist.' },
  NoSuchLifecycle: { status: 404, message: 'No Row found in Lifecycle Table.' },
  NoSuchObjectLegalHoldConfiguration: {
    status: 404,
    message: 'The specified object does not have an object legal hold configuration.',
  },
  NoSuchObjectRetentionConfiguration: {
    status: 404,
    message: 'The specified object does not have an object retention configuration.',
  },
  NoSuchObjectWormConfiguration: {
    status: 404,
    message: 'The specified bucket does not have an object worm configuration.',
  },
  NoSuchStyle: { status: 404, message: 'The specified style does not exist.' },
  NoSuchUpload: {
    status: 404,
    message:
      'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.',
    ec: '0042-00000002',
  },
  NoSuchVersion: { status: 404, message: 'The specified version does not exist.', ec: '0012-00000203' },
  NoSuchWORMConfiguration: {
    status: 404,
    message: 'The WORM configuration does not exist.',
    ec: '0027-00000009',
  },
  NotImplemented: {
    status: 501,
    message: 'A header or a parameter you provided implies functionality that is not implemented.',
  },
  NotModified: { status: 304, message: 'Not Modified' },
  NotSymlink: { status: 400, message: 'The object is not a symlink.' },
  ObjectNotAppendable: { status: 409, message: 'The object is not appendable.' },
  OperationNotSupported: { status: 400, message: 'The operation is not supported for this resource.' },
  PartAlreadyExist: { status: 409, message: 'The part has been uploaded already.' },
  PartNotSequential: { status: 400, message: 'The parts of this upload have to be uploaded in order.' },
  PositionNotEqualToLength: { status: 409, message: 'Position is not equal to file length' },
  PreconditionFailed: {
    status: 412,
    message: 'At least one of the pre-conditions you specified did not hold.',
  },
  RequestTimeTooSkewed: {
    status: 403,
    message: 'The difference between the request time and the current time is too large.',
    ec: '0002-00000504',
  },
  ResourceGroupIdPreCheckError: {
    status: 400,
    message: 'The resource group id precheck error',
    ec: '0039-00000003',
  },
  RestoreAlreadyInProgress: {
    status: 409,
    message: 'The restore operation is in progress.',
    ec: '0016-00000701',
  },
  SecurityTokenInvalid: { status: 403, message: 'The security token you provided is invalid.' },
  SignatureDoesNotMatch: {
    status: 403,
    message:
      'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
    ec: '0002-00000040',
  },
  SymlinkTargetNotExist: {
    status: 404,
    message: 'The target object of the symbolic link does not exist.',
    ec: '0026-00000012',
  },
  WORMConfigurationAlreadyExists: { status: 409, message: 'The WORM configuration already exists.' },
  WORMConfigurationLocked: { status: 403, message: 'The WORM configuration is locked.' },
} as const satisfies Record<string, { status: number; message: string; ec?: string }>;

export type OssErrorCode = keyof typeof table;

interface ErrorOptions {
  /** Replaces the table's text. */
  readonly message?: string;
  /** Replaces the table's EC number: one code can have several. */
  readonly ec?: string;
  /** Further elements of the error document, such as Key or BucketName. */
  readonly details?: Xml;
  readonly headers?: Record<string, string>;
}

/** A refusal, as the service words it. Thrown by operations, written by reply.ts. */
export class OssError extends Error {
  readonly status: number;
  readonly ec: string | undefined;
  readonly details: Xml;
  readonly headers: Record<string, string>;

  constructor(
    readonly code: string,
    status: number,
    options: ErrorOptions,
  ) {
    super(options.message ?? code);
    this.status = status;
    this.ec = options.ec;
    this.details = options.details ?? {};
    this.headers = options.headers ?? {};
  }
}

/** Makes the refusal of a code of the table. */
export function refuse(code: OssErrorCode, options: ErrorOptions = {}): OssError {
  const entry: { status: number; message: string; ec?: string } = table[code];
  const ec = options.ec ?? entry.ec;
  return new OssError(code, entry.status, { message: entry.message, ...options, ...(ec ? { ec } : {}) });
}
