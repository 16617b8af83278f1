import { isBucketName } from '../../shared/init/answers.ts';
import { formatAddress } from '../../shared/platform/address.ts';
import { failure } from '../../shared/platform/errors.ts';
import { storageOver } from '../../shared/storage/oss/index.ts';
import { usage } from '../options/usage.ts';
import type { Report } from '../terminal/output.ts';
import { readLocalAddress } from './address.ts';
import { checkLocalCloud, findLocalCloud, localEndpoint } from './client.ts';
import { createVersionedBucket, localTransport } from './store.ts';

/**
 * Makes a bucket in the running embedded cloud that keeps versions and takes retention of each.
 * @param place a bucket's name or address
 * @throws USAGE, LOCAL_ENDPOINT, ADDRESS_CLOUD, BUCKET_EXISTS, UNREACHABLE
 */
export async function makeLocalBucket(place: string, port: number | undefined): Promise<Report> {
  const { bucket, key } = readLocalAddress(place, 'mb') ?? { bucket: place, key: '' };
  if (key !== '' || !isBucketName(bucket, 'oss')) {
    const expected = 'expected 3 to 63 small letters, digits and "-", with no "-" at its ends';
    throw usage(`${JSON.stringify(place)} is no name of a bucket: ${expected}`);
  }
  const target = formatAddress('oss', { bucket });
  const running = await findLocalCloud(localEndpoint(port), {
    operation: 'holdfast local mb',
    target,
  });
  checkLocalCloud(running, { cloud: 'oss', bucket });
  if (running.buckets.some(({ cloud, name }) => cloud === 'oss' && name === bucket)) {
    throw failure('BUCKET_EXISTS', { target });
  }
  const transport = localTransport(running.endpoint);
  try {
    await createVersionedBucket(transport, bucket);
    await storageOver(transport).putObjectWorm(bucket, {});
  } finally {
    transport.close();
  }
  return {
    text: `${target} was made; it keeps versions and takes retention of each`,
    json: { made: { url: target } },
  };
}
