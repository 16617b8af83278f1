import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serverOptions } from '../../local/http.ts';
import {
  type AccessKey,
  createOss,
  type Oss,
  type OssEvent,
  type OssOptions,
} from '../../local/oss/index.ts';
import { memoryStore } from '../../local/oss/store/memory.ts';
import type { Store } from '../../local/oss/store/store.ts';

/** An embedded OSS on a free port of this machine, whose time only moves when the test says so. */
export interface OssServer {
  readonly port: number;
  readonly http: Server;
  readonly oss: Oss;
  /** The store that the server keeps its objects in; one in memory unless given. */
  readonly store: Store;
  /** Every event it raised, oldest first. */
  readonly events: OssEvent[];
  /** The access keys it knows; tests may add to them. */
  readonly keys: Map<string, AccessKey>;
  now(): Date;
  setTime(instant: string | Date): void;
  advance(ms: number): void;
  close(): Promise<void>;
}

export const accessKeyId = 'holdfast';
export const accessKeySecret = 'holdfast-secret';

export async function startOss(
  start = '2026-11-22T10:00:00.000Z',
  options: Partial<OssOptions> = {},
): Promise<OssServer> {
  let time = new Date(start);
  const events: OssEvent[] = [];
  const keys = new Map<string, AccessKey>([
    [accessKeyId, { secret: accessKeySecret, principal: 'user holdfast' }],
  ]);
  const store = options.store ?? memoryStore();
  const oss = createOss({
    store,
    region: 'cn-hangzhou',
    accountId: '1234567890123456',
    now: () => time,
    // biome-ignore lint/plugin: real clients date their requests by the machine's clock
    wallNow: () => new Date(),
    findKey: (id) => keys.get(id),
    onEvent: (event) => events.push(event),
    ...options,
  });
  const server = createServer(serverOptions, (request, response) => void oss.handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // a TCP server's address is never a string
  return {
    port,
    http: server,
    oss,
    store,
    events,
    keys,
    now: () => time,
    setTime(instant) {
      time = new Date(instant);
    },
    advance(ms) {
      time = new Date(time.getTime() + ms);
    },
    async close() {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      await oss.close();
    },
  };
}
