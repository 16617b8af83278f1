import { expect, test } from 'vitest';
import { startCloud } from '../../../local/cloud.ts';
import { expectOk, rawCall } from '../../support/oss-client.ts';
import { accessKeyId, accessKeySecret } from '../../support/oss-server.ts';

test('lifecycle rules run on the way as time is moved', async () => {
  const cloud = await startCloud({ accessKeys: [{ accessKeyId, accessKeySecret }] });
  try {
    const server = { port: cloud.port, now: cloud.time.now };
    await expectOk(rawCall(server, 'PUT /aging/'));
    await expectOk(rawCall(server, 'PUT /aging/a', { body: 'x' }));
    const rule =
      '<Rule><Prefix></Prefix><Status>Enabled</Status><Expiration><Days>2</Days></Expiration></Rule>';
    const body = `<LifecycleConfiguration>${rule}</LifecycleConfiguration>`;
    await expectOk(rawCall(server, 'PUT /aging/', { query: { lifecycle: '' }, body }));
    await cloud.advance(24 * 3_600_000);
    expect((await rawCall(server, 'HEAD /aging/a')).status).toBe(200);
    await cloud.advance(2 * 24 * 3_600_000);
    expect((await rawCall(server, 'HEAD /aging/a')).status).toBe(404);
  } finally {
    await cloud.close();
  }
});
