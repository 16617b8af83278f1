import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { signer } from './sign.ts';

export interface RawRequest {
  readonly method: string;
  readonly path: string;
  readonly query?: string;
  readonly body?: string;
}

export interface Load {
  readonly connections: number;
  /** Requests on the way at once on each connection. */
  readonly pipelined: number;
}

/**
 * Sends requests over raw sockets that stay open, as fast as replies come.
 * @param next the request of a number, from 0 up to `count`
 * @throws Error at the first reply that is no success
 */
export async function sendAll(
  port: number,
  now: Date,
  count: number,
  { connections, pipelined }: Load,
  next: (index: number) => RawRequest,
): Promise<void> {
  const sign = signer(now);
  let sent = 0;
  const write = (socket: Socket, room: number) => {
    let text = '';
    let written = 0;
    for (; written < room && sent < count; written++) text += requestText(next(sent++), port, sign);
    if (written > 0) socket.write(text);
    return written;
  };
  const run = async () => {
    const socket = connect(port, '127.0.0.1');
    socket.setNoDelay(true);
    await once(socket, 'connect');
    await new Promise<void>((resolve, reject) => {
      const isHead = next(0).method === 'HEAD';
      let open = write(socket, pipelined);
      if (open === 0) resolve();
      const read = replyReader(isHead, (status, text) => {
        open -= 1;
        if (status >= 300) reject(new Error(text));
      });
      socket.on('error', reject);
      socket.on('data', (chunk) => {
        read(chunk);
        open += write(socket, pipelined - open);
        if (open === 0) resolve();
      });
    });
    socket.destroy();
  };
  await Promise.all(Array.from({ length: connections }, run));
}

function requestText(request: RawRequest, port: number, sign: ReturnType<typeof signer>): string {
  const { method, path, query = '', body = '' } = request;
  return [
    `${method} ${path}${query && `?${query}`} HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    sign(method, path, query),
    ...(method === 'HEAD' ? [] : [`Content-Length: ${body.length}`]),
    '',
    body,
  ].join('\r\n');
}

/** Cuts a stream of bytes into replies. */
function replyReader(
  isHead: boolean,
  onReply: (status: number, text: string) => void,
): (chunk: Buffer) => void {
  let rest = '';
  return (chunk) => {
    rest += chunk.toString('latin1');
    for (;;) {
      const end = rest.indexOf('\r\n\r\n');
      if (end < 0) return;
      const length = isHead ? 0 : Number(/content-length: (\d+)/i.exec(rest.slice(0, end))?.[1] ?? 0);
      if (rest.length < end + 4 + length) return;
      onReply(Number(rest.slice(9, 12)), rest.slice(0, end + 4 + length));
      rest = rest.slice(end + 4 + length);
    }
  };
}
