import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the server does with one request. A `cut` reply announces more bytes than it sends. */
export type ScriptedReply =
  | {
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string | Buffer;
      readonly cut?: true;
    }
  | 'reset'
  | 'silence';

export interface SeenRequest {
  readonly method: string;
  /** Path and query as sent. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface ScriptedServer {
  readonly endpoint: string;
  readonly port: number;
  readonly requests: readonly SeenRequest[];
  /** Replies to the next requests in this order, the last one to all that follow. Forgets the requests seen. */
  script(...replies: readonly [ScriptedReply, ...ScriptedReply[]]): void;
  close(): Promise<void>;
}

/** A listener on a free port that says what it is told, for replies that no real server gives on purpose. */
export async function scriptedServer(): Promise<ScriptedServer> {
  let replies: ScriptedReply[] = [];
  let requests: SeenRequest[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      requests.push({ method, target: url, headers, body: Buffer.concat(chunks).toString() });
      const reply = replies.length > 1 ? replies.shift() : replies[0];
      answer(response, reply ?? { status: 500 });
    });
  });
  const port = await listen(server);
  return {
    endpoint: `http://127.0.0.1:${port}`,
    port,
    get requests() {
      return requests;
    },
    script(...next) {
      replies = [...next];
      requests = [];
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)); // a TCP server has a port
  });
}

function answer(response: ServerResponse, reply: ScriptedReply): void {
  if (reply === 'silence') return;
  if (reply === 'reset') {
    response.destroy();
    return;
  }
  const body = Buffer.from(reply.body ?? '');
  const announced = reply.cut === true ? body.length + 10 : body.length;
  response.writeHead(reply.status, { 'content-length': announced, ...reply.headers });
  if (reply.cut === true) response.write(body, () => response.destroy());
  else response.end(body);
}

/** An error reply of OSS. */
export function refusal(
  status: number,
  code: string,
  headers: Readonly<Record<string, string>> = {},
): ScriptedReply {
  const body = `<?xml version="1.0" encoding="UTF-8"?>
<Error><Code>${code}</Code><Message>Words about ${code}.</Message><RequestId>655F0A1B2C3D4E5F60718293</RequestId></Error>`;
  return { status, headers: { 'x-oss-request-id': '655F0A1B2C3D4E5F60718293', ...headers }, body };
}
