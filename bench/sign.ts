import { createHash, createHmac } from 'node:crypto';

const region = 'cn-hangzhou';
const accessKeyId = 'holdfast';
const accessKeySecret = 'holdfast-secret';

const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();

/** Signs requests with V4 for one instant, the key of the day made once. Paths and queries are plain ASCII. */
export function signer(now: Date): (method: string, path: string, query: string) => string {
  const timestamp = `${now.toISOString().replace(/[-:]/g, '').slice(0, 15)}Z`;
  const day = timestamp.slice(0, 8);
  const scope = `${day}/${region}/oss/aliyun_v4_request`;
  const key = [region, 'oss', 'aliyun_v4_request'].reduce(hmac, hmac(`aliyun_v4${accessKeySecret}`, day));
  const signed = `x-oss-content-sha256:UNSIGNED-PAYLOAD\nx-oss-date:${timestamp}\n`;
  return (method, path, query) => {
    const canonical = [method, path, query, signed, '', 'UNSIGNED-PAYLOAD'].join('\n');
    const digest = createHash('sha256').update(canonical).digest('hex');
    const signature = hmac(key, `OSS4-HMAC-SHA256\n${timestamp}\n${scope}\n${digest}`).toString('hex');
    return [
      `Authorization: OSS4-HMAC-SHA256 Credential=${accessKeyId}/${scope},Signature=${signature}`,
      `x-oss-date: ${timestamp}`,
      'x-oss-content-sha256: UNSIGNED-PAYLOAD',
    ].join('\r\n');
  };
}
