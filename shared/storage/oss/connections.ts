import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Route } from './wire.ts';

/** A server, as an address names it. */
export interface Origin {
  readonly secure: boolean;
  readonly hostname: string;
  readonly port: number;
}

/** Keep-alive connections. */
export interface Connections {
  /** True where no proxy can be on the way, which may write the Host header anew. */
  readonly straight?: true;
  /** @param origin such as `https://bucket.oss-cn-hangzhou.aliyuncs.com` */
  route(origin: Origin): Route;
  /** Closes the idle connections; a later request opens new ones. */
  close(): void;
}

/** Idle connections are given up before the service closes them, which would break the next request. */
export const idleMs = 4000;

/** Settings of every agent. TLS is verified whatever the environment says (NODE_TLS_REJECT_UNAUTHORIZED). */
export const agentSettings = { keepAlive: true, timeout: idleMs, rejectUnauthorized: true };

/** Returns connections straight to the service. */
export function directConnections(maxSockets = Number.POSITIVE_INFINITY): Connections {
  const plain = new HttpAgent({ ...agentSettings, maxSockets });
  const secured = new HttpsAgent({ ...agentSettings, maxSockets });
  return {
    route: ({ secure, hostname, port }) => ({
      agent: secure ? secured : plain,
      hostname,
      port,
      prefix: '',
      headers: [],
    }),
    close() {
      closeIdle(plain);
      closeIdle(secured);
    },
  };
}

/** Closes an agent's idle connections; those of requests under way stay. */
export function closeIdle({ freeSockets }: HttpAgent): void {
  for (const sockets of Object.values(freeSockets)) {
    for (const socket of sockets ?? []) socket.destroy();
  }
}
