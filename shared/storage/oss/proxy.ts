import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { type AgentOptions, Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { connect as connectTcp, isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { getProxyForUrl } from 'proxy-from-env';
import { failure } from '../../platform/errors.ts';
import { agentSettings, type Connections, closeIdle, directConnections, type Origin } from './connections.ts';
import { NoReply, noReplyOf } from './no-reply.ts';
import type { Route } from './wire.ts';

/** An HTTP proxy, read from its URL. */
interface Proxy {
  readonly secure: boolean;
  readonly hostname: string;
  readonly port: number;
  /** Its URL without user and password, for messages. */
  readonly name: string;
  /** Value of `Proxy-Authorization`; absent without a user. */
  readonly authorization: string | undefined;
}

/** This is how long a proxy may take to let itself be connected to, or to open a tunnel, in milliseconds: less than a request may take, so that it is named. */
const tunnelMs = 9000;

/**
 * Returns connections by the proxies that HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY name (in either case). An
 * endpoint with TLS is reached through a tunnel (CONNECT), so that the proxy sees names only; a plain one by whole
 * URLs. For the command line alone: a function reaches OSS inside the region.
 * @param direct is taken where no proxy is named
 * @throws CONFIG_INVALID, from `route`, for a proxy that cannot be used; the message holds no password
 */
export function proxiedConnections(direct: Connections = directConnections()): Connections {
  const routes = new Map<string, (origin: Origin) => Route>();
  const agents: HttpAgent[] = [];

  const through = (proxy: Proxy): ((origin: Origin) => Route) => {
    const headers = proxy.authorization === undefined ? [] : ['proxy-authorization', proxy.authorization];
    const tunnels = new TunnelAgent(proxy);
    const plain = new ProxyAgent(proxy);
    agents.push(tunnels, plain);
    return ({ secure, hostname, port }) =>
      secure
        ? { agent: tunnels, hostname, port, prefix: '', headers: [] }
        : {
            agent: plain,
            hostname: proxy.hostname,
            port: proxy.port,
            prefix: `http://${hostname}:${port}`,
            headers,
            proxy: proxy.name,
          };
  };

  return {
    route(origin) {
      const url = proxyFor(origin);
      if (url === '') return direct.route(origin);
      const route = routes.get(url) ?? through(readProxy(url, origin.secure ? 'HTTPS_PROXY' : 'HTTP_PROXY'));
      routes.set(url, route);
      return route(origin);
    },
    close() {
      direct.close();
      for (const agent of agents) closeIdle(agent);
    },
  };
}

/** NO_PROXY may name the endpoint without a bucket before it. @returns the proxy's URL, or nothing */
function proxyFor({ secure, hostname, port }: Origin): string {
  const of = (host: string) => getProxyForUrl(`${secure ? 'https' : 'http'}://${host}:${port}`);
  const parent = hostname.slice(hostname.indexOf('.') + 1);
  return of(parent) === '' ? '' : of(hostname);
}

function readProxy(text: string, name: string): Proxy {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    const kind = url === undefined ? 'it is no URL' : `it begins with ${url.protocol}//`;
    throw failure('CONFIG_INVALID', {
      name,
      reason: `${kind}; a proxy is named like http://proxy.example:3128`,
    });
  }
  const secure = url.protocol === 'https:';
  const user = `${decoded(url.username)}:${decoded(url.password)}`;
  return {
    secure,
    hostname: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port) || (secure ? 443 : 80),
    name: url.origin,
    authorization: user === ':' ? undefined : `Basic ${Buffer.from(user).toString('base64')}`,
  };
}

/** A user or password may be escaped in the URL, or stand there as it is. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

type Connected = (error: Error | null, socket: Duplex) => void;

/** Gives an agent its connection, once it is there. */
function pass(connecting: Promise<Duplex>, done: Connected | undefined): void {
  connecting.then(
    (socket) => done?.(null, socket),
    // Node takes an error alone; its type asks for a socket too.
    (error: Error) => (done as ((error: Error) => void) | undefined)?.(error),
  );
}

/** Makes the error of a proxy that cannot be reached, or that cannot reach the service for now. */
const unreachable = ({ name }: Proxy, reason: string): NoReply =>
  new NoReply({ kind: 'unreachable', reason: `proxy ${name}: ${reason}`, notSent: true });

/** Makes connections to a proxy, and keeps them like any agent. One that fails names the proxy: the endpoint was not asked. */
class ProxyAgent extends HttpAgent {
  readonly #proxy: Proxy;

  constructor(proxy: Proxy) {
    super(agentSettings);
    this.#proxy = proxy;
  }

  override createConnection(_options: AgentOptions, done?: Connected): undefined {
    pass(connectTo(this.#proxy), done);
    return undefined;
  }
}

/** @throws NoReply */
function connectTo(proxy: Proxy): Promise<Duplex> {
  const { secure, hostname: host, port } = proxy;
  return new Promise((resolve, reject) => {
    const socket = secure
      ? connectTls({ host, port, servername: isIP(host) ? '' : host, rejectUnauthorized: true })
      : connectTcp({ host, port });
    socket.setNoDelay(true).setKeepAlive(true, 1000); // as an agent of node:http does
    const timer = setTimeout(
      () => socket.destroy(new Error(`timeout after ${tunnelMs} ms, the limit for a connection`)),
      tunnelMs,
    );
    const fail = (error: Error) => {
      clearTimeout(timer);
      reject(unreachable(proxy, noReplyOf(error).message));
    };
    socket.once('error', fail);
    socket.once(secure ? 'secureConnect' : 'connect', () => {
      clearTimeout(timer);
      socket.off('error', fail);
      resolve(socket);
    });
  });
}

/** Makes TLS connections inside tunnels through a proxy, and keeps them like any agent. */
class TunnelAgent extends HttpsAgent {
  readonly #proxy: Proxy;

  constructor(proxy: Proxy) {
    super(agentSettings);
    this.#proxy = proxy;
  }

  override createConnection(options: AgentOptions, done?: Connected): undefined {
    const { host = '', port = 443, servername = host } = options;
    const connecting = openTunnel(this.#proxy, `${host}:${port}`).then((socket) =>
      connectTls({ socket, servername, rejectUnauthorized: true }),
    );
    pass(connecting, done);
    return undefined;
  }
}

/** @throws NoReply */
function openTunnel(proxy: Proxy, authority: string): Promise<Duplex> {
  const { secure, hostname, port, name, authorization } = proxy;
  return new Promise((resolve, reject) => {
    const request = (secure ? httpsRequest : httpRequest)({
      host: hostname,
      port,
      method: 'CONNECT',
      path: authority,
      headers: [
        'host',
        authority,
        ...(authorization === undefined ? [] : ['proxy-authorization', authorization]),
      ],
      agent: false,
      rejectUnauthorized: true,
    });
    const timer = setTimeout(
      () => request.destroy(unreachable(proxy, `timeout after ${tunnelMs} ms, the limit for a tunnel`)),
      tunnelMs,
    );
    const refused = ({ statusCode = 0 }: IncomingMessage) => {
      const reason = `it answers to CONNECT with status ${statusCode}`;
      // 502, 503, 504: it could not reach the service, which may pass.
      return statusCode >= 500
        ? unreachable(proxy, reason)
        : new NoReply({ kind: 'proxy', proxy: name, reason });
    };
    request.once('connect', (reply, socket) => {
      clearTimeout(timer);
      if (reply.statusCode === 200) {
        resolve(socket);
        return;
      }
      socket.destroy();
      reject(refused(reply));
    });
    request.once('response', (reply) => {
      clearTimeout(timer);
      request.destroy();
      reject(refused(reply));
    });
    request.once('error', (error) => {
      clearTimeout(timer);
      reject(error instanceof NoReply ? error : unreachable(proxy, noReplyOf(error).message));
    });
    request.end();
  });
}
