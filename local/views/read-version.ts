import type { Store } from '../oss/store/store.ts';

/** Names the current version of an object, or one of its versions. */
interface ObjectVersionAt {
  readonly bucket: string;
  readonly key: string;
  readonly versionId?: string | undefined;
}

/** Returns the bytes of a version straight from the store; undefined when it is not there or is a delete marker. */
export async function readVersion(
  store: Store,
  { bucket, key, versionId }: ObjectVersionAt,
): Promise<Buffer | undefined> {
  const versions = store.versions(bucket, key);
  const version = versions.find((each) => (versionId ?? each.versionId) === each.versionId);
  if (version?.kind !== 'object') return undefined;
  const lease = store.lease();
  try {
    lease.keep(version.content);
    const chunks: Buffer[] = [];
    for await (const chunk of version.content.read(0, version.content.size)) chunks.push(chunk);
    return Buffer.concat(chunks);
  } finally {
    lease.end();
  }
}
