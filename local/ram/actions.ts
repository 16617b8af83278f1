/** One thing that a request has to be allowed to do: a RAM action on a bucket, a key or, both empty, the account. */
export interface Need {
  readonly action: string;
  readonly bucket: string;
  readonly key: string;
}

/** This is what is known of a request before its body is read. */
export interface Asked {
  readonly bucket: string;
  readonly key: string;
  readonly query: ReadonlyMap<string, string>;
  readonly headers: Readonly<Record<string, string | undefined>>;
}

type Rule = (asked: Asked) => readonly Need[];

const on = ({ bucket, key }: Pick<Need, 'bucket' | 'key'>, ...actions: string[]): Need[] =>
  actions.map((action) => ({ action: `oss:${action}`, bucket, key }));

const account: (action: string) => Rule = (action) => () => on({ bucket: '', key: '' }, action);
const bucket: (action: string) => Rule =
  (action) =>
  ({ bucket: name }) =>
    on({ bucket: name, key: '' }, action);

/** Reading or changing an object; naming a version takes the second action as well ("Download an object", 2026). */
const object: (action: string, ofVersion?: string) => Rule = (action, ofVersion) => (asked) =>
  on(asked, action, ...(ofVersion !== undefined && asked.query.has('versionId') ? [ofVersion] : []));

/** Deleting a version takes its own action instead (DeleteObject, doc-detail 31982). */
const deletion: Rule = (asked) => [
  ...on(asked, asked.query.has('versionId') ? 'DeleteObjectVersion' : 'DeleteObject'),
  ...bypass(asked),
];

/** This is what an upload's headers ask for besides the data (EC 0003-00000905 names tags; the others follow it). */
const byHeader: Readonly<Record<string, string>> = {
  'x-oss-tagging': 'PutObjectTagging',
  'x-oss-object-acl': 'PutObjectAcl',
  'x-oss-object-worm-retain-until-date': 'PutObjectRetention',
  'x-oss-object-worm-legal-hold': 'PutObjectLegalHold',
};
const upload: Rule = (asked) => on(asked, 'PutObject', ...actionsOfHeaders(asked, byHeader));

/** Returns the actions that the headers of a request ask for. @param byHeader the action of each header */
export function actionsOfHeaders(
  { headers }: Pick<Asked, 'headers'>,
  byHeader: Readonly<Record<string, string>>,
): string[] {
  const actions: string[] = [];
  for (const header in byHeader) {
    if (headers[header] !== undefined) actions.push(byHeader[header] ?? '');
  }
  return actions;
}

/** A copy reads its source as well, tags included unless it brings its own ("copy-object", Permissions). */
const copy: Rule = (asked) => [...upload(asked), ...reading(asked, asked.headers['x-oss-tagging-directive'])];

function reading({ headers }: Asked, tagging = 'COPY'): Need[] {
  const source = copySource(headers['x-oss-copy-source'] ?? '');
  if (source === undefined) return []; // the operation refuses it
  const ofVersion = source.versionId === undefined ? [] : ['GetObjectVersion'];
  const copiesTags = tagging.toUpperCase() === 'COPY' && headers['x-oss-tagging'] !== undefined;
  return on(source, 'GetObject', ...ofVersion, ...(copiesTags ? ['GetObjectTagging'] : []));
}

/** Reads `/bucket/key[?versionId=…]`, the key percent-encoded. @throws URIError when it cannot be decoded */
export function copySource(
  header: string,
): { readonly bucket: string; readonly key: string; readonly versionId: string | undefined } | undefined {
  const match = /^\/?([^/?]+?)(?:\/|%2F)([^?]+)(?:\?versionId=(.+))?$/i.exec(header);
  if (match === null) return undefined;
  const [, name = '', path = '', versionId] = match;
  return { bucket: name, key: decodeURIComponent(path), versionId };
}

const bypass = (asked: Asked): Need[] =>
  asked.headers['x-oss-bypass-governance-retention']?.toLowerCase() === 'true'
    ? on(asked, 'BypassGovernanceRetention')
    : [];

/** The operation asks by itself, with `call.authorize`, once it has read its body. */
const inBody: Rule = () => [];

/**
 * This is what each operation of the server takes. An operation that is not here does not compile (oss/operation.ts).
 * Sources: OSS, "Authorization syntax and elements" (2026) and the "Permissions" of each API page.
 */
const table = {
  ListBuckets: account('ListBuckets'),
  PutBucket: bucket('PutBucket'),
  DeleteBucket: bucket('DeleteBucket'),
  GetBucketInfo: bucket('GetBucketInfo'),
  GetBucketLocation: bucket('GetBucketLocation'),
  PutBucketAcl: bucket('PutBucketAcl'),
  GetBucketAcl: bucket('GetBucketAcl'),
  PutBucketTags: bucket('PutBucketTagging'),
  GetBucketTags: bucket('GetBucketTagging'),
  DeleteBucketTags: bucket('DeleteBucketTagging'),
  PutBucketVersioning: bucket('PutBucketVersioning'),
  GetBucketVersioning: bucket('GetBucketVersioning'),
  PutBucketLifecycle: bucket('PutBucketLifecycle'),
  GetBucketLifecycle: bucket('GetBucketLifecycle'),
  DeleteBucketLifecycle: bucket('DeleteBucketLifecycle'),
  PutBucketInventory: bucket('PutBucketInventory'),
  GetBucketInventory: bucket('GetBucketInventory'),
  ListBucketInventory: bucket('GetBucketInventory'),
  DeleteBucketInventory: bucket('DeleteBucketInventory'),
  InitiateBucketWorm: bucket('InitiateBucketWorm'),
  GetBucketWorm: bucket('GetBucketWorm'),
  CompleteBucketWorm: bucket('CompleteBucketWorm'),
  ExtendBucketWorm: bucket('ExtendBucketWorm'),
  AbortBucketWorm: bucket('AbortBucketWorm'),
  PutBucketObjectWormConfiguration: bucket('PutBucketObjectWormConfiguration'),
  GetBucketObjectWormConfiguration: bucket('GetBucketObjectWormConfiguration'),
  ListObjects: bucket('ListObjects'),
  ListObjectsV2: bucket('ListObjects'),
  ListObjectVersions: bucket('ListObjectVersions'),
  ListMultipartUploads: bucket('ListMultipartUploads'),
  PutBucketEncryption: bucket('PutBucketEncryption'),
  GetBucketEncryption: bucket('GetBucketEncryption'),
  DeleteBucketEncryption: bucket('DeleteBucketEncryption'),
  PutBucketCors: bucket('PutBucketCors'),
  GetBucketCors: bucket('GetBucketCors'),
  DeleteBucketCors: bucket('DeleteBucketCors'),
  PutBucketLogging: bucket('PutBucketLogging'),
  GetBucketLogging: bucket('GetBucketLogging'),
  DeleteBucketLogging: bucket('DeleteBucketLogging'),
  PutBucketReferer: bucket('PutBucketReferer'),
  GetBucketReferer: bucket('GetBucketReferer'),
  PutBucketWebsite: bucket('PutBucketWebsite'),
  GetBucketWebsite: bucket('GetBucketWebsite'),
  DeleteBucketWebsite: bucket('DeleteBucketWebsite'),
  PutBucketRequestPayment: bucket('PutBucketRequestPayment'),
  GetBucketRequestPayment: bucket('GetBucketRequestPayment'),
  PutBucketTransferAcceleration: bucket('PutBucketTransferAcceleration'),
  GetBucketTransferAcceleration: bucket('GetBucketTransferAcceleration'),
  PutBucketAccessMonitor: bucket('PutBucketAccessMonitor'),
  GetBucketAccessMonitor: bucket('GetBucketAccessMonitor'),
  PutBucketResourceGroup: bucket('PutBucketResourceGroup'),
  GetBucketResourceGroup: bucket('GetBucketResourceGroup'),
  PutBucketHttpsConfig: bucket('PutBucketHttpsConfig'),
  GetBucketHttpsConfig: bucket('GetBucketHttpsConfig'),
  PutBucketArchiveDirectRead: bucket('PutBucketArchiveDirectRead'),
  GetBucketArchiveDirectRead: bucket('GetBucketArchiveDirectRead'),
  PutBucketOverwriteConfig: bucket('PutBucketOverwriteConfig'),
  GetBucketOverwriteConfig: bucket('GetBucketOverwriteConfig'),
  DeleteBucketOverwriteConfig: bucket('DeleteBucketOverwriteConfig'),
  PutBucketPolicy: bucket('PutBucketPolicy'),
  GetBucketPolicy: bucket('GetBucketPolicy'),
  DeleteBucketPolicy: bucket('DeleteBucketPolicy'),
  PutPublicAccessBlock: account('PutPublicAccessBlock'),
  GetPublicAccessBlock: account('GetPublicAccessBlock'),
  DeletePublicAccessBlock: account('DeletePublicAccessBlock'),
  PutBucketPublicAccessBlock: bucket('PutBucketPublicAccessBlock'),
  GetBucketPublicAccessBlock: bucket('GetBucketPublicAccessBlock'),
  DeleteBucketPublicAccessBlock: bucket('DeleteBucketPublicAccessBlock'),
  CreateCnameToken: bucket('CreateCnameToken'),
  GetCnameToken: bucket('GetCnameToken'),
  ListCname: bucket('ListCname'),
  PutBucketStorageCapacity: bucket('PutBucketStorageCapacity'),
  GetBucketStorageCapacity: bucket('GetBucketStorageCapacity'),
  GetBucketStat: bucket('GetBucketStat'),
  ListLiveChannel: bucket('ListLiveChannel'),
  HeadBucket: bucket('ListObjects'),
  PutStyle: bucket('PutStyle'),
  GetStyle: bucket('GetStyle'),
  ListStyle: bucket('ListStyle'),
  DeleteStyle: bucket('DeleteStyle'),
  PutUserDefinedLogFieldsConfig: bucket('PutUserDefinedLogFieldsConfig'),
  GetUserDefinedLogFieldsConfig: bucket('GetUserDefinedLogFieldsConfig'),
  DeleteUserDefinedLogFieldsConfig: bucket('DeleteUserDefinedLogFieldsConfig'),
  CreateBucketDataRedundancyTransition: bucket('CreateBucketDataRedundancyTransition'),
  GetBucketDataRedundancyTransition: bucket('GetBucketDataRedundancyTransition'),
  ListBucketDataRedundancyTransition: bucket('ListBucketDataRedundancyTransition'),
  DeleteBucketDataRedundancyTransition: bucket('DeleteBucketDataRedundancyTransition'),
  ListUserDataRedundancyTransition: account('ListUserDataRedundancyTransition'),
  GetUserQoSInfo: account('GetUserQoSInfo'),
  PutBucketQoSInfo: bucket('PutBucketQoSInfo'),
  GetBucketQoSInfo: bucket('GetBucketQoSInfo'),
  DeleteBucketQoSInfo: bucket('DeleteBucketQoSInfo'),
  GetBucketPolicyStatus: bucket('GetBucketPolicyStatus'),
  DescribeRegions: account('DescribeRegions'),
  ListAccessPoints: (asked) => on({ bucket: asked.bucket, key: '' }, 'ListAccessPoints'),
  OptionObject: inBody, // asked by browsers, which sign nothing
  CleanRestoredObject: object('CleanRestoredObject'),
  RestoreObject: object('RestoreObject', 'RestoreObjectVersion'),
  PutObject: upload,
  PostObject: inBody,
  CopyObject: copy,
  AppendObject: upload,
  SealAppendObject: object('SealAppendObject'),
  PutSymlink: upload,
  GetSymlink: object('GetObject', 'GetObjectVersion'),
  GetObject: object('GetObject', 'GetObjectVersion'),
  HeadObject: object('GetObject', 'GetObjectVersion'),
  GetObjectMeta: object('GetObject', 'GetObjectVersion'),
  DeleteObject: deletion,
  DeleteMultipleObjects: inBody,
  PutObjectAcl: object('PutObjectAcl', 'PutObjectVersionAcl'),
  GetObjectAcl: object('GetObjectAcl', 'GetObjectVersionAcl'),
  PutObjectTagging: object('PutObjectTagging', 'PutObjectVersionTagging'),
  GetObjectTagging: object('GetObjectTagging', 'GetObjectVersionTagging'),
  DeleteObjectTagging: object('DeleteObjectTagging', 'DeleteObjectVersionTagging'),
  PutObjectRetention: inBody,
  GetObjectRetention: object('GetObjectRetention'),
  PutObjectLegalHold: object('PutObjectLegalHold'),
  GetObjectLegalHold: object('GetObjectLegalHold'),
  InitiateMultipartUpload: upload,
  UploadPart: object('PutObject'),
  UploadPartCopy: (asked) => [...on(asked, 'PutObject'), ...reading(asked, 'NONE')],
  CompleteMultipartUpload: (asked) =>
    on(asked, 'PutObject', ...(asked.headers['x-oss-object-acl'] === undefined ? [] : ['PutObjectAcl'])),
  AbortMultipartUpload: object('AbortMultipartUpload'),
  ListParts: object('ListParts'),
} as const satisfies Record<string, Rule>;

/** The API's own names of the operations that have permissions. */
export type OperationName = keyof typeof table;

/** Every operation with permissions. */
export const operationNames: ReadonlySet<string> = new Set(Object.keys(table));

/** Tells what a request has to be allowed, as far as it shows before its body is read. */
export const needsOf = (operation: OperationName, asked: Asked): readonly Need[] => table[operation](asked);

/** Tells what deleting one object of a DeleteMultipleObjects takes. */
export const needsOfDeletion = (asked: Asked, key: string, versionId: string | undefined): readonly Need[] =>
  deletion({ ...asked, key, query: new Map(versionId === undefined ? [] : [['versionId', versionId]]) });

/** Tells what PutObjectRetention takes; how long it retains is a fact of the body. */
export const needsOfRetention = (asked: Asked): readonly Need[] => [
  ...on(asked, 'PutObjectRetention'),
  ...bypass(asked),
];
