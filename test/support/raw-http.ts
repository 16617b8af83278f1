import { connect } from 'node:net';

/** What came back over a socket. */
export interface WireReply {
  readonly status: number;
  readonly code: string;
  readonly text: string;
}

/** Sends bytes as they are and reads until the reply is whole or the server closes. */
export function sendBytes(port: number, bytes: Buffer | string): Promise<WireReply> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    let text = '';
    const finish = () => {
      socket.destroy();
      resolve(readReply(text));
    };
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      if (isWhole(text)) finish();
    });
    socket.on('end', finish);
    socket.on('error', reject);
  });
}

function isWhole(text: string): boolean {
  const [head, ...rest] = text.split('\r\n\r\n');
  if (head === undefined || rest.length === 0) return false;
  const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1];
  const isEmpty = / 204 | 304 |x-oss-err: /.test(head) || length === undefined;
  return isEmpty || rest.join('\r\n\r\n').length >= Number(length);
}

function readReply(text: string): WireReply {
  const status = Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1] ?? 0);
  const hidden = Buffer.from(/x-oss-err: (\S+)/.exec(text)?.[1] ?? '', 'base64').toString('utf8');
  return { status, code: /<Error>\s*<Code>(\w+)/.exec(text + hidden)?.[1] ?? '', text };
}
