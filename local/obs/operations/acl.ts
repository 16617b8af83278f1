import { findStored } from '../../oss/operations/stored.ts';
import type { Reply } from '../../oss/reply.ts';
import { findBucket } from '../../oss/versions.ts';
import type { ObsCall, ObsCloud, ObsOperation } from '../operation.ts';
import { element, elements, type XmlElement } from '../xml.ts';
import { fromOss } from './core.ts';
import { documentReply } from './reply.ts';

/** ACLs by their short names, in the header `x-obs-acl`: private and public-read. */
export const aclOperations: readonly ObsOperation[] = [
  fromOss('PutBucketAcl'),
  fromOss('PutObjectAcl'),
  {
    name: 'GetBucketAcl',
    method: 'GET',
    on: 'bucket',
    requires: ['acl'],
    run: (call, cloud) => aclReply(call, cloud, findBucket(cloud.store, call.bucket).acl ?? 'private'),
  },
  {
    name: 'GetObjectAcl',
    method: 'GET',
    on: 'object',
    requires: ['acl'],
    allows: ['versionId'],
    run: (call, cloud) => aclReply(call, cloud, findStored(call, cloud).version.acl ?? 'private'),
  },
];

function aclReply(call: ObsCall, { accountId }: ObsCloud, acl: string): Reply {
  const owner = element('Owner', elements({ ID: accountId }));
  const grants = [grant(elements({ ID: accountId }), 'FULL_CONTROL')];
  if (acl === 'public-read') grants.push(grant(elements({ Canned: 'Everyone' }), 'READ'));
  return documentReply(call, 'AccessControlPolicy', [owner, element('AccessControlList', grants)]);
}

const grant = (grantee: readonly XmlElement[], permission: string): XmlElement =>
  element('Grant', [element('Grantee', grantee), element('Permission', permission)]);
