/**
 * Query parameters that choose what is done: the sub-resources of the API, and the parameters that name a part, a version
 * or a configuration. A request that has one is never taken for the request without it. From the lists that the vendors'
 * SDKs sign (oss2 auth.py, Go v1 conn.go, Go v2 signer/v1.go, Java SignParameters) and from the API's pages.
 */
export const subResources: ReadonlySet<string> = new Set(
  `accessPoint accessPointConfigForObjectProcess accessPointForObjectProcess accessPointPolicy
  accessPointPolicyForObjectProcess accessmonitor acl antiDDos antiDDoS append asyncFetch bucketArchiveDirectRead
  bucketInfo callback callback-var cleanRestoredObject cloudboxes cname comp cors dataAccelerator delete encryption
  endTime group httpsConfig img inventory inventoryId legalHold lifecycle link list-type live location logging metaQuery
  metadataTableConfiguration notification objectInfo objectMeta objectWorm overwriteConfig partNumber policy
  policyStatus position processConfiguration publicAccessBlock qos qosInfo quota redundancyTransition referer
  regionList regions replication replicationLocation replicationProgress requestPayment requesterQosInfo resourceGroup
  resourcePool restore retention rtc seal select startTime stat status storageinfo storageQuota style styleName symlink
  tagging transferAcceleration truncate udf udfApplication udfApplicationLog udfId udfImage udfImageDesc udfName
  uploadId uploads userDefinedLogFieldsConfig versionId versioning versions vip vod vpcip website withHashContext worm
  wormExtend wormId x-oss-async-process x-oss-process x-oss-redundancy-transition-taskid x-oss-rename x-oss-target-redundancy-type`.split(
    /\s+/,
  ),
);

/**
 * Headers that would change what a request means, and that no operation but those that list them carries out. All other
 * unknown headers are ignored, since the service ignores them. A trailing `*` stands for any ending.
 */
export const refusedHeaders: readonly string[] = [
  'x-oss-callback',
  'x-oss-callback-var',
  'x-oss-hns-status',
  'x-oss-object-worm-*',
  'x-oss-server-side-encryption-customer-*',
];

/** Tells whether a name fits one of the patterns; a trailing `*` stands for any ending. */
export function isAmong(patterns: readonly string[], name: string): boolean {
  return patterns.some((pattern) =>
    pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern,
  );
}

/** Documented: 3 to 63 lower-case letters, digits and hyphens, with no hyphen at either end. */
export function isBucketName(name: string): boolean {
  return /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/.test(name);
}
