import { buffer } from 'node:stream/consumers';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { ErrorCode } from '../../../../shared/platform/errors.ts';
import { createOssStorage, type OssStorage } from '../../../../shared/storage/oss/index.ts';
import { operations } from '../../../../shared/storage/oss/operations.ts';
import { versionId, wormId } from '../../../../shared/storage/port.ts';
import { refusal, type ScriptedReply, scriptedServer } from '../../../support/scripted-server.ts';
import { scriptedStorage } from '../../../support/scripted-storage.ts';

const bucket = 'examplebucket';
const at = { bucket, key: '账本/a.txt', versionId: versionId('V1') };
const worm = wormId('W1');
const retention = { mode: 'COMPLIANCE', until: new Date('2030-01-01T00:00:00Z') } as const;

/** A call that OSS has. */
type CallName = keyof typeof operations;

/** Every call of the port; the compiler asks for a new one here. */
const calls: { readonly [Name in CallName]: (storage: OssStorage) => Promise<unknown> } = {
  headObject: (storage) => storage.headObject(at),
  getTags: (storage) => storage.getTags(at),
  getRetention: (storage) => storage.getRetention(at),
  putRetention: (storage) => storage.putRetention(at, retention),
  readObject: async (storage) => await buffer(await storage.readObject(at)),
  readText: (storage) => storage.readText(at),
  writeText: (storage) => storage.writeText(at, 'text'),
  listVersions: (storage) => storage.listVersions(bucket, 'a').first(),
  listBuckets: (storage) => storage.listBuckets().first(),
  getVersioning: (storage) => storage.getVersioning(bucket),
  getObjectWorm: (storage) => storage.getObjectWorm(bucket),
  putObjectWorm: (storage) => storage.putObjectWorm(bucket, {}),
  getPolicy: (storage) => storage.policies.getPolicy(bucket),
  initiatePolicy: (storage) => storage.policies.initiatePolicy(bucket, 1),
  lockPolicy: (storage) => storage.policies.lockPolicy(bucket, worm),
  extendPolicy: (storage) => storage.policies.extendPolicy(bucket, worm, 2),
  abortPolicy: (storage) => storage.policies.abortPolicy(bucket),
  getHold: (storage) => storage.holds.getHold(at),
  putHold: (storage) => storage.holds.putHold(at, 'ON'),
};
const names = Object.keys(calls) as CallName[]; // the keys of a literal of that type

const scripted = scriptedStorage();

function open(endpoint: string, timeoutMs = 10_000): OssStorage {
  const credentials = { accessKeyId: 'id', accessKeySecret: 'secret' };
  return createOssStorage({ region: 'cn-hangzhou', endpoint, credentials, timeoutMs });
}

function failing(name: CallName, reply: ScriptedReply) {
  return scripted.on(reply, calls[name]).then(
    (value) => expect.unreachable(`${name} resolved with ${inspect(value)}`),
    (error: unknown) => error,
  );
}

describe('every call of the port', () => {
  test.each(names)('%s rejects on a refusal with the code, and names what to grant', async (name) => {
    const error = await failing(name, refusal(403, 'AccessDenied'));
    expect(error).toMatchObject({
      code: 'ACCESS_DENIED',
      transient: false,
      message: expect.stringContaining(operations[name].name),
      remedy: expect.stringContaining(operations[name].action),
      reply: { status: 403, code: 'AccessDenied', requestId: '655F0A1B2C3D4E5F60718293' },
    });
  });

  test('reading a version that is not allowed names the permission for versions too', async () => {
    const denied = refusal(403, 'AccessDenied');
    const grant = (actions: string) => ({ remedy: expect.stringContaining(`grant ${actions} to`) });
    expect(await failing('readText', denied)).toMatchObject(grant('oss:GetObject and oss:GetObjectVersion'));
    const { bucket: place, key } = at;
    const whole = (storage: OssStorage) => storage.readText({ bucket: place, key });
    const error = await scripted.on(denied, whole).catch((reason: unknown) => reason);
    expect(error).toMatchObject(grant('oss:GetObject'));
  });

  test.each(names)('%s rejects on any status that is not its success', async (name) => {
    for (const status of [201, 202, 301, 307, 400, 401, 409, 418, 500, 599]) {
      expect(await failing(name, { status, body: '<html>a proxy</html>' })).toMatchObject({
        reply: { status },
      });
    }
  });

  test.each(names)(
    '%s rejects transiently when it is throttled, the service fails or the line breaks',
    async (name) => {
      for (const [reply, code] of [
        [refusal(503, 'TotalQpsLimitExceeded'), 'THROTTLED'],
        [refusal(500, 'InternalError'), 'SERVICE_FAILED'],
        ['reset', 'UNREACHABLE'],
        [{ status: 200, body: '<Half', cut: true }, 'UNREACHABLE'],
        [{ status: 503, body: '<Half', cut: true }, 'UNREACHABLE'],
      ] as const) {
        // A reply to HEAD has no body that could be cut.
        if (name === 'headObject' && typeof reply === 'object' && 'cut' in reply) continue;
        expect(await failing(name, reply)).toMatchObject({ code, transient: true });
      }
    },
  );

  test.each(names)('%s keeps secrets and signatures out of its errors', async (name) => {
    for (const reply of [
      refusal(403, 'SignatureDoesNotMatch'),
      refusal(400, 'MalformedXML'),
      'reset',
    ] as const) {
      const error = await failing(name, reply);
      const all = `${inspect(error, { depth: 20, showHidden: true })}${JSON.stringify(error)}`;
      expect(all).not.toMatch(/top-secret|token-secret|authorization|OSS4-HMAC|Signature=/i);
    }
  });
});

describe('what a reply means', () => {
  test.each<[CallName, number, string, ErrorCode]>([
    ['putRetention', 403, 'AccessDenied', 'ACCESS_DENIED'],
    ['putRetention', 403, 'SomethingNew', 'REQUEST_REFUSED'],
    ['headObject', 403, 'SomethingNew', 'REQUEST_REFUSED'],
    ['listVersions', 403, 'UbsmsInvalidBid', 'REQUEST_REFUSED'],
    ['putRetention', 403, 'UserDisable', 'ACCOUNT_BLOCKED'],
    ['headObject', 403, 'UserDisable', 'ACCOUNT_BLOCKED'],
    ['getPolicy', 403, 'InDebt', 'ACCOUNT_BLOCKED'],
    ['listBuckets', 403, 'InDebtOverdue', 'ACCOUNT_BLOCKED'],
    ['listBuckets', 403, 'Arrearage', 'ACCOUNT_BLOCKED'],
    ['getTags', 403, 'BucketDisable', 'ACCOUNT_BLOCKED'],
    ['getTags', 403, 'AbnormalBucketOwnerStatus', 'ACCOUNT_BLOCKED'],
    ['getTags', 403, 'BucketNotBelongTo', 'ACCESS_DENIED'],
    ['getTags', 403, 'AccessKeyIdAndSecurityTokenNotMatch', 'CREDENTIALS_INVALID'],
    ['getTags', 408, 'RequestTimedOut', 'SERVICE_FAILED'],
    ['headObject', 403, 'InvalidAccessKeyId', 'CREDENTIALS_INVALID'],
    ['getTags', 403, 'InvalidAccessKeyId', 'CREDENTIALS_INVALID'],
    ['getTags', 403, 'SignatureDoesNotMatch', 'CREDENTIALS_INVALID'],
    ['getTags', 403, 'SecurityTokenExpired', 'CREDENTIALS_INVALID'],
    ['getTags', 403, 'InvalidSecurityToken', 'CREDENTIALS_INVALID'],
    ['getTags', 403, 'RequestTimeTooSkewed', 'CLOCK_SKEWED'],
    ['headObject', 404, 'NoSuchBucket', 'NO_SUCH_BUCKET'],
    ['getTags', 404, 'NoSuchBucket', 'NO_SUCH_BUCKET'],
    ['getRetention', 404, 'NoSuchBucket', 'NO_SUCH_BUCKET'],
    ['getPolicy', 404, 'NoSuchBucket', 'NO_SUCH_BUCKET'],
    ['getObjectWorm', 404, 'NoSuchBucket', 'NO_SUCH_BUCKET'],
    ['readText', 404, 'NoSuchKey', 'NO_SUCH_OBJECT'],
    ['getRetention', 404, 'NoSuchKey', 'NO_SUCH_OBJECT'],
    ['putRetention', 404, 'NoSuchVersion', 'NO_SUCH_OBJECT'],
    ['putRetention', 405, 'MethodNotAllowed', 'IS_DELETE_MARKER'],
    ['getRetention', 405, 'MethodNotAllowed', 'IS_DELETE_MARKER'],
    ['abortPolicy', 405, 'MethodNotAllowed', 'REQUEST_REFUSED'],
    ['putRetention', 400, 'InvalidRequest', 'OBJECT_WORM_OFF'],
    ['getRetention', 400, 'InvalidRequest', 'OBJECT_WORM_OFF'],
    ['initiatePolicy', 400, 'InvalidRequest', 'REQUEST_REFUSED'],
    ['putRetention', 400, 'InvalidArgument', 'REQUEST_REFUSED'],
    ['putRetention', 409, 'FileImmutable', 'IMMUTABLE'],
    ['lockPolicy', 404, 'NoSuchWORMConfiguration', 'NO_POLICY'],
    ['extendPolicy', 404, 'WormConfigurationNotFoundError', 'NO_POLICY'],
    ['abortPolicy', 403, 'WORMConfigurationLocked', 'POLICY_LOCKED'],
    ['extendPolicy', 400, 'InvalidWORMConfiguration', 'POLICY_REFUSED'],
    ['listBuckets', 503, 'TotalQpsLimitExceeded', 'THROTTLED'],
    ['getTags', 503, 'PartitionQpsLimitted', 'THROTTLED'],
    ['getPolicy', 503, 'MetaOperationQpsLimitExceeded', 'THROTTLED'],
    ['getPolicy', 429, 'TooManyRequests', 'THROTTLED'],
    ['getPolicy', 503, 'ServiceUnavailable', 'THROTTLED'],
    ['getPolicy', 500, 'InternalError', 'SERVICE_FAILED'],
    ['getPolicy', 502, 'BadGateway', 'SERVICE_FAILED'],
    ['getPolicy', 504, 'GatewayTimeout', 'SERVICE_FAILED'],
    ['putRetention', 400, 'RequestTimeout', 'SERVICE_FAILED'],
    ['getTags', 400, 'constructor', 'REQUEST_REFUSED'],
  ])('%s: %i %s becomes %s', async (name, status, code, expected) => {
    const header = { 'x-oss-err': Buffer.from(xmlOf(code)).toString('base64') };
    const reply = refusal(status, code, name === 'headObject' ? header : {});
    expect(await failing(name, reply)).toMatchObject({ code: expected, reply: { status, code } });
  });

  test('a missing key under a delete marker is a delete marker', async () => {
    const error = await failing('putRetention', refusal(404, 'NoSuchKey', { 'x-oss-delete-marker': 'true' }));
    expect(error).toMatchObject({ code: 'IS_DELETE_MARKER' });
  });

  test('a bucket of another region is not a missing permission, and the error says where it is', async () => {
    const body =
      '<Error><Code>AccessDenied</Code><Message>Wrong endpoint.</Message><Endpoint>oss-cn-beijing.aliyuncs.com</Endpoint></Error>';
    const error = await failing('getPolicy', { status: 403, body });
    expect(error).toMatchObject({
      code: 'REQUEST_REFUSED',
      message: expect.stringContaining('oss-cn-beijing'),
    });
  });

  test('the error names the target with its version', async () => {
    const error = await failing('putRetention', refusal(403, 'AccessDenied'));
    expect(error).toMatchObject({
      message: expect.stringContaining('oss://examplebucket/账本/a.txt?versionId=V1'),
    });
  });
});

describe('no answer', () => {
  test('a server that is down', async () => {
    const down = await scriptedServer();
    await down.close();
    await expect(open(down.endpoint).policies.getPolicy(bucket)).rejects.toMatchObject({
      code: 'UNREACHABLE',
      transient: true,
      message: expect.stringMatching(/ECONNREFUSED/),
    });
  });

  test('a host without an address', async () => {
    await expect(open('http://oss.invalid').policies.getPolicy(bucket)).rejects.toMatchObject({
      code: 'UNREACHABLE',
      transient: true,
    });
  });

  test('a server that keeps silent', async () => {
    scripted.server.script('silence');
    const impatient = open(scripted.server.endpoint, 50);
    await expect(impatient.policies.getPolicy(bucket)).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: expect.stringContaining('timeout'),
    });
    impatient.close();
  });
});

function xmlOf(code: string): string {
  return `<Error><Code>${code}</Code><Message>m</Message></Error>`;
}
