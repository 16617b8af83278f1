import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeBucket, rawCall, send } from '../../support/oss-client.ts';
import { accessKeyId, accessKeySecret, type OssServer, startOss } from '../../support/oss-server.ts';

let server: OssServer;
beforeAll(async () => {
  server = await startOss();
  await makeBucket(server, 'forms');
});
afterAll(() => server.close());

const conditions = [{ bucket: 'forms' }, ['starts-with', '$key', 'up/'], ['content-length-range', 1, 5]];

function policyOf(expiration = '2100-01-01T00:00:00.000Z'): string {
  return Buffer.from(JSON.stringify({ expiration, conditions })).toString('base64');
}

function v1(policy: string): Record<string, string> {
  const signature = createHmac('sha1', accessKeySecret).update(policy).digest('base64');
  return { policy, OSSAccessKeyId: accessKeyId, Signature: signature };
}

function v4(policy: string): Record<string, string> {
  const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();
  const day = '20261122';
  const key = [day, 'cn-hangzhou', 'oss', 'aliyun_v4_request'].reduce<string | Buffer>(
    hmac,
    `aliyun_v4${accessKeySecret}`,
  );
  return {
    policy,
    'x-oss-signature-version': 'OSS4-HMAC-SHA256',
    'x-oss-credential': `${accessKeyId}/${day}/cn-hangzhou/oss/aliyun_v4_request`,
    'x-oss-date': `${day}T100000Z`,
    'x-oss-signature': createHmac('sha256', key).update(policy).digest('hex'),
  };
}

async function post(fields: Record<string, string>, content = 'hello') {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append('file', new Blob([content], { type: 'text/plain' }), 'f.txt');
  const encoded = new Response(form);
  const type = encoded.headers.get('content-type') ?? '';
  const body = Buffer.from(await encoded.arrayBuffer());
  return send(server, 'POST', '/forms/', { headers: { 'content-type': type }, body });
}

test.each([
  ['V1', v1],
  ['V4', v4],
])('a form with a policy signed by %s uploads its file', async (name, sign) => {
  const fields = { key: `up/${name}/\${filename}`, 'x-oss-meta-a': 'b', ...sign(policyOf()) };
  expect((await post(fields)).status).toBe(204);
  const got = await rawCall(server, `GET /forms/up/${name}/f.txt`);
  expect(got.body).toBe('hello');
  expect(got.headers).toMatchObject({ 'content-type': 'text/plain', 'x-oss-meta-a': 'b' });
  expect(server.events.at(-1)?.eventName).toBe('ObjectCreated:PostObject');
});

test('success_action_status 201 is answered with a document', async () => {
  const reply = await post({ key: 'up/201', success_action_status: '201', ...v1(policyOf()) });
  expect(reply.status).toBe(201);
  expect(reply.body).toContain('<Key>up/201</Key>');
});

test.each([
  ['a key that the policy does not allow', { key: 'down/a' }, 'AccessDenied'],
  ['a wrong signature', { key: 'up/a', Signature: 'AAAAAAAAAAAAAAAAAAAAAAAAAAA=' }, 'SignatureDoesNotMatch'],
  ['a policy that has expired', { key: 'up/a', ...v1(policyOf('2020-01-01T00:00:00.000Z')) }, 'AccessDenied'],
  ['no policy', { key: 'up/a', policy: '' }, 'InvalidArgument'],
  ['a policy that is none', { key: 'up/a', policy: 'bm9uZQ==' }, 'AccessDenied'],
  ['no key', { key: '' }, 'InvalidArgument'],
  ['a callback', { key: 'up/a', callback: 'e30=' }, 'NotImplemented'],
  [
    'retention, which the bucket does not take',
    { key: 'up/a', 'x-oss-object-worm-legal-hold': 'ON' },
    'InvalidRequest',
  ],
])('a form with %s is refused', async (_name, fields, code) => {
  expect((await post({ ...v1(policyOf()), ...fields })).code).toBe(code);
  expect((await rawCall(server, 'HEAD /forms/up/a')).status).toBe(404);
});

test.each([
  ['too long', 'too long', 'EntityTooLarge'],
  ['empty', '', 'EntityTooSmall'],
])('a file that is %s by the policy is refused', async (_name, content, code) => {
  expect((await post({ key: 'up/size', ...v1(policyOf()) }, content)).code).toBe(code);
});

test.each(['multipart/form-data', 'multipart/form-data; boundary=x'])(
  '%s without a form is refused',
  async (type) => {
    const reply = await send(server, 'POST', '/forms/', {
      headers: { 'content-type': type },
      body: 'nothing',
    });
    expect(reply).toMatchObject({ status: 400, code: 'MalformedPOSTRequest' });
  },
);
