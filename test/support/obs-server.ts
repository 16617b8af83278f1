import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createObs, type Obs, type ObsOptions } from '../../local/obs/index.ts';
import type { AccessKey } from '../../local/oss/index.ts';
import { memoryStore } from '../../local/oss/store/memory.ts';
import type { Store } from '../../local/oss/store/store.ts';

/** An embedded OBS on a free port of this machine, whose time only moves when the test says so. */
export interface ObsServer {
  readonly port: number;
  readonly obs: Obs;
  readonly store: Store;
  /** The access keys it knows; tests may add to them. */
  readonly keys: Map<string, AccessKey>;
  now(): Date;
  setTime(instant: Date): void;
  advance(ms: number): void;
  close(): Promise<void>;
}

/** @param wallNow the clock outside; the virtual one unless given */
export async function startObs(
  start = '2026-11-22T10:00:00.000Z',
  options: Partial<Pick<ObsOptions, 'wallNow' | 'region'>> = {},
): Promise<ObsServer> {
  let time = new Date(start);
  const store = memoryStore();
  const keys = new Map<string, AccessKey>([
    ['holdfast', { secret: 'holdfast-secret', principal: 'user holdfast' }],
  ]);
  const obs = createObs({
    region: 'cn-north-4',
    accountId: '1234567890123456',
    now: () => time,
    wallNow: () => time,
    findKey: (id) => keys.get(id),
    store,
    ...options,
  });
  const server = createServer((request, response) => void obs.handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // a TCP server's address is never a string
  return {
    port,
    obs,
    store,
    keys,
    now: () => time,
    setTime(instant) {
      time = instant;
    },
    advance(ms) {
      time = new Date(time.getTime() + ms);
    },
    async close() {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      await obs.close();
      await store.close();
    },
  };
}
