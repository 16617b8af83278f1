import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import * as z from 'zod';

import { type Cloud, startCloud } from '../../local/cloud.ts';
import { defaultAccessKey } from '../../local/keyring.ts';
import { createTransport, type Transport } from '../../shared/storage/oss/transport.ts';

const regionIds = { here: 'cn-hangzhou', there: 'cn-shanghai' };

const bucketList = z.array(z.object({ name: z.string(), createdAt: z.string() }));

/** One account with buckets in two regions, at one address: requests go to the region that they are signed for. */
export interface TwoRegions {
  readonly url: string;
  /** cn-hangzhou */
  readonly here: Cloud;
  /** cn-shanghai */
  readonly there: Cloud;
  /** Makes a client of one of them, without the address that they share. */
  transportTo(cloud: Cloud): Transport;
  /** From now on cn-shanghai refuses every request. */
  refuseThere(): void;
}

/** Starts it; it ends with the test. */
export async function twoRegions(clock: Date): Promise<TwoRegions> {
  const clouds = {
    here: await startCloud({ clock }),
    there: await startCloud({ clock, region: regionIds.there }),
  };
  let refuses = false;
  /** A list of buckets has those of all regions, whichever region is asked. */
  const withBucketsOf = async (other: 'here' | 'there', list: string): Promise<string> => {
    const region = regionIds[other];
    const buckets = bucketList.parse(await (await fetch(`${clouds[other].url}/_local/buckets`)).json());
    const elements = buckets.map(
      ({ name, createdAt }) =>
        `<Bucket><CreationDate>${createdAt}</CreationDate><ExtranetEndpoint>oss-${region}.aliyuncs.com</ExtranetEndpoint>` +
        `<Location>oss-${region}</Location><Name>${name}</Name><Region>${region}</Region><StorageClass>Standard</StorageClass></Bucket>`,
    );
    return list.replace('</Buckets>', `${elements.join('')}</Buckets>`);
  };
  const server = createServer((asked, reply) => void answer(asked, reply));
  const answer = async (asked: IncomingMessage, reply: ServerResponse) => {
    const isThere = asked.headers.authorization?.includes(`/${regionIds.there}/oss/`) === true;
    if (isThere && refuses) {
      reply.writeHead(403, { 'x-oss-request-id': 'refused' });
      return reply.end('<Error><Code>UserDisable</Code><Message>UserDisable</Message></Error>');
    }
    const answered = await forward(asked, isThere ? clouds.there.url : clouds.here.url);
    const isList = asked.method === 'GET' && /^\/(\?|$)/.test(asked.url ?? '');
    const text = isList
      ? await withBucketsOf(isThere ? 'here' : 'there', answered.body.toString())
      : answered.body;
    const { 'content-length': length, 'transfer-encoding': _coding, ...headers } = answered.headers;
    const isHead = asked.method === 'HEAD'; // it has no body, and tells the length of the object
    reply.writeHead(answered.status, { ...headers, ...(isHead && { 'content-length': length }) });
    return reply.end(isHead ? undefined : text);
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await Promise.all([clouds.here.close(), clouds.there.close()]);
  });
  const { port } = server.address() as AddressInfo;
  return {
    ...clouds,
    url: `http://127.0.0.1:${port}`,
    transportTo(cloud) {
      const region = cloud === clouds.there ? regionIds.there : regionIds.here;
      const transport = createTransport({ region, endpoint: cloud.url, credentials: defaultAccessKey });
      onTestFinished(() => transport.close());
      return transport;
    },
    refuseThere() {
      refuses = true;
    },
  };
}

async function forward(asked: IncomingMessage, to: string) {
  const sent = request(new URL(asked.url ?? '/', to), { method: asked.method, headers: asked.headers });
  sent.end(await buffer(asked));
  const [answered]: IncomingMessage[] = await once(sent, 'response');
  if (answered === undefined) throw new Error('there is no reply');
  const { statusCode: status = 500, headers } = answered;
  return { status, headers, body: await buffer(answered) };
}
