import { afterAll, beforeAll, expect, test } from 'vitest';
import { operations } from '../../../local/oss/operations/index.ts';
import { postOperation } from '../../../local/oss/operations/post.ts';
import { operationNames } from '../../../local/ram/actions.ts';
import { parsePolicy } from '../../../shared/ram/policy.ts';
import { type RawRequest, rawCall } from '../../support/oss-client.ts';
import { type OssServer, startOss } from '../../support/oss-server.ts';

let granted: { readonly Action: string; readonly Resource: string }[] = [];
let condition: object | undefined;
let server: OssServer;
beforeAll(async () => {
  server = await startOss(undefined, {
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
  headers: { 'x-oss-copy-source': `/b/s%2Ft${more}`, ...headers },
});

const service: [string, RawRequest, string][] = [['GET /', {}, 'ListBuckets']];
const ofBucket: [string, RawRequest, string][] = [
  ['PUT /b/', {}, 'PutBucket'],
  ['DELETE /b/', {}, 'DeleteBucket'],
  ['GET /b/', {}, 'ListObjects'],
  ['GET /b/', { query: { 'list-type': '2' } }, 'ListObjects'],
  ['GET /b/', { query: { versions: '' } }, 'ListObjectVersions'],
  ['GET /b/', { query: { bucketInfo: '' } }, 'GetBucketInfo'],
  ['GET /b/', { query: { location: '' } }, 'GetBucketLocation'],
  ['PUT /b/', { query: { versioning: '' } }, 'PutBucketVersioning'],
  ['GET /b/', { query: { versioning: '' } }, 'GetBucketVersioning'],
  ['POST /b/', { query: { worm: '' } }, 'InitiateBucketWorm'],
  ['GET /b/', { query: { worm: '' } }, 'GetBucketWorm'],
  ['POST /b/', { query: { wormId: 'x' } }, 'CompleteBucketWorm'],
  ['POST /b/', { query: { wormExtend: '', wormId: 'x' } }, 'ExtendBucketWorm'],
  ['DELETE /b/', { query: { worm: '' } }, 'AbortBucketWorm'],
  ['PUT /b/', { query: { objectWorm: '' } }, 'PutBucketObjectWormConfiguration'],
  ['GET /b/', { query: { objectWorm: '' } }, 'GetBucketObjectWormConfiguration'],
  ['PUT /b/', { query: { acl: '' } }, 'PutBucketAcl'],
  ['GET /b/', { query: { acl: '' } }, 'GetBucketAcl'],
  ['PUT /b/', { query: { tagging: '' } }, 'PutBucketTagging'],
  ['GET /b/', { query: { tagging: '' } }, 'GetBucketTagging'],
  ['DELETE /b/', { query: { tagging: '' } }, 'DeleteBucketTagging'],
  ['PUT /b/', { query: { lifecycle: '' } }, 'PutBucketLifecycle'],
  ['GET /b/', { query: { lifecycle: '' } }, 'GetBucketLifecycle'],
  ['DELETE /b/', { query: { lifecycle: '' } }, 'DeleteBucketLifecycle'],
  ['GET /b/', { query: { uploads: '' } }, 'ListMultipartUploads'],
];
const ofObject: [string, RawRequest, string][] = [
  ['PUT /b/k', {}, 'PutObject'],
  ['PUT /b/k', { headers: { 'x-oss-tagging': 'a=b' } }, 'PutObject PutObjectTagging'],
  [
    'PUT /b/k',
    {
      headers: {
        'x-oss-object-worm-mode': 'COMPLIANCE',
        'x-oss-object-worm-retain-until-date': '2027-01-01T00:00:00Z',
      },
    },
    'PutObject PutObjectRetention',
  ],
  ['POST /b/k', { query: { append: '', position: '0' } }, 'PutObject'],
  ['PUT /b/k', { query: { symlink: '' } }, 'PutObject'],
  ['GET /b/k', { query: { symlink: '' } }, 'GetObject'],
  ['GET /b/k', {}, 'GetObject'],
  ['GET /b/k', { query: versionId }, 'GetObject GetObjectVersion'],
  ['HEAD /b/k', {}, 'GetObject'],
  ['HEAD /b/k', { query: versionId }, 'GetObject GetObjectVersion'],
  ['HEAD /b/k', { query: { objectMeta: '' } }, 'GetObject'],
  ['DELETE /b/k', {}, 'DeleteObject'],
  ['DELETE /b/k', { query: versionId }, 'DeleteObjectVersion'],
  [
    'DELETE /b/k',
    { query: versionId, headers: { 'x-oss-bypass-governance-retention': 'true' } },
    'DeleteObjectVersion BypassGovernanceRetention',
  ],
  ['POST /b/', deletion(''), 'DeleteObject'],
  ['POST /b/', deletion('<VersionId>v</VersionId>'), 'DeleteObjectVersion'],
  ['PUT /b/k', { query: { tagging: '' } }, 'PutObjectTagging'],
  ['PUT /b/k', { query: { tagging: '', ...versionId } }, 'PutObjectTagging PutObjectVersionTagging'],
  ['GET /b/k', { query: { tagging: '' } }, 'GetObjectTagging'],
  ['GET /b/k', { query: { tagging: '', ...versionId } }, 'GetObjectTagging GetObjectVersionTagging'],
  ['DELETE /b/k', { query: { tagging: '' } }, 'DeleteObjectTagging'],
  ['PUT /b/k', { query: { retention: '' }, body: retention }, 'PutObjectRetention'],
  [
    'PUT /b/k',
    { query: { retention: '' }, body: retention, headers: { 'x-oss-bypass-governance-retention': 'true' } },
    'PutObjectRetention BypassGovernanceRetention',
  ],
  ['GET /b/k', { query: { retention: '', ...versionId } }, 'GetObjectRetention'],
  ['PUT /b/k', { query: { acl: '' } }, 'PutObjectAcl'],
  ['GET /b/k', { query: { acl: '', ...versionId } }, 'GetObjectAcl GetObjectVersionAcl'],
  ['PUT /b/k', { query: { legalHold: '' } }, 'PutObjectLegalHold'],
  ['GET /b/k', { query: { legalHold: '' } }, 'GetObjectLegalHold'],
  ['POST /b/k', { query: { uploads: '' } }, 'PutObject'],
  ['PUT /b/k', { query: { partNumber: '1', uploadId: 'x' } }, 'PutObject'],
  ['POST /b/k', { query: { uploadId: 'x' } }, 'PutObject'],
  ['GET /b/k', { query: { uploadId: 'x' } }, 'ListParts'],
  ['DELETE /b/k', { query: { uploadId: 'x' } }, 'AbortMultipartUpload'],
];

test.each(service)('%s %j takes %s on the account', async (target, request, actions) => {
  expect((await taken(target, request, ['*'])).join(' ')).toBe(actions);
});
test.each(ofBucket)('%s %j takes %s on the bucket', async (target, request, actions) => {
  expect((await taken(target, request, ['b'])).join(' ')).toBe(actions);
});
test.each(ofObject)('%s %j takes %s on the object', async (target, request, actions) => {
  expect((await taken(target, request, ['b/k'])).join(' ')).toBe(actions);
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
  expect((await taken('PUT /b/k', request, ['b/k', 'b/s/t'])).join(' ')).toBe(actions);
});

test('what is granted on one key is not granted on another', async () => {
  granted = [{ Action: 'oss:*', Resource: 'acs:oss:*:1234567890123456:b/other' }];
  expect((await rawCall(server, 'GET /b/k')).code).toBe('AccessDenied');
  expect((await rawCall(server, 'POST /b/', deletion(''))).code).toBe('AccessDenied');
  expect((await rawCall(server, 'GET /b/other')).code).toBe('NoSuchBucket');
});

test('a retention longer than a condition allows is denied', async () => {
  granted = [{ Action: 'oss:PutObjectRetention', Resource: '*' }];
  const put = async () =>
    (await rawCall(server, 'PUT /b/k', { query: { retention: '' }, body: retention })).code;
  condition = { NumericLessThan: { 'oss:object-remaining-retention-days': '40' } }; // from 22 November: 39.6 days
  expect(await put()).toBe('AccessDenied');
  condition = { NumericLessThan: { 'oss:object-remaining-retention-days': '41' } };
  expect(await put()).toBe('NoSuchBucket');
  condition = { IpAddress: { 'acs:SourceIp': '127.0.0.0/8' } };
  expect(await put()).toBe('NoSuchBucket');
  condition = { IpAddress: { 'acs:SourceIp': '10.0.0.0/8' } };
  expect(await put()).toBe('AccessDenied');
  condition = { Bool: { 'acs:SecureTransport': 'true' } };
  expect(await put()).toBe('AccessDenied');
  condition = undefined;
});

test('a denial says who may not do what, and why', async () => {
  granted = [];
  const { status, headers, body } = await rawCall(server, 'GET /b/k');
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
