import { createHash } from 'node:crypto';
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

const bodies = {
  text: { sent: { text: 'letter' }, bytes: Buffer.from('letter'), type: 'text/plain; charset=utf-8' },
  bytes: {
    sent: { bytes: Buffer.from([0, 0xff, 0xc3, 0x28]) }, // no UTF-8
    bytes: Buffer.from([0, 0xff, 0xc3, 0x28]),
    type: 'application/octet-stream',
  },
};

test.each(['text', 'bytes'] as const)(
  'the signature covers every x-oss header of a request with %s, and no other',
  async (kind) => {
    const { sent, bytes, type } = bodies[kind];
    server.script({ status: 200 });
    await transport.send({
      method: 'PUT',
      bucket: 'records',
      key: 'a b.txt',
      headers: { 'x-oss-tagging': 'client=acme', 'if-none-match': '"1"', 'x-oss-forbid-overwrite': 'true' },
      ...sent,
    });

    const seen = server.requests.at(-1);
    expect(seen?.headers['content-type']).toBe(type);
    expect(seen?.headers['content-md5']).toBe(createHash('md5').update(bytes).digest('base64'));
    expect(seen?.headers['content-length']).toBe(String(bytes.length));
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
  },
);

test('bytes that changed in their buffer have another digest', async () => {
  server.script({ status: 200 }, { status: 200 });
  const bytes = Buffer.from('one');
  for (const text of ['one', 'two']) {
    bytes.write(text);
    await transport.send({ method: 'PUT', bucket: 'records', key: 'k', bytes });
    const md5 = createHash('md5').update(text).digest('base64');
    expect(server.requests.at(-1)?.headers['content-md5']).toBe(md5);
  }
});
