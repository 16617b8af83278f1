import { Agent, request } from 'node:http';
import { systemClock } from '../../shared/platform/clock.ts';
import { createSigner, signatureTime } from '../../shared/storage/oss/signature.ts';

/** One request. Bucket and key are plain ASCII. */
export interface BareRequest {
  readonly method: string;
  readonly bucket: string;
  /** Empty: the request is about the bucket. */
  readonly key: string;
  readonly query: string;
  readonly body?: string;
}

/** Sends by node:http alone, over connections that stay open, with the signature that OSS wants. */
export interface BareClient {
  send(what: BareRequest): Promise<void>;
  /** HEAD of an object. */
  head(key: string): Promise<void>;
  /** PutObjectRetention of an object. */
  put(key: string): Promise<void>;
  /** Both, one after the other. */
  headAndPut(key: string): Promise<void>;
  close(): void;
}

const credentials = { accessKeyId: 'holdfast', accessKeySecret: 'holdfast-secret' };
const bucket = 'bench';
const xml =
  '<Retention><Mode>COMPLIANCE</Mode><RetainUntilDate>2102-02-24T06:07:48.000Z</RetainUntilDate></Retention>';

/** @param maxSockets connections at once */
export function bareClient(port: number, maxSockets = Number.POSITIVE_INFINITY): BareClient {
  const agent = new Agent({ keepAlive: true, maxSockets });
  const sign = createSigner('cn-hangzhou');
  const send: BareClient['send'] = ({ method, bucket, key, query, body }) =>
    new Promise((resolve, reject) => {
      const time = signatureTime(systemClock.now());
      const signed = [
        ['x-oss-content-sha256', 'UNSIGNED-PAYLOAD'],
        ['x-oss-date', time],
      ] as const;
      const asked = { method, resource: `/${bucket}/${key}`, query, headers: signed };
      const authorization = sign(asked, time, credentials);
      const host = `${bucket}.oss-cn-hangzhou.aliyuncs.com`;
      const headers = { ...Object.fromEntries(signed), authorization, host };
      request({ agent, host: '127.0.0.1', port, method, path: `/${key}?${query}`, headers }, (reply) =>
        reply.resume().once('end', resolve),
      )
        .once('error', reject)
        .end(body);
    });
  const head = (key: string) => send({ method: 'HEAD', bucket, key, query: 'versionId=V' });
  const put = (key: string) =>
    send({ method: 'PUT', bucket, key, query: 'retention&versionId=V', body: xml });
  return {
    send,
    head,
    put,
    async headAndPut(key) {
      await head(key);
      await put(key);
    },
    close: () => agent.destroy(),
  };
}
