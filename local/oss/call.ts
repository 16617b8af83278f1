import type { IncomingMessage } from 'node:http';
import type { Policy } from '../../shared/ram/policy.ts';
import { authorizer, factsOf, namesOf } from './access.ts';
import type { BucketPolicy } from './bucket-policy.ts';
import type { Identified } from './identify.ts';
import { type Call, endpointOf, rawPath } from './request.ts';
import type { Query } from './signature/request.ts';

/** This is what the server knows about principals. */
interface Account {
  readonly accountId: string;
  policyOf?(principal: string): Policy | undefined;
  policyOfBucket(name: string): BucketPolicy | undefined;
}

/** Makes the call of an identified request. What few operations ask for is made when it is asked for. */
export function toCall(
  request: IncomingMessage,
  query: Query,
  { principal, address, headers, body }: Identified,
  { requestId, lease }: Pick<Call, 'requestId' | 'lease'>,
  account: Account,
): Call {
  const { bucket, key } = address;
  const { accountId } = account;
  const sourceIp = request.socket.remoteAddress;
  return {
    bucket,
    key,
    query,
    headers,
    body,
    requestId,
    lease,
    sourceIp: sourceIp ?? '',
    endpoint: () => endpointOf(request, bucket),
    url: () => `http://${request.headers.host}${rawPath(request)}`,
    senderNames: () => namesOf({ principal, accountId }),
    authorize: authorizer(account.policyOf?.(principal), account.policyOfBucket, () => ({
      principal,
      accountId,
      facts: factsOf(query, sourceIp),
    })),
  };
}
