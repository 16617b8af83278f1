import { Agent, request } from 'node:http';
import aws4 from 'aws4';
import ObsClient from 'esdk-obs-nodejs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../../shared/platform/clock.ts';
import { day } from '../../../shared/platform/instant.ts';
import { type ObsServer, startObs } from '../../support/obs-server.ts';

const credentials = { access_key_id: 'holdfast', secret_access_key: 'holdfast-secret' };
let server: ObsServer;
beforeEach(async () => {
  // The clients date their requests by the machine's clock.
  server = await startObs(undefined, { wallNow: systemClock.now });
});
afterEach(() => server.close());

const inDays = (days: number): number => Math.floor(server.now().getTime() / 1000) * 1000 + days * day;

describe.each(['virtual host, signature OBS', 'path, signature AWS V2'])('esdk-obs-nodejs, %s', (style) => {
  let client: ObsClient;
  beforeEach(() => {
    const isPath = style.startsWith('path');
    const agent = new Agent({
      lookup: (_, options, done) =>
        options.all === true ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4),
    });
    client = new ObsClient({
      ...credentials,
      server: isPath ? `http://127.0.0.1:${server.port}` : `http://obs.test:${server.port}`,
      signature: 'obs',
      max_retry_count: 0,
      http_agent: agent,
    });
  });
  afterEach(() => client.close());

  test('goes from the bucket to the deletion when the date has passed', async () => {
    await new Promise(setImmediate); // its constructor ends in a later turn
    const at = { Bucket: 'records', Key: 'dir/a b.txt' };
    const codes: string[] = [];
    const call = async (doing: ReturnType<ObsClient['createBucket']>) => {
      const { CommonMsg, InterfaceResult } = await doing;
      codes.push(`${CommonMsg.Status} ${CommonMsg.Code}`.trim());
      return InterfaceResult ?? {};
    };
    await call(client.createBucket({ Bucket: 'records' }));
    await call(client.setObjectRetention({ ...at, Mode: 'COMPLIANCE', RetainUntilDate: inDays(1) }));
    await call(client.setBucketVersioningConfiguration({ Bucket: 'records', VersionStatus: 'Enabled' }));
    await call(client.setObjectLockConfiguration({ Bucket: 'records', ObjectLockEnabled: 'Enabled' }));
    expect(codes.splice(0)).toEqual(['200', '400 InvalidRequest', '200', '200']);

    const put = await call(client.putObject({ ...at, Body: 'hello' }));
    const VersionId = String(put['VersionId']);
    expect(VersionId).toMatch(/^G[0-9A-F]{31}$/);
    const version = { ...at, VersionId };
    await call(client.setObjectRetention({ ...version, Mode: 'COMPLIANCE', RetainUntilDate: inDays(10) }));
    await call(client.setObjectRetention({ ...version, Mode: 'COMPLIANCE', RetainUntilDate: inDays(9) }));
    await call(client.setObjectRetention({ ...version, Mode: 'COMPLIANCE', RetainUntilDate: inDays(10) }));
    await call(client.setObjectRetention({ ...version, Mode: 'GOVERNANCE', RetainUntilDate: inDays(11) }));
    await call(client.setObjectRetention({ ...version, Mode: 'COMPLIANCE', RetainUntilDate: inDays(11) }));
    expect(codes.splice(0)).toEqual([
      '200',
      '200',
      '400 InvalidRequest',
      '400 InvalidRequest',
      '400 MalformedObjectLockError',
      '200',
    ]);
    if (style.startsWith('virtual')) {
      const head = await call(client.getObjectMetadata(version));
      expect(head).toMatchObject({ ObjectLockMode: 'COMPLIANCE', VersionId });
      expect(Date.parse(String(head['ObjectLockRetainUntilDate']))).toBe(inDays(11));
      codes.pop();
    }

    await call(client.setObjectTagging({ ...version, Tags: [{ Key: 'class', Value: 'finance' }] }));
    expect(await call(client.getObjectTagging(version))).toMatchObject({
      Tags: [{ Key: 'class', Value: 'finance' }],
    });
    await call(client.deleteObject(at));
    const listed = await call(client.listVersions({ Bucket: 'records' }));
    expect(listed['Versions']).toMatchObject([{ Key: at.Key, VersionId, IsLatest: 'false', Size: '5' }]);
    expect(listed['DeleteMarkers']).toMatchObject([{ Key: at.Key, IsLatest: 'true' }]);
    expect(codes.splice(0)).toEqual(['200', '200', '204', '200']);

    await call(client.deleteObject(version));
    server.advance(11 * day);
    await call(client.deleteObject(version));
    expect(codes).toEqual(['403 AccessDenied', '204']);
  });

  test('uploads in parts and copies; a default rule protects both', async () => {
    await new Promise(setImmediate);
    const at = { Bucket: 'parts', Key: 'big' };
    await client.createBucket({ Bucket: 'parts' });
    await client.setBucketVersioningConfiguration({ Bucket: 'parts', VersionStatus: 'Enabled' });
    await client.setObjectLockConfiguration({
      Bucket: 'parts',
      ObjectLockEnabled: 'Enabled',
      Rule: { DefaultRetention: { Mode: 'COMPLIANCE', Years: 1 } },
    });
    const upload = await client.initiateMultipartUpload(at);
    const UploadId = upload.InterfaceResult?.['UploadId'];
    const part = await client.uploadPart({ ...at, UploadId, PartNumber: 1, Body: 'part' });
    const Parts = [{ PartNumber: 1, ETag: part.InterfaceResult?.['ETag'] }];
    const done = await client.completeMultipartUpload({ ...at, UploadId, Parts });
    expect(done.InterfaceResult?.['ETag']).toMatch(/^"[0-9a-f]{32}-1"$/i);
    const copied = await client.copyObject({ Bucket: 'parts', Key: 'copy', CopySource: 'parts/big' });
    expect(copied.CommonMsg.Status).toBe(200);
    for (const key of ['big', 'copy']) {
      const [version] = server.store.versions('parts', key);
      if (version?.kind !== 'object') throw new Error(`there is no ${key}`);
      expect(version.retention?.retainUntil.getTime()).toBe(version.lastModified.getTime() + 365 * day);
    }
  });

  test('a wrong secret is refused', async () => {
    server.keys.set('holdfast', { secret: 'another', principal: 'user holdfast' });
    await new Promise(setImmediate);
    const { CommonMsg } = await client.createBucket({ Bucket: 'records' });
    expect(CommonMsg).toMatchObject({ Status: 403, Code: 'SignatureDoesNotMatch' });
  });
});

describe('a client of S3 with signature V4', () => {
  interface S3Reply {
    readonly status: number;
    readonly code: string;
    readonly headers: Readonly<Record<string, unknown>>;
    readonly text: string;
  }

  /** Signs as `aws4` does, in the header or in the query, and sends. */
  function send(
    method: string,
    path: string,
    {
      body,
      headers = {},
      signQuery = false,
    }: { body?: string; headers?: Record<string, string>; signQuery?: boolean } = {},
  ): Promise<S3Reply> {
    const host = `127.0.0.1:${server.port}`;
    const signed = aws4.sign(
      {
        host,
        method,
        path,
        headers,
        service: 's3',
        region: 'cn-north-4',
        signQuery,
        ...(body === undefined ? {} : { body }),
      },
      { accessKeyId: 'holdfast', secretAccessKey: 'holdfast-secret' },
    );
    return new Promise((resolve, reject) => {
      const sent = request(
        {
          host: '127.0.0.1',
          port: server.port,
          method,
          path: signed.path,
          headers: signed.headers,
          agent: false,
        },
        (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (chunk: string) => {
            text += chunk;
          });
          response.on('end', () => {
            const code = /<Code>(\w+)/.exec(text)?.[1] ?? String(response.headers['x-amz-error-code'] ?? '');
            resolve({ status: response.statusCode ?? 0, code, headers: response.headers, text });
          });
        },
      );
      sent.on('error', reject).end(body);
    });
  }

  test('goes from the bucket to the deletion when the date has passed', async () => {
    const lock = { 'x-amz-bucket-object-lock-enabled': 'true' };
    expect(await send('PUT', '/records', { headers: lock })).toMatchObject({ status: 200 });
    const put = await send('PUT', '/records/a%20b', { body: 'hello' });
    const id = String(put.headers['x-amz-version-id']);
    const until = new Date(inDays(10)).toISOString();
    const retention = (date: string) =>
      `<Retention xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Mode>COMPLIANCE</Mode><RetainUntilDate>${date}</RetainUntilDate></Retention>`;
    const version = `/records/a%20b?versionId=${id}`;
    const retained = await send('PUT', `/records/a%20b?retention=&versionId=${id}`, {
      body: retention(until),
    });
    expect(retained).toMatchObject({ status: 200, code: '' });
    expect(await send('HEAD', version)).toMatchObject({
      status: 200,
      headers: { 'x-amz-object-lock-mode': 'COMPLIANCE', 'x-amz-object-lock-retain-until-date': until },
    });
    const tags = '<Tagging><TagSet><Tag><Key>class</Key><Value>finance</Value></Tag></TagSet></Tagging>';
    expect(await send('PUT', `/records/a%20b?tagging=&versionId=${id}`, { body: tags })).toMatchObject({
      status: 200,
    });
    expect((await send('GET', '/records/a%20b?tagging=')).text).toContain('<Value>finance</Value>');
    const listed = await send('GET', '/records?versions=&max-keys=10&key-marker=');
    expect(listed.text).toContain(`<VersionId>${id}</VersionId>`);
    expect(await send('DELETE', version)).toMatchObject({ status: 403, code: 'AccessDenied' });
    expect(await send('HEAD', '/records/none')).toMatchObject({ status: 404, code: 'NoSuchKey' });
    expect((await send('GET', version, { signQuery: true })).text).toBe('hello');
    server.advance(11 * day);
    expect(await send('DELETE', version)).toMatchObject({ status: 204 });
  });

  test('a credential for another region, and a request that was changed after it was signed, are refused', async () => {
    const host = `127.0.0.1:${server.port}`;
    const secrets = { accessKeyId: 'holdfast', secretAccessKey: 'holdfast-secret' };
    const signedFor = (region: string) =>
      aws4.sign(
        { host, method: 'GET', path: '/records?versions=', headers: {}, service: 's3', region },
        secrets,
      ).headers;
    const statusOf = async (target: string, headers: Readonly<Record<string, string>>) =>
      (await fetch(`http://${host}${target}`, { headers })).status;
    expect(await statusOf('/records?versions=', signedFor('cn-north-1'))).toBe(400);
    const headers = signedFor('cn-north-4');
    expect(await statusOf('/records?versions=', headers)).toBe(404);
    expect(await statusOf('/records?versions=&prefix=a', headers)).toBe(403);
    expect(await statusOf('/others?versions=', headers)).toBe(403);
    expect(await statusOf('/records?versions=', { ...headers, 'x-amz-meta-a': '1' })).toBe(403);
  });
});
