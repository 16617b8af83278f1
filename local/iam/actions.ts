import type { ObsCall } from '../obs/operation.ts';
import { actionsOfHeaders, copySource } from '../ram/actions.ts';
import type { IamNeed } from './need.ts';

type Asked = Pick<ObsCall, 'bucket' | 'key' | 'query' | 'headers'>;
type Rule = (asked: Asked) => readonly IamNeed[];

const on = ({ bucket, key }: Pick<IamNeed, 'bucket' | 'key'>, ...actions: string[]): IamNeed[] =>
  actions.map((action) => ({ action: `obs:${key === '' ? 'bucket' : 'object'}:${action}`, bucket, key }));

const nothing: Rule = () => [];
const same =
  (action: string): Rule =>
  ({ bucket, key }) =>
    on({ bucket, key }, action);

/** Naming a version takes the second action as well: the documents do not say whether it is instead. */
const read =
  (action: string, ofVersion: string): Rule =>
  (asked) =>
    on(asked, action, ...(asked.query.has('versionId') ? [ofVersion] : []));

const byHeader: Readonly<Record<string, string>> = {
  'x-oss-tagging': 'PutObjectTagging',
  'x-oss-acl': 'PutObjectAcl',
  'x-oss-object-worm-retain-until-date': 'PutObjectRetention',
};
const upload: Rule = (asked) => on(asked, 'PutObject', ...actionsOfHeaders(asked, byHeader));

/** A copy reads its source as well. */
const copy: Rule = (asked) => {
  const source = copySource(asked.headers['x-oss-copy-source'] ?? '');
  if (source === undefined) return upload(asked); // the operation refuses the request itself
  const ofVersion = source.versionId === undefined ? [] : ['GetObjectVersion'];
  return [...upload(asked), ...on(source, 'GetObject', ...ofVersion)];
};

/** Tells what deleting an object takes, or a version of it. */
export const needsOfObsDeletion = (bucket: string, key: string, versionId: string | undefined): IamNeed[] =>
  on({ bucket, key }, versionId === undefined ? 'DeleteObject' : 'DeleteObjectVersion');

/**
 * This is what each operation takes, by its name in the embedded OBS ("Bucket-Related Actions" and "Object-Related Actions" of OBS).
 * DeleteObjects asks for each of its objects.
 */
const table: Readonly<Record<string, Rule>> = {
  GetApiVersion: nothing,
  ListAllMyBuckets: () => [{ action: 'obs:bucket:ListAllMyBuckets', bucket: '', key: '' }],
  CreateBucket: same('CreateBucket'),
  HeadBucket: same('HeadBucket'),
  DeleteBucket: same('DeleteBucket'),
  GetBucketLocation: same('GetBucketLocation'),
  GetBucketVersioning: same('GetBucketVersioning'),
  PutBucketVersioning: same('PutBucketVersioning'),
  GetBucketObjectLockConfiguration: same('GetBucketObjectLockConfiguration'),
  PutBucketObjectLockConfiguration: same('PutBucketObjectLockConfiguration'),
  GetBucketAcl: same('GetBucketAcl'),
  PutBucketAcl: same('PutBucketAcl'),
  PutBucketInventory: same('PutBucketInventoryConfiguration'),
  GetBucketInventory: same('GetBucketInventoryConfiguration'),
  ListBucketInventory: same('GetBucketInventoryConfiguration'),
  DeleteBucketInventory: same('DeleteBucketInventoryConfiguration'),
  ListBucket: same('ListBucket'),
  ListBucketVersions: same('ListBucketVersions'),
  ListMultipartUploads: same('ListBucketMultipartUploads'),
  DeleteObjects: nothing,
  GetObject: read('GetObject', 'GetObjectVersion'),
  HeadObject: read('GetObject', 'GetObjectVersion'),
  GetObjectAcl: read('GetObjectAcl', 'GetObjectVersionAcl'),
  PutObjectAcl: read('PutObjectAcl', 'PutObjectVersionAcl'),
  GetObjectTagging: read('GetObjectTagging', 'GetObjectVersionTagging'),
  PutObjectTagging: read('PutObjectTagging', 'PutObjectVersionTagging'),
  DeleteObjectTagging: read('DeleteObjectTagging', 'DeleteObjectVersionTagging'),
  PutObjectRetention: same('PutObjectRetention'),
  PutObject: upload,
  AppendObject: upload,
  CopyObject: copy,
  DeleteObject: ({ bucket, key, query }) => needsOfObsDeletion(bucket, key, query.get('versionId')),
  InitiateMultipartUpload: upload,
  UploadPart: same('PutObject'),
  UploadPartCopy: copy,
  CompleteMultipartUpload: same('PutObject'),
  AbortMultipartUpload: same('AbortMultipartUpload'),
  ListParts: same('ListMultipartUploadParts'),
};

/** The names of the operations that have permissions. */
export const iamOperations: ReadonlySet<string> = new Set(Object.keys(table));

/** Tells what a request has to be allowed; an operation that is not in the table takes an action that no policy of Holdfast has. */
export const iamNeedsOf = (operation: string, asked: Asked): readonly IamNeed[] =>
  (table[operation] ?? same(operation))(asked);
