import { expect, test } from 'vitest';
import { findObsCredentials } from '../../../../shared/storage/obs/credentials.ts';

test.each([
  ['OBS_ACCESS_KEY_ID', 'OBS_SECRET_ACCESS_KEY', 'OBS_SECURITY_TOKEN'],
  ['HW_ACCESS_KEY', 'HW_SECRET_KEY', 'HW_SECURITY_TOKEN'],
  ['HUAWEICLOUD_SDK_AK', 'HUAWEICLOUD_SDK_SK', 'HUAWEICLOUD_SDK_SECURITY_TOKEN'],
])('%s and its like are read', (id, secret, token) => {
  expect(findObsCredentials({ [id]: 'i', [secret]: 's' }).keys).toEqual({
    accessKeyId: 'i',
    accessKeySecret: 's',
  });
  expect(findObsCredentials({ [id]: 'i', [secret]: 's', [token]: 't' }).keys).toMatchObject({
    securityToken: 't',
  });
  expect(findObsCredentials({ [id]: 'i', [secret]: 's', [token]: '' }).keys).not.toHaveProperty(
    'securityToken',
  );
});

test('the first complete pair wins, and two are never mixed', () => {
  const env = {
    OBS_ACCESS_KEY_ID: 'half',
    HW_ACCESS_KEY: 'hw',
    HW_SECRET_KEY: 'secret',
    HUAWEICLOUD_SDK_AK: 'x',
    HUAWEICLOUD_SDK_SK: 'y',
  };
  expect(findObsCredentials(env).keys).toEqual({ accessKeyId: 'hw', accessKeySecret: 'secret' });
});

test.each([
  ['none at all', {}],
  ['half a pair', { OBS_ACCESS_KEY_ID: 'i', HW_SECRET_KEY: 's' }],
  ['those of the other cloud', { ALIBABA_CLOUD_ACCESS_KEY_ID: 'i', ALIBABA_CLOUD_ACCESS_KEY_SECRET: 's' }],
])('%s: refused, with the variables to set', (_, env) => {
  expect(() => findObsCredentials(env).keys).toThrow(
    expect.objectContaining({
      code: 'OBS_CREDENTIALS_MISSING',
      remedy: expect.stringContaining('OBS_ACCESS_KEY_ID and OBS_SECRET_ACCESS_KEY'),
    }),
  );
});
