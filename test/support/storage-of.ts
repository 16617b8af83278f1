import { onTestFinished } from 'vitest';
import { createOssStorage, type OssStorage } from '../../shared/storage/oss/index.ts';

/** The product's storage in front of an embedded cloud; it closes with the test. */
export function storageOf({ url }: { readonly url: string }): OssStorage {
  const storage = createOssStorage({
    region: 'cn-hangzhou',
    endpoint: url,
    credentials: { accessKeyId: 'holdfast', accessKeySecret: 'holdfast-secret' },
  });
  onTestFinished(() => storage.close());
  return storage;
}
