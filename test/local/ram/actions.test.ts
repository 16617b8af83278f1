import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { operations } from '../../../local/oss/operations/index.ts';
import { newBucket } from '../../../local/oss/operations/new-bucket.ts';
import { postOperation } from '../../../local/oss/operations/post.ts';
import { memoryStore } from '../../../local/oss/store/memory.ts';
import { operationNames } from '../../../local/ram/actions.ts';
import { parsePolicy } from '../../../shared/ram/policy.ts';
import { type RawRequest, rawCall } from '../../support/oss-client.ts';
import { type OssServer, startOss } from '../../support/oss-server.ts';

let granted: { readonly Action: string; readonly Resource: string }[] = [];
let condition: object | undefined;
let server: OssServer;
const store = memoryStore();
/** Some of the requests delete it. */
const makeBucket = () => store.saveBucket(newBucket('bkt', server.now(), 'Standard'));
beforeAll(async () => {
  server = await startOss(undefined, {
    store,
    policyOf: () => {
      const allowed = granted.map((each) => ({
        Effect: 'Allow',
        ...each,
        ...(condition && { Condition: condition }),
      }));
      const nothing = { Effect: 'Allow', Action: 'oss:Nothing', Resource: '*' };
      return parsePolicy(JSON.stringify({ Version: '1', Statement: [nothing, ...allowed] }), 'test');
    },
  });
});
beforeEach(makeBucket);
afterAll(() => server.close());

/** Sends a request again and again, granted what it was denied for on `resource`; returns all it took. */
async function taken(target: string, request: RawRequest, resources: readonly string[]): Promise<string[]> {
  granted = [];
  const actions: string[] = [];
  while (actions.length < 10) {
    const { code, body, headers } = await rawCall(server, target, request);
    const hidden = Buffer.from(String(headers['x-oss-err'] ?? ''), 'base64').toString();
    const action = /<AuthAction>(.*)<\/AuthAction>/.exec(body || hidden)?.[1];
    if (code !== 'AccessDenied' || action === undefined) return actions;
    expect(body || hidden).toContain('<NoPermissionType>ImplicitDeny</NoPermissionType>');
    actions.push(action.replace('oss:', ''));
    for (const path of resources)
      granted.push({ Action: action, Resource: `acs:oss:*:1234567890123456:${path}` });
  }
  return actions;
}

const versionId = { versionId: 'v' };
const retention =
  '<Retention><Mode>COMPLIANCE</Mode><RetainUntilDate>2027-01-01T00:00:00Z</RetainUntilDate></Retention>';
const deletion = (inner: string) => ({
  query: { delete: '' },
  body: `<Delete><Object><Key>k</Key>${inner}</Object></Delete>`,
});
const source = (more = '', headers = {}) => ({
  headers: { 'x-oss-copy-source': `/bkt/s%2Ft${more}`, ...headers },
});

const service: [string, RawRequest, string][] = [['GET /', {}, 'ListBuckets']];
const ofBucket: [string, RawRequest, string][] = [
  ['PUT /bkt/', {}, 'PutBucket'],
  ...['Encryption', 'Cors', 'Logging', 'Website', 'Policy', 'PublicAccessBlock'].flatMap(
    (name): [string, RawRequest, string][] => {
      const query = { [name === 'PublicAccessBlock' ? 'publicAccessBlock' : name.toLowerCase()]: '' };
      return (['PUT', 'GET', 'DELETE'] as const).map((method) => [
        `${method} /bkt/`,
        { query },
        `${{ PUT: 'Put', GET: 'Get', DELETE: 'Delete' }[method]}Bucket${name}`,
      ]);
    },
  ),
  ['GET /bkt/', { query: { stat: '' } }, 'GetBucketStat'],
  ['GET /bkt/', { query: { policyStatus: '' } }, 'GetBucketPolicyStatus'],
  ['GET /bkt/', { query: { style: '' } }, 'ListStyle'],
  ['HEAD /bkt/', {}, 'ListObjects'],
  ['DELETE /bkt/', {}, 'DeleteBucket'],
  ['GET /bkt/', {}, 'ListObjects'],
  ['GET /bkt/', { query: { 'list-type': '2' } }, 'ListObjects'],
  ['GET /bkt/', { query: { versions: '' } }, 'ListObjectVersions'],
  ['GET /bkt/', { query: { bucketInfo: '' } }, 'GetBucketInfo'],
  ['GET /bkt/', { query: { location: '' } }, 'GetBucketLocation'],
  ['PUT /bkt/', { query: { versioning: '' } }, 'PutBucketVersioning'],
  ['GET /bkt/', { query: { versioning: '' } }, 'GetBucketVersioning'],
  ['POST /bkt/', { query: { worm: '' } }, 'InitiateBucketWorm'],
  ['GET /bkt/', { query: { worm: '' } }, 'GetBucketWorm'],
  ['POST /bkt/', { query: { wormId: 'x' } }, 'CompleteBucketWorm'],
  ['POST /bkt/', { query: { wormExtend: '', wormId: 'x' } }, 'ExtendBucketWorm'],
  ['DELETE /bkt/', { query: { worm: '' } }, 'AbortBucketWorm'],
  ['PUT /bkt/', { query: { objectWorm: '' } }, 'PutBucketObjectWormConfiguration'],
  ['GET /bkt/', { query: { objectWorm: '' } }, 'GetBucketObjectWormConfiguration'],
  ['PUT /bkt/', { query: { acl: '' } }, 'PutBucketAcl'],
  ['GET /bkt/', { query: { acl: '' } }, 'GetBucketAcl'],
  ['PUT /bkt/', { query: { tagging: '' } }, 'PutBucketTagging'],
  ['GET /bkt/', { query: { tagging: '' } }, 'GetBucketTagging'],
  ['DELETE /bkt/', { query: { tagging: '' } }, 'DeleteBucketTagging'],
  ['PUT /bkt/', { query: { lifecycle: '' } }, 'PutBucketLifecycle'],
  ['GET /bkt/', { query: { lifecycle: '' } }, 'GetBucketLifecycle'],
  ['DELETE /bkt/', { query: { lifecycle: '' } }, 'DeleteBucketLifecycle'],
  ['GET /bkt/', { query: { uploads: '' } }, 'ListMultipartUploads'],
];
const ofObject: [string, RawRequest, string][] = [
  ['PUT /bkt/k', {}, 'PutObject'],
  ['PUT /bkt/k', { headers: { 'x-oss-tagging': 'a=b' } }, 'PutObject PutObjectTagging'],
  [
    'PUT /bkt/k',
    {
      headers: {
        'x-oss-object-worm-mode': 'COMPLIANCE',
        'x-oss-object-worm-retain-until-date': '2027-01-01T00:00:00Z',
      },
    },
    'PutObject PutObjectRetention',
  ],
  ['POST /bkt/k', { query: { append: '', position: '0' } }, 'PutObject'],
  ['PUT /bkt/k', { query: { symlink: '' } }, 'PutObject'],
  ['GET /bkt/k', { query: { symlink: '' } }, 'GetObject'],
  ['GET /bkt/k', {}, 'GetObject'],
  ['GET /bkt/k', { query: versionId }, 'GetObject GetObjectVersion'],
  ['HEAD /bkt/k', {}, 'GetObject'],
  ['HEAD /bkt/k', { query: versionId }, 'GetObject GetObjectVersion'],
  ['HEAD /bkt/k', { query: { objectMeta: '' } }, 'GetObject'],
  ['DELETE /bkt/k', {}, 'DeleteObject'],
  ['DELETE /bkt/k', { query: versionId }, 'DeleteObjectVersion'],
  [
    'DELETE /bkt/k',
    { query: versionId, headers: { 'x-oss-bypass-governance-retention': 'true' } },
    'DeleteObjectVersion BypassGovernanceRetention',
  ],
  ['POST /bkt/', deletion(''), 'DeleteObject'],
  ['POST /bkt/', deletion('<VersionId>v</VersionId>'), 'DeleteObjectVersion'],
  ['PUT /bkt/k', { query: { tagging: '' } }, 'PutObjectTagging'],
  ['PUT /bkt/k', { query: { tagging: '', ...versionId } }, 'PutObjectTagging PutObjectVersionTagging'],
  ['GET /bkt/k', { query: { tagging: '' } }, 'GetObjectTagging'],
  ['GET /bkt/k', { query: { tagging: '', ...versionId } }, 'GetObjectTagging GetObjectVersionTagging'],
  ['DELETE /bkt/k', { query: { tagging: '' } }, 'DeleteObjectTagging'],
  ['PUT /bkt/k', { query: { retention: '' }, body: retention }, 'PutObjectRetention'],
  [
    'PUT /bkt/k',
    { query: { retention: '' }, body: retention, headers: { 'x-oss-bypass-governance-retention': 'true' } },
    'PutObjectRetention BypassGovernanceRetention',
  ],
  ['GET /bkt/k', { query: { retention: '', ...versionId } }, 'GetObjectRetention'],
  ['POST /bkt/k', { query: { restore: '' } }, 'RestoreObject'],
  ['PUT /bkt/k', { query: { acl: '' } }, 'PutObjectAcl'],
  ['GET /bkt/k', { query: { acl: '', ...versionId } }, 'GetObjectAcl GetObjectVersionAcl'],
  ['PUT /bkt/k', { query: { legalHold: '' } }, 'PutObjectLegalHold'],
  ['GET /bkt/k', { query: { legalHold: '' } }, 'GetObjectLegalHold'],
  ['POST /bkt/k', { query: { uploads: '' } }, 'PutObject'],
  ['PUT /bkt/k', { query: { partNumber: '1', uploadId: 'x' } }, 'PutObject'],
  ['POST /bkt/k', { query: { uploadId: 'x' } }, 'PutObject'],
  ['GET /bkt/k', { query: { uploadId: 'x' } }, 'ListParts'],
  ['DELETE /bkt/k', { query: { uploadId: 'x' } }, 'AbortMultipartUpload'],
];

test.each(service)('%s %j takes %s on the account', async (target, request, actions) => {
  expect((await taken(target, request, ['*'])).join(' ')).toBe(actions);
});
test.each(ofBucket)('%s %j takes %s on the bucket', async (target, request, actions) => {
  expect((await taken(target, request, ['bkt'])).join(' ')).toBe(actions);
});
test.each(ofObject)('%s %j takes %s on the object', async (target, request, actions) => {
  expect((await taken(target, request, ['bkt/k'])).join(' ')).toBe(actions);
});
test.each([
  ['reads its source', source(), 'PutObject GetObject'],
  ['reads a version of its source', source('?versionId=v'), 'PutObject GetObject GetObjectVersion'],
  [
    'of a part reads its source as well',
    { ...source(), query: { partNumber: '1', uploadId: 'x' } },
    'PutObject GetObject',
  ],
])('a copy %s', async (_name, request, actions) => {
  expect((await taken('PUT /bkt/k', request, ['bkt/k', 'bkt/s/t'])).join(' ')).toBe(actions);
});

test('what is granted on one key is not granted on another', async () => {
  granted = [{ Action: 'oss:*', Resource: 'acs:oss:*:1234567890123456:bkt/other' }];
  expect((await rawCall(server, 'GET /bkt/k')).code).toBe('AccessDenied');
  expect((await rawCall(server, 'POST /bkt/', deletion(''))).code).toBe('AccessDenied');
  expect((await rawCall(server, 'GET /bkt/other')).code).toBe('NoSuchKey');
});

test('a retention longer than a condition allows is denied', async () => {
  granted = [{ Action: 'oss:PutObjectRetention', Resource: '*' }];
  const put = async () =>
    (await rawCall(server, 'PUT /bkt/k', { query: { retention: '' }, body: retention })).code;
  condition = { NumericLessThan: { 'oss:object-remaining-retention-days': '40' } }; // from 22 November: 39.6 days
  expect(await put()).toBe('AccessDenied');
  condition = { NumericLessThan: { 'oss:object-remaining-retention-days': '41' } };
  expect(await put()).toBe('InvalidRequest'); // the bucket has no ObjectWorm
  condition = { IpAddress: { 'acs:SourceIp': '127.0.0.0/8' } };
  expect(await put()).toBe('InvalidRequest'); // the bucket has no ObjectWorm
  condition = { IpAddress: { 'acs:SourceIp': '10.0.0.0/8' } };
  expect(await put()).toBe('AccessDenied');
  condition = { Bool: { 'acs:SecureTransport': 'true' } };
  expect(await put()).toBe('AccessDenied');
  condition = undefined;
});

test('a denial says who may not do what, and why', async () => {
  granted = [];
  const { status, headers, body } = await rawCall(server, 'GET /bkt/k');
  expect(status).toBe(403);
  expect(headers['x-oss-ec']).toBe('0003-00000001');
  expect(body.replace(/\s+/g, '')).toContain(
    '<AccessDeniedDetail><PolicyType>AccountLevelIdentityBasedPolicy</PolicyType>' +
      '<AuthPrincipalOwnerId>1234567890123456</AuthPrincipalOwnerId>' +
      '<AuthPrincipalType>AssumedRoleUser</AuthPrincipalType>' +
      '<AuthPrincipalDisplayName>userholdfast</AuthPrincipalDisplayName>' +
      '<NoPermissionType>ImplicitDeny</NoPermissionType><AuthAction>oss:GetObject</AuthAction></AccessDeniedDetail>',
  );
});

test('every operation of the server has its permissions, and every permission its operation', () => {
  const served = new Set<string>([...operations, postOperation].map(({ name }) => name));
  expect([...operationNames].sort()).toEqual([...served].sort());
});
