import { EventEmitter, once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

/** A listener that speaks as it is told, byte by byte, for what no HTTP server would send. */
export interface RawServer {
  readonly endpoint: string;
  readonly port: number;
  /** Connections that were made to it so far. */
  readonly connections: number;
  /** The heads of the requests that have arrived, in order. */
  readonly heads: readonly string[];
  /** Resolves when the connection with this number, from 0, has come and is closed by the other side or by this one. */
  closed(connection: number): Promise<void>;
  close(): Promise<void>;
}

/** @param onHead is called when the head of a request is there */
export async function rawServer(onHead: (socket: Socket, head: string) => void): Promise<RawServer> {
  const sockets: { readonly socket: Socket; readonly closed: Promise<unknown> }[] = [];
  const came = new EventEmitter();
  const heads: string[] = [];
  const server = createServer((socket) => {
    sockets.push({ socket, closed: new Promise((resolve) => socket.once('close', resolve)) });
    came.emit('connection');
    socket.on('error', () => undefined); // the other side may break off
    let text = '';
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      const end = text.indexOf('\r\n\r\n');
      if (end < 0) return;
      const head = text.slice(0, end);
      text = text.slice(end + 4);
      heads.push(head);
      onHead(socket, head);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // a TCP server has a port
  return {
    endpoint: `http://127.0.0.1:${port}`,
    port,
    get connections() {
      return sockets.length;
    },
    heads,
    async closed(connection) {
      // A client that gives up soon may be gone before its connection is taken here.
      while (sockets.length <= connection) await once(came, 'connection');
      await sockets[connection]?.closed;
    },
    async close() {
      for (const { socket } of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
