import signUtils from 'ali-oss/lib/common/signUtils.js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTransport, type Transport } from '../../../../shared/storage/oss/transport.ts';
import { type ScriptedServer, scriptedServer } from '../../../support/scripted-server.ts';

const credentials = { accessKeyId: 'LTAItestkeyid', accessKeySecret: 'testsecret' };

let server: ScriptedServer;
let transport: Transport;

beforeAll(async () => {
  server = await scriptedServer();
  transport = createTransport({ region: 'cn-hangzhou', endpoint: server.endpoint, credentials });
});
afterAll(async () => {
  transport.close();
  await server.close();
});

test('the signature covers every x-oss header that a request brings, and no other', async () => {
  server.script({ status: 200 });
  await transport.send({
    method: 'PUT',
    bucket: 'records',
    key: 'a b.txt',
    headers: { 'x-oss-tagging': 'client=acme', 'if-none-match': '"1"', 'x-oss-forbid-overwrite': 'true' },
    text: 'letter',
  });

  const [seen] = server.requests;
  expect(seen?.headers).toMatchObject({ 'x-oss-tagging': 'client=acme', 'if-none-match': '"1"' });
  const signed = Object.entries(seen?.headers ?? {})
    .filter(([name]) => name.startsWith('x-oss-') || name === 'content-type' || name === 'content-md5')
    .map(([name, value]) => [name, String(value)] as const);
  expect(seen?.headers.authorization).toBe(
    signUtils.authorizationV4(
      credentials.accessKeyId,
      credentials.accessKeySecret,
      'cn-hangzhou',
      'PUT',
      { headers: Object.fromEntries(signed), queries: {} },
      'records',
      'a b.txt',
    ),
  );
});
