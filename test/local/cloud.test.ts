import OSS from 'ali-oss';
import { expect, test } from 'vitest';
import { cloudWith } from '../support/cloud.ts';

const echo = 'exports.handler = async (event) => event;';

function client(url: string) {
  return new OSS({
    endpoint: url,
    accessKeyId: 'holdfast',
    accessKeySecret: 'holdfast-secret',
    bucket: 'records',
    cname: false,
  });
}

test('an upload through ali-oss fires the function', async () => {
  const cloud = await cloudWith({ f: { code: echo } });
  const oss = client(cloud.url);
  await oss.putBucket('records');
  await oss.put('账本/a b+c%.txt', Buffer.from('x'));
  await cloud.idle();
  const [run] = cloud.fc.invocations();
  expect(run).toMatchObject({
    status: 'succeeded',
    event: {
      events: [
        { eventName: 'ObjectCreated:PutObject', oss: { object: { key: '账本/a b+c%.txt', size: 1 } } },
      ],
    },
  });
});
