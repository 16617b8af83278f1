import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createOssStorage, type OssStorage } from '../../../../shared/storage/oss/index.ts';
import { endpointOf } from '../../../../shared/storage/oss/options.ts';
import { etag, versionId, wormId } from '../../../../shared/storage/port.ts';
import { capturedRequest } from '../../../support/captured-requests.ts';
import { type ScriptedServer, type SeenRequest, scriptedServer } from '../../../support/scripted-server.ts';
import { ways } from '../../../support/ways.ts';

const credentials = { accessKeyId: 'LTAItestkeyid', accessKeySecret: 'testsecret' };
const bucket = 'examplebucket';
const at = { bucket, key: 'dir/a b.txt' };
const version = versionId('CAEQNhiBgMDJgZCA0BYiIDc4MGZjZTdj');
const worm = wormId('1666E2CFB2B3418A9D1A');
const until = new Date('2027-10-11T00:00:00Z');

describe.each(ways)('over %s', (_way, connections) => {
  let server: ScriptedServer;
  let storage: OssStorage;

  beforeAll(async () => {
    server = await scriptedServer();
    storage = createOssStorage({
      region: 'cn-hangzhou',
      endpoint: server.endpoint,
      credentials,
      connections: connections(),
    });
  });
  afterAll(async () => {
    storage.close();
    await server.close();
  });
  beforeEach(() => server.script({ status: 418 }));

  /** Sends, whatever the reply, and gives the one request that arrived. */
  async function sent(call: Promise<unknown>): Promise<SeenRequest> {
    await call.catch(() => undefined);
    expect(server.requests).toHaveLength(1);
    const [request] = server.requests;
    if (request === undefined) throw new Error('no request');
    return request;
  }

  /** The adapter asks for whole pages and for encoded keys; the captured lists did not. */
  const paging = ['encoding-type=url', 'max-keys=1000'];

  /** What has to be equal: all that is signed, and the address. The time, and the signature made of it, differ. */
  function essence({ method, target, headers, body }: SeenRequest) {
    const [path, query = ''] = target.split('?');
    const xml = body.replace(/^<\?xml.*\?>\n/, ''); // ali-oss sends the prolog in some of its calls
    const signed = Object.keys(headers).filter((name) => name.startsWith('x-oss-') || name === 'content-md5');
    return {
      method,
      path,
      query: query
        .split('&')
        .filter((parameter) => !['', ...paging].includes(parameter))
        .map((parameter) => parameter.replace(/=$/, '')) // `?worm=` and `?worm` are the same to OSS
        .sort(),
      host: headers['host']?.replace(/^\./, ''), // where there is no bucket, ali-oss sends the dot after it
      type: body === '' ? undefined : headers['content-type'], // ali-oss adds one by the key's ending
      signed: signed.sort(),
      scope: headers['authorization']?.replace(/\/\d{8}\//, '/DAY/').replace(/Signature=.*/, ''),
      xml,
    };
  }

  describe('the adapter sends what ali-oss sends on the wire', () => {
    test.each<[string, () => Promise<unknown>]>([
      ['head_object', () => storage.headObject(at)],
      ['head_object_version', () => storage.headObject({ ...at, versionId: version })],
      ['get_object', () => storage.readText(at)],
      ['get_object_tagging', () => storage.getTags(at)],
      ['get_object_retention_raw', () => storage.getRetention(at)],
      [
        'put_object_retention_raw',
        () => storage.putRetention({ ...at, versionId: version }, { mode: 'COMPLIANCE', until }),
      ],
      ['list_buckets', () => storage.listBuckets().first()],
      ['list_object_versions', () => storage.listVersions(bucket, 'dir/').first()],
      ['get_bucket_versioning', () => storage.getVersioning(bucket)],
      ['get_bucket_object_worm_configuration_raw', () => storage.getObjectWorm(bucket)],
      [
        'put_bucket_object_worm_configuration_raw',
        () => storage.putObjectWorm(bucket, { defaultRetention: { mode: 'COMPLIANCE', days: 1 } }),
      ],
      ['get_bucket_worm', () => storage.policies.getPolicy(bucket)],
      ['initiate_bucket_worm', () => storage.policies.initiatePolicy(bucket, 1)],
      ['complete_bucket_worm', () => storage.policies.lockPolicy(bucket, worm)],
      ['extend_bucket_worm', () => storage.policies.extendPolicy(bucket, worm, 2)],
      ['abort_bucket_worm', () => storage.policies.abortPolicy(bucket)],
    ])('%s', async (name, call) => {
      expect(essence(await sent(call()))).toEqual(essence(capturedRequest(`alioss-v4-${name}`)));
    });

    test('a body comes with its digest and in ASCII', async () => {
      const { body, headers } = await sent(storage.policies.extendPolicy(bucket, worm, 400));
      expect(headers['content-md5']).toBe(createHash('md5').update(body).digest('base64'));
      expect(headers['content-length']).toBe(String(body.length));
      expect(body).toContain('<RetentionPeriodInDays>400</RetentionPeriodInDays>');
    });

    test('a default retention in years, and none', async () => {
      const years = await sent(
        storage.putObjectWorm(bucket, { defaultRetention: { mode: 'COMPLIANCE', years: 7 } }),
      );
      expect(years.body).toContain(
        '<DefaultRetention><Mode>COMPLIANCE</Mode><Years>7</Years></DefaultRetention>',
      );
      server.script({ status: 200 });
      const none = await sent(storage.putObjectWorm(bucket, {}));
      expect(none.body).toBe(
        '<ObjectWormConfiguration><ObjectWormEnabled>Enabled</ObjectWormEnabled></ObjectWormConfiguration>',
      );
    });

    test('any key is escaped once', async () => {
      const { target } = await sent(storage.headObject({ bucket, key: "账本/a+b %25 (1)'?#&=.txt" }));
      const [path = ''] = target.split('?');
      expect(decodeURIComponent(path)).toBe("/账本/a+b %25 (1)'?#&=.txt");
      expect(target).not.toContain('+');
    });

    test('an ETag known already is sent as a condition', async () => {
      const { headers } = await sent(storage.readText(at, etag('"5d41402abc4b2a76b9719d911017c592"')));
      expect(headers['if-none-match']).toBe('"5D41402ABC4B2A76B9719D911017C592"');
    });

    test('a whole bucket is listed without a prefix', async () => {
      const { target } = await sent(storage.listVersions(bucket, '').first());
      expect(target).not.toContain('prefix');
    });
  });

  describe('addresses', () => {
    const on = (endpoint: string) => createOssStorage({ region: 'cn-hangzhou', endpoint, credentials });

    test('localhost is addressed by path', async () => {
      const request = await sent(on(`http://localhost:${server.port}`).headObject(at));
      expect(request.target).toBe('/examplebucket/dir/a%20b.txt');
      expect(request.headers.host).toBe(`localhost:${server.port}`);
    });

    test.each([
      ['cn-hangzhou', undefined, false, 'https://oss-cn-hangzhou.aliyuncs.com'],
      ['cn-hangzhou', undefined, true, 'https://oss-cn-hangzhou-internal.aliyuncs.com'],
      [
        'us-west-1',
        'oss-us-west-1-internal.aliyuncs.com',
        false,
        'https://oss-us-west-1-internal.aliyuncs.com',
      ],
      ['cn-hangzhou', 'http://127.0.0.1:9000/', false, 'http://127.0.0.1:9000'],
    ])('%s with endpoint %s, internal %s', (region, endpoint, internal, expected) => {
      expect(endpointOf({ region, endpoint, internal, credentials }).origin).toBe(expected);
    });

    test.each([
      ['an empty text', ''],
      ['another protocol', 'ftp://oss-cn-hangzhou.aliyuncs.com'],
      ['a path', 'https://oss-cn-hangzhou.aliyuncs.com/bucket'],
      ['a user', 'https://me:secret@oss-cn-hangzhou.aliyuncs.com'],
      ['a space', 'https://oss cn'],
      ['an IPv6 address, which no bucket name can precede', 'http://[::1]:9000'],
    ])('refuses %s as endpoint before any request', (_what, endpoint) => {
      expect(() => on(endpoint)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
    });

    test.each(['', 'oss_cn', 'CN-HANGZHOU', 'cn-hangzhou.evil.example'])('refuses %j as region', (region) => {
      expect(() => createOssStorage({ region, credentials })).toThrow(
        expect.objectContaining({ code: 'CONFIG_INVALID' }),
      );
    });

    test.each([
      ['a bucket that is no host name', { bucket: 'evil.example/', key: 'a' }],
      ['a short bucket name', { bucket: 'ab', key: 'a' }],
      ['a key with half a character', { bucket, key: 'a\ud83d' }],
      ['an empty key', { bucket, key: '' }],
    ])('refuses %s and sends nothing', async (_what, object) => {
      await expect(storage.headObject(object)).rejects.toMatchObject({ code: 'REQUEST_REFUSED' });
      expect(server.requests).toHaveLength(0);
    });
  });

  describe('credentials', () => {
    test('that rotate are asked for before every request', async () => {
      const ids = ['first', 'second'];
      const rotating = createOssStorage({
        region: 'cn-hangzhou',
        endpoint: server.endpoint,
        credentials: () => ({ accessKeyId: ids.shift() ?? 'none', accessKeySecret: 's', securityToken: 't' }),
      });
      await rotating.policies.getPolicy(bucket).catch(() => undefined);
      await rotating.policies.getPolicy(bucket).catch(() => undefined);
      rotating.close();
      expect(
        server.requests.map(({ headers }) => headers.authorization?.match(/Credential=(\w+)/)?.[1]),
      ).toEqual(['first', 'second']);
      expect(server.requests[0]?.headers['x-oss-security-token']).toBe('t');
    });

    test('that cannot be sent are a configuration error', async () => {
      const broken = { accessKeyId: 'id', accessKeySecret: 'two\nlines' };
      const options = { region: 'cn-hangzhou', endpoint: server.endpoint };
      const invalid = expect.objectContaining({
        code: 'CONFIG_INVALID',
        message: expect.not.stringContaining('lines'),
      });
      expect(() => createOssStorage({ ...options, credentials: broken })).toThrow(invalid);
      await expect(
        createOssStorage({ ...options, credentials: () => broken }).policies.getPolicy(bucket),
      ).rejects.toEqual(invalid);
    });
  });

  test('a storage that was closed can be used again', async () => {
    await sent(storage.policies.getPolicy(bucket));
    storage.close();
    server.script({ status: 418 });
    await sent(storage.policies.getPolicy(bucket));
  });
});
