import type { Operation } from '../operation.ts';
import { aclOperations } from './acl.ts';
import { appendOperations } from './append.ts';
import { bucketEncryptionOperations } from './bucket-encryption.ts';
import { bucketWormOperations } from './bucket-worm.ts';
import { bucketOperations } from './buckets.ts';
import { cnameOperations } from './cname.ts';
import { copyOperations } from './copy.ts';
import { corsOperations } from './cors.ts';
import { deleteOperations } from './delete.ts';
import { getOperations } from './get.ts';
import { inventoryOperations } from './inventory.ts';
import { keptWithoutEffect } from './kept.ts';
import { legalHoldOperations } from './legal-hold.ts';
import { lifecycleOperations } from './lifecycle.ts';
import { listObjectsOperations } from './list-objects.ts';
import { listVersionsOperations } from './list-versions.ts';
import { multipartOperations } from './multipart.ts';
import { objectWormOperations } from './object-worm.ts';
import { overviewOperations } from './overview.ts';
import { overwriteConfigOperations } from './overwrite-config.ts';
import { policyOperations } from './policy.ts';
import { putOperations } from './put.ts';
import { qosInfoOperations } from './qos-info.ts';
import { redundancyOperations } from './redundancy.ts';
import { resourceGroupOperations } from './resource-group.ts';
import { restoreOperations } from './restore.ts';
import { retentionOperations } from './retention.ts';
import { styleOperations } from './style.ts';
import { symlinkOperations } from './symlink.ts';
import { taggingOperations } from './tagging.ts';
import { versioningOperations } from './versioning.ts';

/** Everything the server can do; whatever is not here is NotImplemented. The first that fits a request wins. */
export const operations: readonly Operation[] = [
  ...bucketOperations,
  ...versioningOperations,
  ...bucketWormOperations,
  ...objectWormOperations,
  ...retentionOperations,
  ...legalHoldOperations,
  ...aclOperations,
  ...lifecycleOperations,
  ...inventoryOperations,
  ...policyOperations,
  ...bucketEncryptionOperations,
  ...corsOperations,
  ...overwriteConfigOperations,
  ...keptWithoutEffect,
  ...qosInfoOperations,
  ...redundancyOperations,
  ...resourceGroupOperations,
  ...styleOperations,
  ...cnameOperations,
  ...overviewOperations,
  ...restoreOperations,
  ...copyOperations,
  ...putOperations,
  ...getOperations,
  ...deleteOperations,
  ...taggingOperations,
  ...multipartOperations,
  ...appendOperations,
  ...symlinkOperations,
  ...listObjectsOperations,
  ...listVersionsOperations,
];
