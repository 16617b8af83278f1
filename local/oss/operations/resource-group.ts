import { refuse } from '../errors.ts';
import type { Operation } from '../operation.ts';
import type { Bucket } from '../state.ts';
import { keptOperations } from './kept.ts';

/** Header of PutBucket and ListBuckets that names a resource group. */
export const RESOURCE_GROUP = 'x-oss-resource-group-id';
const DEFAULT_GROUP = 'rg-default';

/** The resource group of a bucket: a name only, by which buckets are listed. There are no groups elsewhere. */
export const resourceGroupOperations: readonly Operation[] = keptOperations({
  resource: 'resourceGroup',
  root: 'BucketResourceGroupConfiguration',
  put: 'PutBucketResourceGroup',
  get: 'GetBucketResourceGroup',
  missing: { document: documentOf(DEFAULT_GROUP) },
  read: (document, bucket) => {
    const id = idIn(document);
    if (id === '') return { document: documentOf(DEFAULT_GROUP) };
    checkResourceGroup(id, bucket.name);
    return {};
  },
});

/** Returns the resource group of a bucket. */
export function resourceGroupOf({ configurations }: Bucket): string {
  return idIn(configurations?.['resourceGroup'] ?? '') || DEFAULT_GROUP;
}

/** Returns a bucket in the resource group that a header names. @throws ResourceGroupIdPreCheckError */
export function inResourceGroup(bucket: Bucket, id: string): Bucket {
  checkResourceGroup(id, bucket.name);
  return { ...bucket, configurations: { ...bucket.configurations, resourceGroup: documentOf(id) } };
}

/** Ids have the form of the service's; whether there is such a group nobody knows here. */
function checkResourceGroup(id: string, bucket: string): void {
  if (/^rg-[a-z0-9]+$/.test(id)) return;
  throw refuse('ResourceGroupIdPreCheckError', { details: { BucketName: bucket } });
}

function idIn(document: string): string {
  return /<ResourceGroupId>\s*([^<]*?)\s*<\/ResourceGroupId>/.exec(document)?.[1] ?? '';
}

function documentOf(id: string): string {
  return `<BucketResourceGroupConfiguration><ResourceGroupId>${id}</ResourceGroupId></BucketResourceGroupConfiguration>`;
}
