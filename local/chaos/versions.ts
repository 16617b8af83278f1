import type { ListedVersion } from 'ali-oss';
import type { PlainClient } from '../plain-client.ts';

/** Returns all versions under a prefix, without delete markers, page by page. */
export async function listVersions(client: PlainClient, prefix?: string): Promise<ListedVersion[]> {
  const found: ListedVersion[] = [];
  let from: { keyMarker: string; versionIdMarker: string } | undefined;
  do {
    const page = await client.getBucketVersions({ ...(prefix && { prefix }), maxKeys: 1000, ...from });
    found.push(...(page.objects ?? []));
    const { nextKeyMarker: keyMarker, nextVersionIdMarker: versionIdMarker } = page;
    from = keyMarker && versionIdMarker ? { keyMarker, versionIdMarker } : undefined;
  } while (from !== undefined);
  return found;
}
