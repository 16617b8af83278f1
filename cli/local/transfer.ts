import { type Address, formatAddress } from '../../shared/platform/address.ts';
import type { Transport } from '../../shared/storage/oss/transport.ts';
import { type VersionId, versionId } from '../../shared/storage/port.ts';
import { findLocalCloud, localBucket } from './client.ts';
import { localTransport } from './store.ts';

/** These are the options of a copy. */
export interface CopyOptions {
  readonly tag: readonly string[];
  readonly port: number | undefined;
  readonly json: boolean;
}

/** The command that errors name. */
export const copyOperation = 'holdfast local cp';

/** Takes the version off the end of an address such as `oss://bucket/key?versionId=V`. */
export function versionOf(at: Address): Address & { readonly versionId?: VersionId } {
  const [, key, id] = /^(.*)\?versionId=([^?&]+)$/s.exec(at.key) ?? [];
  return key === undefined || id === undefined ? at : { ...at, key, versionId: versionId(id) };
}

/** Works on a bucket of the running cloud, over connections that end with the work. */
export async function withCloud<Result>(
  endpoint: string,
  at: Address,
  work: (transport: Transport) => Promise<Result>,
): Promise<Result> {
  const target = formatAddress('oss', at);
  localBucket(await findLocalCloud(endpoint, { operation: copyOperation, target }), copyOperation, at);
  const transport = localTransport(endpoint);
  try {
    return await work(transport);
  } finally {
    transport.close();
  }
}
