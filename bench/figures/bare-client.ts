import { Agent, request } from 'node:http';
import { systemClock } from '../../shared/platform/clock.ts';
import { createSigner, signatureTime } from '../../shared/storage/oss/signature.ts';

const credentials = { accessKeyId: 'holdfast', accessKeySecret: 'holdfast-secret' };
const xml =
  '<Retention><Mode>COMPLIANCE</Mode><RetainUntilDate>2102-02-24T06:07:48.000Z</RetainUntilDate></Retention>';

export interface BareClient {
  put(key: string): Promise<void>;
  headAndPut(key: string): Promise<void>;
  /** Lets the server forget what was written. */
  forget(): Promise<void>;
}

/** Sends by node:http alone, over connections that stay open, with the signature that OSS wants. */
export function bareClient(port: number, connections: number): BareClient {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const sign = createSigner('cn-hangzhou');
  const send = (method: string, key: string, query: string, body: string) =>
    new Promise<void>((resolve, reject) => {
      const time = signatureTime(systemClock.now());
      const signed = [
        ['x-oss-content-sha256', 'UNSIGNED-PAYLOAD'],
        ['x-oss-date', time],
      ] as const;
      const asked = { method, resource: `/bench/${key}`, query, headers: signed };
      const authorization = sign(asked, time, credentials);
      const host = 'bench.oss-cn-hangzhou.aliyuncs.com';
      const headers = { ...Object.fromEntries(signed), authorization, host };
      request({ agent, host: '127.0.0.1', port, method, path: `/${key}?${query}`, headers }, (reply) =>
        reply.resume().once('end', resolve),
      )
        .once('error', reject)
        .end(body);
    });
  const put = (key: string) => send('PUT', key, 'retention&versionId=V', xml);
  return {
    put,
    forget: () => send('DELETE', '', '', ''),
    async headAndPut(key) {
      await send('HEAD', key, 'versionId=V', '');
      await put(key);
    },
  };
}
