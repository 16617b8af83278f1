import { createHash } from 'node:crypto';
import * as z from 'zod';
import { receiveXml } from '../body.ts';
import { refuse } from '../errors.ts';
import type { Cloud, Operation } from '../operation.ts';
import { type Reply, xmlReply } from '../reply.ts';
import type { Call } from '../request.ts';
import { findBucket } from '../versions.ts';

const cnameDocument = z.looseObject({
  BucketCnameConfiguration: z.looseObject({ Cname: z.looseObject({ Domain: z.string().min(1) }) }),
});

const sub = { on: 'bucket', requires: ['cname', 'comp'] } as const;

/**
 * Domain names of buckets. Nobody can prove here that a domain is theirs, so none is ever mapped: the token is given, and
 * mapping is refused as the service refuses it without proof.
 */
export const cnameOperations: readonly Operation[] = [
  { name: 'CreateCnameToken', method: 'POST', ...sub, run: post },
  { name: 'GetCnameToken', method: 'GET', ...sub, run: getToken },
  {
    name: 'ListCname',
    method: 'GET',
    on: 'bucket',
    requires: ['cname'],
    run: (call, cloud) =>
      xmlReply({
        ListCnameResult: { Bucket: findBucket(cloud.store, call.bucket).name, Owner: cloud.accountId },
      }),
  },
];

const DAY_MS = 24 * 60 * 60 * 1000;

async function post(call: Call, cloud: Cloud): Promise<Reply> {
  const { BucketCnameConfiguration } = await receiveXml(call, cnameDocument);
  findBucket(cloud.store, call.bucket);
  const domain = BucketCnameConfiguration.Cname.Domain;
  switch (call.query.get('comp')) {
    case 'token':
      return tokenReply(call, cloud, domain);
    case 'add':
      throw refuse('NeedVerifyDomainOwnership', { details: { Domain: domain } });
    case 'delete':
      return { status: 200 };
    default:
      throw refuse('InvalidArgument', { details: { ArgumentName: 'comp' } });
  }
}

function getToken(call: Call, cloud: Cloud): Reply {
  findBucket(cloud.store, call.bucket);
  return tokenReply(call, cloud, call.query.get('cname') ?? '');
}

/** Answers with the token, which depends on bucket and domain only. */
function tokenReply(call: Call, cloud: Cloud, domain: string): Reply {
  const expires = new Date(cloud.now().getTime() + 3 * DAY_MS).toUTCString();
  return xmlReply({
    CnameToken: {
      Bucket: call.bucket,
      Cname: domain,
      Token: createHash('md5').update(`${call.bucket}/${domain}`).digest('hex'),
      ExpireTime: expires,
    },
  });
}
