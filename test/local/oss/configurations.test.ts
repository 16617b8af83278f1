import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectOk, makeBucket, putObject, rawCall, send, setVersioning } from '../../support/oss-client.ts';
import { type OssServer, startOss } from '../../support/oss-server.ts';

let server: OssServer;
beforeAll(async () => {
  server = await startOss();
  await makeBucket(server, 'conf');
});
afterAll(() => server.close());

const call = (method: string, resource: string, body = '', headers: Record<string, string> = {}) =>
  rawCall(server, `${method} /conf/`, { query: { [resource]: '' }, body, headers });

/** Sub-resource, a document of it, what GET says before, and whether there is a DELETE. */
const configurations: [string, string, string, boolean][] = [
  [
    'logging',
    '<BucketLoggingStatus><LoggingEnabled><TargetBucket>b</TargetBucket><TargetPrefix>a&gt;@%</TargetPrefix></LoggingEnabled></BucketLoggingStatus>',
    '<BucketLoggingStatus></BucketLoggingStatus>',
    true,
  ],
  [
    'referer',
    '<RefererConfiguration><AllowEmptyReferer>false</AllowEmptyReferer><RefererList><Referer>http://a</Referer></RefererList></RefererConfiguration>',
    '<AllowEmptyReferer>true</AllowEmptyReferer>',
    false,
  ],
  [
    'website',
    '<WebsiteConfiguration><IndexDocument><Suffix>index.html</Suffix></IndexDocument></WebsiteConfiguration>',
    'NoSuchWebsiteConfiguration',
    true,
  ],
  [
    'requestPayment',
    '<RequestPaymentConfiguration><Payer>Requester</Payer></RequestPaymentConfiguration>',
    '<Payer>BucketOwner</Payer>',
    false,
  ],
  [
    'transferAcceleration',
    '<TransferAccelerationConfiguration><Enabled>true</Enabled></TransferAccelerationConfiguration>',
    'NoSuchTransferAccelerationConfiguration',
    false,
  ],
  [
    'accessmonitor',
    '<AccessMonitorConfiguration><Status>Enabled</Status><AllowCopy>true</AllowCopy></AccessMonitorConfiguration>',
    '<Status>Disabled</Status>',
    false,
  ],
  [
    'resourceGroup',
    '<BucketResourceGroupConfiguration><ResourceGroupId>rg-1</ResourceGroupId></BucketResourceGroupConfiguration>',
    '<ResourceGroupId>rg-default</ResourceGroupId>',
    false,
  ],
  [
    'httpsConfig',
    '<HttpsConfiguration><TLS><Enable>true</Enable><TLSVersion>TLSv1.2</TLSVersion></TLS></HttpsConfiguration>',
    '<Enable>false</Enable>',
    false,
  ],
  [
    'bucketArchiveDirectRead',
    '<ArchiveDirectReadConfiguration><Enabled>false</Enabled></ArchiveDirectReadConfiguration>',
    '<Enabled>false</Enabled>',
    false,
  ],
  [
    'userDefinedLogFieldsConfig',
    '<UserDefinedLogFieldsConfiguration><HeaderSet><header>a</header></HeaderSet></UserDefinedLogFieldsConfiguration>',
    'NoSuchUserDefinedLogFieldsConfig',
    true,
  ],
  [
    'qos',
    '<BucketUserQos><StorageCapacity>10</StorageCapacity></BucketUserQos>',
    '<StorageCapacity>-1</StorageCapacity>',
    false,
  ],
  [
    'publicAccessBlock',
    '<PublicAccessBlockConfiguration><BlockPublicAccess>false</BlockPublicAccess></PublicAccessBlockConfiguration>',
    '<BlockPublicAccess>false</BlockPublicAccess>',
    true,
  ],
  [
    'overwriteConfig',
    '<OverwriteConfiguration><Rule><ID>a</ID><Action>forbid</Action><Prefix>a/</Prefix><Suffix/><Principals/></Rule></OverwriteConfiguration>',
    'NoSuchBucketOverwriteConfig',
    true,
  ],
  [
    'encryption',
    '<ServerSideEncryptionRule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault></ServerSideEncryptionRule>',
    'NoSuchServerSideEncryptionRule',
    true,
  ],
];

describe.each(configurations)('%s', (resource, document, before, hasDelete) => {
  test('is kept as it was sent, and gone when it is deleted', async () => {
    expect((await call('GET', resource)).body).toContain(before);
    await expectOk(call('PUT', resource, `<?xml version="1.0" encoding="UTF-8"?>\n${document}`));
    const got = await expectOk(call('GET', resource));
    expect(got.body).toBe(`<?xml version="1.0" encoding="UTF-8"?>\n${document}\n`);
    expect(got.headers['content-type']).toBe('application/xml');
    const gone = await call('DELETE', resource);
    if (!hasDelete) expect(gone).toMatchObject({ status: 501, code: 'NotImplemented' });
    else {
      expect(gone.status).toBe(204);
      expect((await call('GET', resource)).body).toContain(before);
      expect((await call('DELETE', resource)).status).toBe(204);
    }
  });

  test.each(['', '<a></b>', '<Other></Other>', '<!DOCTYPE a><a/>', 'text'])(
    'refuses %j as malformed',
    async (body) => {
      expect(await call('PUT', resource, body)).toMatchObject({ status: 400, code: 'MalformedXML' });
    },
  );

  test('of a missing bucket is NoSuchBucket', async () => {
    const query = { [resource]: '' };
    const put = await rawCall(server, 'PUT /no-such-conf/', { query, body: document });
    expect(put.code).toBe(resource === 'overwriteConfig' ? 'MalformedXML' : 'NoSuchBucket');
    expect((await rawCall(server, 'GET /no-such-conf/', { query })).code).toBe('NoSuchBucket');
  });
});

describe('server-side encryption is kept and said, and encrypts nothing', () => {
  const SSE = 'x-oss-server-side-encryption';

  test.each([
    ['AES256', { [SSE]: 'AES256' }, {}],
    ['SM4', { [SSE]: 'SM4' }, {}],
    [
      'KMS with a key',
      { [SSE]: 'KMS', [`${SSE}-key-id`]: 'k1', 'x-oss-server-side-data-encryption': 'SM4' },
      {},
    ],
    ['KMS without one', { [SSE]: 'KMS' }, { [`${SSE}-key-id`]: expect.any(String) }],
  ])('%s', async (name, headers, more) => {
    const path = `/conf/sse ${name}`;
    const expected = { ...headers, ...more };
    expect((await expectOk(rawCall(server, `PUT ${path}`, { headers, body: 'x' }))).headers).toMatchObject(
      expected,
    );
    for (const method of ['GET', 'HEAD'])
      expect((await rawCall(server, `${method} ${path}`)).headers).toMatchObject(expected);
    const begun = await expectOk(rawCall(server, `POST ${path}`, { query: { uploads: '' }, headers }));
    expect(begun.headers).toMatchObject(expected);
    const uploadId = /<UploadId>(\w+)/.exec(begun.body)?.[1] ?? '';
    const part = await rawCall(server, `PUT ${path}`, { query: { uploadId, partNumber: '1' }, body: 'y' });
    expect(part.headers).toMatchObject(expected);
    const all = { 'x-oss-complete-all': 'yes' };
    const done = await expectOk(rawCall(server, `POST ${path}`, { query: { uploadId }, headers: all }));
    expect(done.headers).toMatchObject(expected);
    expect((await rawCall(server, `GET ${path}`)).body).toBe('y');
  });

  test.each([
    [{ [SSE]: 'ROT13' }, 'InvalidEncryptionAlgorithmError'],
    [{ [SSE]: 'AES256', [`${SSE}-key-id`]: 'k' }, 'InvalidArgument'],
    [{ [SSE]: 'KMS', 'x-oss-server-side-data-encryption': 'AES1' }, 'InvalidArgument'],
  ])('%j is refused', async (headers, code) => {
    expect((await rawCall(server, 'PUT /conf/bad', { headers })).code).toBe(code);
    expect((await rawCall(server, 'HEAD /conf/bad')).status).toBe(404);
  });

  test("an upload without its own gets the bucket's", async () => {
    await makeBucket(server, 'sse-bucket');
    const body =
      '<ServerSideEncryptionRule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>KMS</SSEAlgorithm><KMSMasterKeyID>id1</KMSMasterKeyID></ApplyServerSideEncryptionByDefault></ServerSideEncryptionRule>';
    const query = { encryption: '' };
    await expectOk(rawCall(server, 'PUT /sse-bucket/', { query, body }));
    await putObject(server, '/sse-bucket/a');
    const head = await rawCall(server, 'HEAD /sse-bucket/a');
    expect(head.headers).toMatchObject({ [SSE]: 'KMS', [`${SSE}-key-id`]: 'id1' });
    await expectOk(rawCall(server, 'DELETE /sse-bucket/', { query }));
    await putObject(server, '/sse-bucket/b');
    expect((await rawCall(server, 'HEAD /sse-bucket/b')).headers[SSE]).toBeUndefined();
  });
});

describe('CORS', () => {
  const document = `<CORSConfiguration><CORSRule><AllowedOrigin>http://a.example</AllowedOrigin><AllowedOrigin>*.b.example</AllowedOrigin><AllowedMethod>GET</AllowedMethod><AllowedMethod>HEAD</AllowedMethod><AllowedHeader>X-One</AllowedHeader><ExposeHeader>ETag</ExposeHeader><MaxAgeSeconds>30</MaxAgeSeconds></CORSRule></CORSConfiguration>`;
  const ask = (origin: string, method: string, headers?: string) =>
    send(server, 'OPTIONS', '/conf/some-key', {
      headers: {
        origin,
        'access-control-request-method': method,
        ...(headers && { 'access-control-request-headers': headers }),
      },
    });

  test('without rules every question is refused', async () => {
    expect(await ask('http://a.example', 'GET')).toMatchObject({ status: 403, code: 'AccessForbidden' });
    expect((await call('GET', 'cors')).code).toBe('NoSuchCORSConfiguration');
    expect((await call('DELETE', 'cors')).status).toBe(204);
  });

  test('rules answer, and come back with their headers in lower case', async () => {
    await expectOk(call('PUT', 'cors', document));
    const got = (await expectOk(call('GET', 'cors'))).body;
    expect(got).toContain('<AllowedHeader>x-one</AllowedHeader>');
    const reply = await ask('http://a.example', 'HEAD', 'X-One');
    expect(reply.status).toBe(200);
    expect(reply.headers).toMatchObject({
      'access-control-allow-origin': 'http://a.example',
      'access-control-allow-methods': 'GET, HEAD',
      'access-control-allow-headers': 'X-One',
      'access-control-expose-headers': 'ETag',
      'access-control-max-age': '30',
    });
    expect((await ask('http://x.b.example', 'GET')).status).toBe(200);
    for (const asked of [
      ask('http://c.example', 'GET'),
      ask('http://a.example', 'PUT'),
      ask('http://a.example', 'GET', 'x-two'),
    ])
      expect(await asked).toMatchObject({ status: 403, code: 'AccessForbidden' });
  });

  test.each([
    document.replace('<AllowedMethod>GET<', '<AllowedMethod>FETCH<'),
    '<CORSConfiguration><CORSRule><AllowedMethod>GET</AllowedMethod></CORSRule></CORSConfiguration>',
  ])('a rule that cannot be is malformed: %#', async (body) => {
    expect((await call('PUT', 'cors', body)).code).toBe('MalformedXML');
  });
});

describe('lists of what there is', () => {
  test('statistics of a bucket', async () => {
    await makeBucket(server, 'stat', { versioning: true });
    const stat = async () => (await rawCall(server, 'GET /stat/', { query: { stat: '' } })).body;
    expect(await stat()).toContain('<LastModifiedTime>0</LastModifiedTime>');
    await putObject(server, '/stat/a', '12345');
    await putObject(server, '/stat/a', '123', { 'x-oss-storage-class': 'IA' });
    await rawCall(server, 'DELETE /stat/a');
    await rawCall(server, 'POST /stat/m', { query: { uploads: '' } });
    const body = await stat();
    for (const element of [
      '<Storage>8</Storage>',
      '<ObjectCount>2</ObjectCount>',
      '<StandardStorage>5</StandardStorage>',
      '<InfrequentAccessStorage>65536</InfrequentAccessStorage>',
      '<InfrequentAccessRealStorage>3</InfrequentAccessRealStorage>',
      '<MultipartUploadCount>1</MultipartUploadCount>',
      '<DeleteMarkerCount>1</DeleteMarkerCount>',
    ])
      expect(body).toContain(element);
  });

  test.each([
    ['GET /conf/', { live: '' }, '<ListLiveChannelResult>'],
    ['GET /conf/', { accessPoint: '' }, '<ListAccessPointsResult>'],
    ['GET /', { accessPoint: '' }, '<ListAccessPointsResult>'],
    ['GET /', { regions: '' }, '<Region>oss-cn-shanghai</Region>'],
    ['GET /conf/', { bucketInfo: '' }, '<BlockPublicAccess>false</BlockPublicAccess>'],
  ])('%s %j', async (target, query, element) => {
    expect((await expectOk(rawCall(server, target, { query }))).body).toContain(element);
  });

  test('one region by its name', async () => {
    const { body } = await rawCall(server, 'GET /', { query: { regions: 'oss-cn-hangzhou' } });
    expect(body.match(/<RegionInfo>/g)).toHaveLength(1);
    expect(body).toContain('<InternalEndpoint>oss-cn-hangzhou-internal.aliyuncs.com<');
  });

  test('HEAD of a bucket', async () => {
    expect((await rawCall(server, 'HEAD /conf/')).status).toBe(200);
    expect((await rawCall(server, 'HEAD /no-such-conf/')).code).toBe('NoSuchBucket');
  });

  test('buckets by tag', async () => {
    await makeBucket(server, 'tagged');
    const tag = (key: string, value: string) => `<Tag><Key>${key}</Key><Value>${value}</Value></Tag>`;
    const body = `<Tagging><TagSet>${tag('a', '1')}${tag('b', '2')}</TagSet></Tagging>`;
    await expectOk(rawCall(server, 'PUT /tagged/', { query: { tagging: '' }, body }));
    const names = async (query: Record<string, string>) =>
      [...(await rawCall(server, 'GET /', { query })).body.matchAll(/<Name>(.*?)</g)].map(([, name]) => name);
    expect(await names({ tagging: '"a":"1","b":"2"' })).toEqual(['tagged']);
    expect(await names({ tagging: '"a":"2"' })).toEqual([]);
    expect(await names({ 'tag-key': 'a' })).toEqual(['tagged']);
    expect((await rawCall(server, 'GET /', { query: { tagging: 'a=1' } })).code).toBe('InvalidArgument');
  });

  test('styles are kept by name', async () => {
    const style = (method: string, name?: string, body = '') =>
      rawCall(server, `${method} /conf/`, {
        query: { style: '', ...(name && { styleName: name }) },
        body,
      });
    expect((await style('GET', 'small')).code).toBe('NoSuchStyle');
    await expectOk(style('PUT', 'small', '<Style><Content>image/resize,p_50</Content></Style>'));
    expect((await style('GET', 'small')).body).toContain('<Content>image/resize,p_50</Content>');
    expect((await style('GET')).body).toContain('<Name>small</Name>');
    expect((await style('DELETE', 'small')).status).toBe(204);
    expect((await style('GET')).body).not.toContain('<Name>');
  });
});

test.each([
  ['headers', { 'x-oss-traffic-limit': '245760', 'x-oss-request-payer': 'requester' }, {}],
  ['parameters', {}, { 'x-oss-traffic-limit': '838860800', 'x-oss-request-payer': 'requester' }],
])('a traffic limit and a payer are taken as %s', async (_name, headers, query) => {
  await expectOk(rawCall(server, 'PUT /conf/limited', { headers, query, body: 'x' }));
  await expectOk(rawCall(server, 'GET /conf/limited', { headers, query }));
  expect(server.oss.requests.list().at(-1)?.ignored).toEqual([]);
});

test('a traffic limit slows what goes in and what comes out', async () => {
  const body = 'x'.repeat(12_288); // 0.4 seconds
  const headers = { 'x-oss-traffic-limit': '245760' };
  for (const [method, sent] of [
    ['PUT', body],
    ['GET', ''],
  ]) {
    const started = performance.now();
    const reply = await expectOk(rawCall(server, `${method} /conf/slow`, { headers, body: sent ?? '' }));
    expect(performance.now() - started).toBeGreaterThan(350);
    if (method === 'GET') expect(reply.body).toBe(body);
  }
});

test.each(['0', '245759', '838860801', 'fast'])('a traffic limit of %s is refused', async (limit) => {
  const headers = { 'x-oss-traffic-limit': limit };
  const reply = await rawCall(server, 'GET /conf/', { headers });
  expect(reply).toMatchObject({ status: 400, code: 'InvalidArgument' });
  expect(reply.headers['x-oss-ec']).toBe('0004-00000502');
});

test('a symlink takes an ACL and tags', async () => {
  const headers = {
    'x-oss-symlink-target': 'limited',
    'x-oss-object-acl': 'public-read',
    'x-oss-tagging': 'a=1',
  };
  await expectOk(rawCall(server, 'PUT /conf/link', { query: { symlink: '' }, headers }));
  expect((await rawCall(server, 'GET /conf/link', { query: { acl: '' } })).body).toContain('public-read');
  expect((await rawCall(server, 'GET /conf/link', { query: { tagging: '' } })).body).toContain(
    '<Key>a</Key>',
  );
});

test('a symlink shows its own metadata, and size, ETag, class and the later date of its target', async () => {
  const link = (target: string, headers: Record<string, string> = {}) =>
    expectOk(
      rawCall(server, 'PUT /conf/l', {
        query: { symlink: '' },
        headers: { 'x-oss-symlink-target': target, ...headers },
      }),
    );
  const head = async () => (await rawCall(server, 'HEAD /conf/l')).headers;
  await link('target', { 'x-oss-meta-uid': 'link', 'content-type': 'text/css' });
  server.advance(60_000);
  const own = { 'x-oss-meta-uid': 'target', 'content-type': 'text/html', 'x-oss-storage-class': 'IA' };
  const target = await expectOk(rawCall(server, 'PUT /conf/target', { headers: own, body: 'four' }));
  expect(await head()).toMatchObject({
    'content-length': '4',
    'content-type': 'text/css',
    etag: target.headers['etag'],
    'last-modified': target.headers['date'],
    'x-oss-hash-crc64ecma': target.headers['x-oss-hash-crc64ecma'],
    'x-oss-meta-uid': 'link',
    'x-oss-object-type': 'Symlink',
    'x-oss-storage-class': 'IA',
  });
  expect((await rawCall(server, 'GET /conf/l')).body).toBe('four');
  server.advance(60_000);
  await link('target');
  expect((await head())['last-modified']).toBe(server.now().toUTCString());
});

test('a symlink to nothing, or to a symlink, cannot be read', async () => {
  const link = (key: string, target: string) =>
    expectOk(
      rawCall(server, `PUT /conf/${key}`, {
        query: { symlink: '' },
        headers: { 'x-oss-symlink-target': target },
      }),
    );
  await link('first', 'nowhere');
  await link('second', 'first');
  for (const method of ['GET', 'HEAD']) {
    const missing = await rawCall(server, `${method} /conf/first`);
    expect(missing).toMatchObject({ status: 404, code: 'SymlinkTargetNotExist' });
    expect(missing.headers['x-oss-ec']).toBe('0026-00000012');
    expect(await rawCall(server, `${method} /conf/second`)).toMatchObject({
      status: 400,
      code: 'InvalidTargetType',
    });
  }
});

describe('who may what', () => {
  test('public-read-write lets strangers write, until public access is blocked', async () => {
    await expectOk(rawCall(server, 'PUT /open/', { headers: { 'x-oss-acl': 'public-read-write' } }));
    expect((await send(server, 'PUT', '/open/a', { body: 'x' })).status).toBe(200);
    expect((await send(server, 'GET', '/open/a')).body).toBe('x');
    expect((await send(server, 'DELETE', '/open/a')).status).toBe(204);
    expect((await send(server, 'GET', '/open/')).code).toBe('AccessDenied');
    expect((await send(server, 'PUT', '/open/?acl', { headers: { 'x-oss-acl': 'private' } })).code).toBe(
      'AccessDenied',
    );
    const body =
      '<PublicAccessBlockConfiguration><BlockPublicAccess>true</BlockPublicAccess></PublicAccessBlockConfiguration>';
    await expectOk(rawCall(server, 'PUT /open/', { query: { publicAccessBlock: '' }, body }));
    expect((await send(server, 'PUT', '/open/a', { body: 'x' })).code).toBe('AccessDenied');
    const acl = { query: { acl: '' }, headers: { 'x-oss-acl': 'public-read' } };
    expect((await rawCall(server, 'PUT /open/', acl)).code).toBe('AccessDenied');
    const headers = { 'x-oss-object-acl': 'public-read' };
    expect((await rawCall(server, 'PUT /open/b', { headers })).code).toBe('AccessDenied');
  });

  test('public access is blocked for the whole account', async () => {
    const account = (method: string, body = '') =>
      rawCall(server, `${method} /`, { query: { publicAccessBlock: '' }, body });
    const block = (value: boolean) =>
      `<PublicAccessBlockConfiguration><BlockPublicAccess>${value}</BlockPublicAccess></PublicAccessBlockConfiguration>`;
    const headers = { 'x-oss-acl': 'public-read' };
    await expectOk(rawCall(server, 'PUT /shown/', { headers }));
    await putObject(server, '/shown/a');
    expect((await account('GET')).body).toContain(block(false));
    await expectOk(account('PUT', block(true)));
    expect((await account('GET')).body).toContain(block(true));
    expect((await send(server, 'GET', '/shown/a')).code).toBe('AccessDenied');
    expect((await rawCall(server, 'PUT /shown/', { query: { acl: '' }, headers })).code).toBe('AccessDenied');
    const upload = { 'x-oss-object-acl': 'public-read' };
    expect((await rawCall(server, 'PUT /shown/b', { headers: upload })).code).toBe('AccessDenied');
    const { body } = await rawCall(server, 'GET /shown/', { query: { bucketInfo: '' } });
    expect(body).toContain('<BlockPublicAccess>true</BlockPublicAccess>');
    expect((await expectOk(rawCall(server, 'GET /'))).body).not.toContain('account');
    expect((await account('DELETE')).status).toBe(204);
    expect((await account('GET')).body).toContain(block(false));
    expect((await send(server, 'GET', '/shown/a')).status).toBe(200);
    expect((await account('PUT', '<a/>')).code).toBe('MalformedXML');
    expect((await send(server, 'GET', '/?publicAccessBlock')).code).toBe('AccessDenied');
  });

  const policy = (statement: object) => JSON.stringify({ Version: '1', Statement: [statement] });
  const deny = (principal: string) =>
    policy({
      Effect: 'Deny',
      Principal: [principal],
      Action: ['oss:PutObject', 'oss:PutBucketPolicy'],
      Resource: ['acs:oss:*:*:ruled/*', 'acs:oss:*:*:ruled'],
    });

  test.each([
    ['everybody', '*', 'AccessDenied'],
    ['the account', '1234567890123456', 'AccessDenied'],
    ['somebody else', '999', ''],
  ])("a bucket's policy denies %s", async (_name, principal, code) => {
    await makeBucket(server, 'ruled');
    const query = { policy: '' };
    await expectOk(rawCall(server, 'PUT /ruled/', { query, body: deny(principal) }));
    expect((await rawCall(server, 'GET /ruled/', { query })).body).toBe(deny(principal));
    expect((await rawCall(server, 'PUT /ruled/a')).code).toBe(code);
    expect((await rawCall(server, 'GET /ruled/')).status).toBe(200);
    expect((await rawCall(server, 'DELETE /ruled/', { query })).status).toBe(204);
    expect((await rawCall(server, 'GET /ruled/', { query })).code).toBe('NoSuchBucketPolicy');
    await expectOk(rawCall(server, 'PUT /ruled/a'));
  });

  test('whether a policy is public', async () => {
    await makeBucket(server, 'public-policy');
    const status = async () =>
      (await rawCall(server, 'GET /public-policy/', { query: { policyStatus: '' } })).body;
    expect(await status()).toContain('<IsPublic>false</IsPublic>');
    const body = policy({ Effect: 'Allow', Action: ['oss:GetObject'], Resource: ['*'] });
    await expectOk(rawCall(server, 'PUT /public-policy/', { query: { policy: '' }, body }));
    expect(await status()).toContain('<IsPublic>true</IsPublic>');
    expect((await send(server, 'GET', '/public-policy/a')).code).toBe('AccessDenied'); // it gives nothing here
  });

  test.each([
    ['no JSON', 'InvalidPolicyDocument'],
    ['{"Version":"2","Statement":[]}', 'InvalidPolicyDocument'],
    [policy({ Effect: 'Deny', Action: 'oss:*' }), 'InvalidPolicyDocument'],
    [policy({ Effect: 'Deny', NotPrincipal: ['1'], Action: 'oss:*', Resource: '*' }), 'NotImplemented'],
    [
      policy({ Effect: 'Deny', Action: 'oss:*', Resource: '*', Condition: { Odd: { 'acs:SourceIp': '1' } } }),
      'NotImplemented',
    ],
  ])('%s is refused', async (body, code) => {
    expect((await call('PUT', 'policy', body)).code).toBe(code);
  });
});

test('a domain gets its token, and is never mapped', async () => {
  const body =
    '<BucketCnameConfiguration><Cname><Domain>a.example</Domain></Cname></BucketCnameConfiguration>';
  const cname = (comp: string) => rawCall(server, 'POST /conf/', { query: { cname: '', comp }, body });
  const made = (await expectOk(cname('token'))).body;
  const got = await rawCall(server, 'GET /conf/', { query: { cname: 'a.example', comp: 'token' } });
  expect(got.body).toBe(made);
  expect(made).toMatch(/<Token>[0-9a-f]{32}<\/Token>/);
  expect(await cname('add')).toMatchObject({ status: 403, code: 'NeedVerifyDomainOwnership' });
  expect((await cname('delete')).status).toBe(200);
  expect((await cname('other')).code).toBe('InvalidArgument');
  const list = await rawCall(server, 'GET /conf/', { query: { cname: '' } });
  expect(list.body).toContain('<Owner>1234567890123456</Owner>');
});

describe('resource groups', () => {
  const group = (id: string) =>
    `<BucketResourceGroupConfiguration><ResourceGroupId>${id}</ResourceGroupId></BucketResourceGroupConfiguration>`;
  const names = async (id: string) => {
    const headers = { 'x-oss-resource-group-id': id };
    const { body } = await expectOk(rawCall(server, 'GET /', { headers }));
    return [...body.matchAll(/<Name>(.*?)</g)].map(([, name]) => name);
  };

  test('list their buckets', async () => {
    const headers = { 'x-oss-resource-group-id': 'rg-aekz' };
    await expectOk(rawCall(server, 'PUT /grouped/', { headers }));
    expect(await names('rg-aekz')).toEqual(['grouped']);
    expect(await names('rg-default')).not.toContain('grouped');
    await expectOk(rawCall(server, 'PUT /grouped/')); // stays where it is
    expect((await rawCall(server, 'GET /grouped/', { query: { bucketInfo: '' } })).body).toContain(
      '>rg-aekz<',
    );
    expect(await names('')).toEqual(expect.arrayContaining(['conf', 'grouped']));
  });

  test('are named by their ids, none for the default', async () => {
    await expectOk(call('PUT', 'resourceGroup', group('')));
    expect((await call('GET', 'resourceGroup')).body).toContain(
      '<ResourceGroupId>rg-default</ResourceGroupId>',
    );
    const refused = await call('PUT', 'resourceGroup', group('rg-not-exist'));
    expect(refused).toMatchObject({ status: 400, code: 'ResourceGroupIdPreCheckError' });
    expect(refused.body).toContain('<EC>0039-00000003</EC>');
    const headers = { 'x-oss-resource-group-id': 'group' };
    expect((await rawCall(server, 'PUT /ungrouped/', { headers })).code).toBe('ResourceGroupIdPreCheckError');
    expect((await rawCall(server, 'HEAD /ungrouped/')).status).toBe(404);
  });
});

describe('overwriting is forbidden', () => {
  const rule = (text: string) => `<Rule><Action>forbid</Action>${text}</Rule>`;
  const configure = (...rules: string[]) =>
    rawCall(server, 'PUT /fixed/', {
      query: { overwriteConfig: '' },
      body: `<OverwriteConfiguration>${rules.join('')}</OverwriteConfiguration>`,
    });
  const put = async (key: string) => (await rawCall(server, `PUT /fixed/${key}`, { body: 'x' })).code;
  const account = '<Principals><Principal>1234*</Principal><Principal>other</Principal></Principals>';
  beforeAll(async () => {
    await makeBucket(server, 'fixed');
    for (const key of ['a/b.txt', 'a/b.jpg', 'c.txt']) await putObject(server, `/fixed/${key}`);
  });

  test.each([
    [rule(''), ['a/b.txt', 'a/b.jpg', 'c.txt']],
    [rule('<Prefix>a/</Prefix>'), ['a/b.txt', 'a/b.jpg']],
    [rule('<Prefix>a/</Prefix><Suffix>.txt</Suffix>'), ['a/b.txt']],
    [rule('<Prefix>*</Prefix>'), []],
    [rule('<Suffix>.jpg</Suffix>') + rule('<Prefix>c</Prefix>'), ['a/b.jpg', 'c.txt']],
    [rule(`<Suffix>.jpg</Suffix>${account}`), ['a/b.jpg']],
    [rule('<Principals><Principal>other</Principal></Principals>'), []],
  ])('by %s of %j', async (rules, forbidden) => {
    await expectOk(configure(rules));
    const codes = await Promise.all(
      ['a/b.txt', 'a/b.jpg', 'c.txt'].map(async (key) => [key, await put(key)]),
    );
    expect(codes.filter(([, code]) => code === 'FileAlreadyExists').map(([key]) => key)).toEqual(forbidden);
    expect(codes.filter(([, code]) => code === '')).toHaveLength(3 - forbidden.length);
    const headers = { 'x-oss-copy-source': '/fixed/c.txt' };
    const copied = await rawCall(server, 'PUT /fixed/a/b.txt', { headers });
    expect(copied.code).toBe(forbidden.includes('a/b.txt') ? 'FileAlreadyExists' : '');
    expect(await put(`new${rules.length}`)).toBe('');
    expect((await configure()).code).toBe('MalformedXML');
  });

  test('except where there are versions', async () => {
    await expectOk(configure(rule('')));
    await expectOk(setVersioning(server, 'fixed', 'Enabled'));
    expect(await put('c.txt')).toBe('');
  });

  test('by rules that have an ID each, of their own', async () => {
    await expectOk(configure(rule('<Prefix>a&amp;</Prefix>'), rule('<ID>b</ID>')));
    const { body } = await rawCall(server, 'GET /fixed/', { query: { overwriteConfig: '' } });
    expect(body).toMatch(/<ID>\w+<\/ID>.*<ID>b<\/ID>/s);
    expect(body).toContain('<Prefix>a&amp;</Prefix>');
    expect((await configure(rule('<ID>b</ID>'), rule('<ID>b</ID>'))).code).toBe('InvalidArgument');
    const many = Array.from({ length: 101 }, () => rule(''));
    expect((await configure(...many)).code).toBe('MalformedXML');
    expect((await configure(rule(`<Prefix>${'a'.repeat(1024)}</Prefix>`))).code).toBe('MalformedXML');
    expect((await configure('<Rule><Action>allow</Action></Rule>')).code).toBe('MalformedXML');
  });
});

describe('rules of the lifecycle', () => {
  const put = (...elements: string[]) => {
    const inner = elements.join('');
    const body = `<LifecycleConfiguration><Rule><Prefix>a/</Prefix><Status>Enabled</Status>${inner}</Rule></LifecycleConfiguration>`;
    return call('PUT', 'lifecycle', body);
  };
  const expires = (days: number) => `<Expiration><Days>${days}</Days></Expiration>`;
  const before = '<Expiration><CreatedBeforeDate>2016-12-25T00:00:00.000Z</CreatedBeforeDate></Expiration>';
  const move = (days: number, to: string, more = '') =>
    `<Transition><Days>${days}</Days><StorageClass>${to}</StorageClass>${more}</Transition>`;
  const old = (days: number, to: string) =>
    `<NoncurrentVersionTransition><NoncurrentDays>${days}</NoncurrentDays><StorageClass>${to}</StorageClass></NoncurrentVersionTransition>`;
  const moveBefore =
    '<Transition><CreatedBeforeDate>2016-12-20T00:00:00.000Z</CreatedBeforeDate><StorageClass>IA</StorageClass></Transition>';
  const tag = (key: string, value: string) => `<Tag><Key>${key}</Key><Value>${value}</Value></Tag>`;
  const byAccess = '<IsAccessTime>true</IsAccessTime>';
  const tags = Array.from({ length: 19 }, (_, index) => tag(`k${index}`, 'v')).join('');

  test.each([
    ['transitions before the expiration', [expires(30), move(10, 'IA'), move(20, 'Archive')], ''],
    ['the colder class first in the document', [move(20, 'Archive'), move(10, 'IA')], ''],
    ['dates', [before, moveBefore], ''],
    ['a transition at the expiration', [expires(10), move(10, 'IA')], ''],
    ['a transition after the expiration', [expires(3), move(4, 'IA')], 'InvalidArgument'],
    ['a colder class before a warmer', [move(5, 'IA'), move(2, 'Archive')], 'InvalidArgument'],
    ['noncurrent versions colder before warmer', [old(20, 'IA'), old(12, 'Archive')], 'InvalidArgument'],
    ['noncurrent versions in order', [old(12, 'IA'), old(20, 'Archive')], ''],
    ['a transition to Standard', [expires(6), move(5, 'Standard')], 'InvalidArgument'],
    ['days beside a date', [before, move(5, 'IA')], 'InvalidRequest'],
    ['a date beside days', [expires(5), moveBefore], 'InvalidRequest'],
    ['days since the last access', [before, move(5, 'IA', byAccess)], ''],
    ['a key that no object can have', [expires(1), tag('a'.repeat(129), 'v')], ''],
    ['a value that no object can have', [expires(1), tag('k', 'a'.repeat(257))], ''],
    ['more tags than an object can have', [expires(1), tags], ''],
    ['a tag of other characters', [expires(1), tag('%', 'v')], 'InvalidTag'],
    ['a tag twice', [expires(1), tag('k', 'v'), tag('k', 'w')], 'InvalidTag'],
  ])('with %s', async (_name, elements, code) => {
    expect((await put(...elements)).code).toBe(code);
  });
});

test('tags of a bucket have any characters', async () => {
  const tag = (key: string, value: string) => `<Tag><Key>${key}</Key><Value>${value}</Value></Tag>`;
  const put = (...tags: string[]) =>
    call('PUT', 'tagging', `<Tagging><TagSet>${tags.join('')}</TagSet></Tagging>`);
  await expectOk(put(tag('%@abc', 'abc'), tag('123++', '++123%')));
  const { body } = await call('GET', 'tagging');
  for (const text of ['<Key>%@abc<', '<Key>123++<', '<Value>++123%<']) expect(body).toContain(text);
  expect((await put(tag('a'.repeat(129), ''))).code).toBe('InvalidTag');
  expect((await put(...Array.from({ length: 21 }, (_, index) => tag(`${index}`, '')))).code).toBe(
    'InvalidTag',
  );
});

test('a negative MaxAgeSeconds is named', async () => {
  const rule =
    '<AllowedOrigin>*</AllowedOrigin><AllowedMethod>GET</AllowedMethod><MaxAgeSeconds>-1</MaxAgeSeconds>';
  const body = `<CORSConfiguration><CORSRule>${rule}</CORSRule></CORSConfiguration>`;
  const refused = await call('PUT', 'cors', body);
  expect(refused).toMatchObject({ status: 400, code: 'InvalidArgument' });
  expect(refused.body).toContain('<ArgumentName>MaxAgeSeconds</ArgumentName>');
  expect(refused.body).toContain('<ArgumentValue>-1</ArgumentValue>');
});

test('the info of a bucket has no key of encryption where none is set', async () => {
  const rule = '<SSEAlgorithm>KMS</SSEAlgorithm><KMSMasterKeyID></KMSMasterKeyID>';
  const body = `<ServerSideEncryptionRule><ApplyServerSideEncryptionByDefault>${rule}</ApplyServerSideEncryptionByDefault></ServerSideEncryptionRule>`;
  await expectOk(call('PUT', 'encryption', body));
  const info = (await call('GET', 'bucketInfo')).body;
  expect(info).toContain('<SSEAlgorithm>KMS</SSEAlgorithm>');
  expect(info).not.toContain('KMSMasterKeyID');
  await expectOk(call('DELETE', 'encryption'));
});

describe('server-side encryption with an algorithm of data', () => {
  const SSE = 'x-oss-server-side-encryption';
  const DATA = 'x-oss-server-side-data-encryption';
  const SM4 = { [DATA]: 'SM4' };

  test.each([
    ['AES256', { [SSE]: 'AES256', ...SM4 }, 'AES256', undefined],
    ['SM4', { [SSE]: 'SM4', ...SM4 }, 'SM4', undefined],
    ['KMS', { [SSE]: 'KMS', ...SM4 }, 'KMS', 'SM4'],
    ['nothing', SM4, undefined, undefined],
  ])('of an object with %s', async (_name, headers, algorithm, data) => {
    const reply = await expectOk(rawCall(server, 'PUT /conf/data', { headers }));
    expect([reply.headers[SSE], reply.headers[DATA]]).toEqual([algorithm, data]);
  });

  test.each(['AES256', 'SM4'])('of a bucket with %s is not kept', async (algorithm) => {
    const rule = `<SSEAlgorithm>${algorithm}</SSEAlgorithm><KMSDataEncryption>SM4</KMSDataEncryption>`;
    const body = `<ServerSideEncryptionRule><ApplyServerSideEncryptionByDefault>${rule}</ApplyServerSideEncryptionByDefault></ServerSideEncryptionRule>`;
    await expectOk(call('PUT', 'encryption', body));
    for (const resource of ['encryption', 'bucketInfo']) {
      const got = (await call('GET', resource)).body;
      expect(got).toContain(`<SSEAlgorithm>${algorithm}</SSEAlgorithm>`);
      expect(got).not.toContain('KMSDataEncryption');
    }
    await expectOk(call('DELETE', 'encryption'));
  });

  test('belongs to the beginning of an upload', async () => {
    const headers = { [SSE]: 'KMS', ...SM4 };
    const begun = await expectOk(rawCall(server, 'POST /conf/parts', { query: { uploads: '' }, headers }));
    const uploadId = /<UploadId>(\w+)/.exec(begun.body)?.[1] ?? '';
    const part = { query: { uploadId, partNumber: '1' }, body: 'x' };
    const refused = { status: 400, code: 'InvalidArgument' };
    expect(await rawCall(server, 'PUT /conf/parts', { ...part, headers })).toMatchObject(refused);
    await expectOk(rawCall(server, 'PUT /conf/parts', part));
    const end = { query: { uploadId } };
    const all = { 'x-oss-complete-all': 'yes' };
    expect(
      await rawCall(server, 'POST /conf/parts', { ...end, headers: { ...headers, ...all } }),
    ).toMatchObject(refused);
    const done = await expectOk(rawCall(server, 'POST /conf/parts', { ...end, headers: all }));
    expect(done.headers).toMatchObject(headers);
  });
});

describe('bandwidth and requests of a bucket', () => {
  const put = (...elements: string[]) =>
    call('PUT', 'qosInfo', `<QoSConfiguration>${elements.join('')}</QoSConfiguration>`);
  const get = async () => (await call('GET', 'qosInfo')).body;

  test('are -1 where nothing is said', async () => {
    expect(await get()).toContain('NoSuchConfiguration');
    await expectOk(put());
    expect((await get()).match(/>-1</g)).toHaveLength(9);
    await expectOk(put('<TotalQps>7</TotalQps>', '<IntranetQps>-1</IntranetQps>'));
    expect(await get()).toContain('<TotalQps>7</TotalQps>');
    expect((await call('DELETE', 'qosInfo')).status).toBe(204);
    expect(await get()).toContain('NoSuchConfiguration');
  });

  test('are no more than the account has, and parts no more than their total', async () => {
    const { body } = await expectOk(rawCall(server, 'GET /', { query: { qosInfo: '' } }));
    expect(body).toContain('<Region>cn-hangzhou</Region>');
    const most = Number(/<TotalQps>(\d+)</.exec(body)?.[1]);
    expect((await put(`<TotalQps>${most}</TotalQps>`, `<ExtranetQps>${most}</ExtranetQps>`)).status).toBe(
      200,
    );
    for (const elements of [
      [`<TotalQps>${most + 1}</TotalQps>`],
      [`<ExtranetQps>${most + 1}</ExtranetQps>`],
      ['<TotalQps>5</TotalQps>', '<IntranetQps>6</IntranetQps>'],
    ]) {
      expect(await put(...elements)).toMatchObject({ status: 400, code: 'InvalidArgument' });
    }
    for (const text of ['-2', 'x', ''])
      expect((await put(`<TotalQps>${text}</TotalQps>`)).code).toBe('MalformedXML');
  });
});

test('a task of redundancy transition waits in its queue', async () => {
  const task = (id: string) => ({ redundancyTransition: '', 'x-oss-redundancy-transition-taskid': id });
  const create = (target: string) =>
    rawCall(server, 'POST /conf/', {
      query: { redundancyTransition: '', 'x-oss-target-redundancy-type': target },
    });
  const list = (query = {}) => rawCall(server, 'GET /', { query: { redundancyTransition: '', ...query } });
  expect((await create('LRS')).code).toBe('InvalidArgument');
  const id = /<TaskId>(\w+)</.exec((await expectOk(create('ZRS'))).body)?.[1] ?? '';
  expect(id).toMatch(/^[0-9a-f]{32}$/);
  expect((await expectOk(create('ZRS'))).body).toContain(id);
  const replies = [
    await rawCall(server, 'GET /conf/', { query: task(id) }),
    await rawCall(server, 'GET /conf/', { query: { redundancyTransition: '' } }),
    await list(),
  ];
  for (const { body } of replies) {
    for (const part of ['<Bucket>conf<', `<TaskId>${id}<`, '<Status>Queueing<', '<CreateTime>2']) {
      expect(body).toContain(part);
    }
  }
  expect((await list({ 'max-keys': '1', 'continuation-token': id })).body).not.toContain('TaskId');
  expect((await rawCall(server, 'GET /conf/', { query: task('x') })).status).toBe(404);
  expect((await rawCall(server, 'DELETE /conf/', { query: task(id) })).status).toBe(204);
  expect((await list()).body).not.toContain('TaskId');
  expect((await rawCall(server, 'DELETE /conf/', { query: task(id) })).code).toBe('NoSuchConfiguration');
});
