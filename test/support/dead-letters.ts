import { createHash } from 'node:crypto';
import type { Cloud } from '../../local/cloud.ts';
import { plainClient } from '../../local/plain-client.ts';

/** The folder of dead letters in tests. */
export const place = { bucket: 'kept', prefix: 'failed/' };
export const placeUrl = 'oss://kept/failed/';

/** A failure as Function Compute sends it to a failure destination. */
export function envelopeOf(changes: { requestId?: string; payload?: string; response?: unknown } = {}) {
  const thrown = { errorType: 'TAG_UNREADABLE', errorMessage: 'it cannot be read. What to do: correct it' };
  return {
    timestamp: Date.UTC(2026, 10, 21, 10, 0, 0, 123),
    requestContext: {
      requestId: changes.requestId ?? 'request-1',
      functionArn: 'acs:fc:cn-hangzhou:1000000000000001:functions/holdfast-object-created',
      condition: 'UnhandledInvocationError',
      approximateInvokeCount: 9,
    },
    requestPayload: changes.payload ?? '{"events": [ ]}',
    responseContext: { statusCode: 200, functionError: 'UnhandledInvocationError' },
    responsePayload: 'response' in changes ? changes.response : JSON.stringify(thrown),
  };
}

/** The id that is documented: the first half of a hash of function and request. */
export const idOf = (requestId: string, name = 'holdfast-object-created'): string =>
  createHash('sha256').update(`${name}\n${requestId}`).digest('hex').slice(0, 16);

/** What a bucket of the cloud holds, by a plain client: keys in order, with their texts. */
export async function contentOf(cloud: Cloud, bucket = place.bucket): Promise<[key: string, text: string][]> {
  const client = plainClient(cloud.url, bucket);
  const { objects = [] } = await client.getBucketVersions({});
  const texts = objects.map(async ({ name }): Promise<[string, string]> => {
    const { data } = await client.request({ method: 'GET', bucket, object: name, subres: {}, headers: {} });
    return [name, data.toString()];
  });
  return await Promise.all(texts);
}
