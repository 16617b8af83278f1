import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import OSS, { type OssClient, type RequestParams, type RequestResult } from 'ali-oss';
import { NoReply } from '../../../shared/storage/oss/no-reply.ts';
import { endpointOf, type OssStorageOptions } from '../../../shared/storage/oss/options.ts';
import { isOfService } from '../../../shared/storage/oss/oss-wire.ts';
import type { ReplyHead, Request, Transport } from '../../../shared/storage/oss/transport.ts';

/**
 * The transport of the storage port over the official client, untouched: addressing, signature, connections and
 * reading by ali-oss. The contract suite holds Holdfast's own transport and this one to the same promises.
 */
export function aliOssTransport(options: OssStorageOptions): Transport {
  const endpoint = endpointOf(options);
  const agents = {
    agent: new HttpAgent({ keepAlive: true }),
    httpsAgent: new HttpsAgent({ keepAlive: true }),
  };
  const client = createClient(options, endpoint, agents);
  const ask = <Result>(result: Promise<Result>) =>
    result.catch((error: unknown): never => {
      const reason = reasonOf(error);
      throw new NoReply({ kind: 'unreachable', reason, notSent: false });
    });
  return {
    endpoint: endpoint.origin,
    async send(request) {
      const result = await ask(client.request(paramsOf(request)));
      return { ...headOf(result), body: result.data };
    },
    async open(request) {
      const result = await ask(client.request({ ...paramsOf(request), customResponse: true }));
      return { ...headOf(result), body: result.res };
    },
    close() {
      agents.agent.destroy();
      agents.httpsAgent.destroy();
    },
  };
}

function headOf({ status, headers }: Pick<RequestResult, 'status' | 'headers'>): ReplyHead {
  const requestId = headers['x-oss-request-id'];
  return {
    status,
    header: (name) => headers[name],
    fromService: isOfService({ header: (name) => headers[name], names: () => Object.keys(headers) }),
    ...(requestId !== undefined && { requestId }),
  };
}

function paramsOf({
  method,
  bucket = '',
  key,
  versionId,
  query,
  headers = {},
  xml,
  text,
}: Request): RequestParams {
  const parameters = Object.entries({ ...query, versionId }).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  return {
    method,
    bucket,
    object: key,
    subres: Object.fromEntries(parameters),
    headers,
    ...(xml !== undefined && { mime: 'application/xml', content: xml }),
    ...(text !== undefined && { mime: 'text/plain; charset=utf-8', content: Buffer.from(text) }),
  };
}

/** ali-oss reports a reply that broke off as an XML error with the status. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown reason';
  if ('status' in error && typeof error.status === 'number' && error.status > 0)
    return 'the reply was cut short';
  return error.message.split(', ')[0] ?? error.name;
}

function createClient(
  { region, internal = false, credentials, timeoutMs = 10_000 }: OssStorageOptions,
  endpoint: URL,
  agents: { readonly agent: HttpAgent; readonly httpsAgent: HttpsAgent },
): OssClient {
  const key = typeof credentials === 'function' ? credentials() : credentials;
  return new OSS({
    region: `oss-${region}`,
    internal,
    endpoint: endpoint.origin,
    secure: endpoint.protocol === 'https:',
    sldEnable: endpoint.hostname === 'localhost',
    authorizationV4: true,
    accessKeyId: key.accessKeyId,
    accessKeySecret: key.accessKeySecret,
    // An interval without a refresh function does nothing, but keeps ali-oss from printing advice.
    ...(key.securityToken !== undefined && { stsToken: key.securityToken, refreshSTSTokenInterval: 1 }),
    timeout: timeoutMs,
    retryMax: 0,
    ...agents,
  });
}
