import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Dispatcher } from 'undici';
import Client from 'undici/lib/dispatcher/client.js';
import { type Connections, directConnections, idleMs, type Origin } from './connections.ts';
import { bodyOf, exchange } from './exchange.ts';
import { fewInTurn } from './few-in-turn.ts';
import { cutShort, NoReply, noReplyOf, timeOver, tooLarge } from './no-reply.ts';
import { RawHead } from './raw-head.ts';
import { tellOfRequest } from './tell-of-request.ts';
import type { Exchange, Route, TimeLimit, WholeReply, WireRequest } from './wire.ts';

/**
 * Returns connections straight to the service for work that takes many requests: undici needs half of the CPU that
 * `node:http` needs for one (docs/bench.md), and more time to load. An object that is read as it comes goes over `node:http`.
 */
export function undiciConnections(): Connections {
  const direct = directConnections();
  const known = new Map<string, { readonly route: Route; close(): void }>();
  return {
    straight: true,
    route(origin) {
      const name = `${origin.secure ? 'https' : 'http'}://${origin.hostname}:${origin.port}`;
      const found = known.get(name);
      if (found !== undefined) return found.route;
      const { exchange, close } = linesTo(name, origin);
      const route = { ...direct.route(origin), exchange };
      known.set(name, { route, close });
      return route;
    },
    close() {
      direct.close();
      for (const { close } of known.values()) close();
    },
  };
}

/** Undici waits for the body of a reply that names the length of one and never has it. */
const notModified = 304;

/** Undici gives up a request at a reply that `node:http` reads on after; so what comes later goes over that. */
const saysToGoOn = 'it answers 100 Continue, which nobody asked for';

/** One in a turn takes a quarter more CPU for a request, and four make each wait longer (docs/bench.md). */
const handOn = fewInTurn(2);

/** Returns what sends requests to one server: each request has a line for itself while it is under way. */
function linesTo(url: string, origin: Origin): { readonly exchange: Exchange; close(): void } {
  const idle = new Map<string, Line[]>();
  let understood = true;
  return {
    exchange(wire, limit, most) {
      if (!understood)
        return exchange({ ...wire, route: { ...wire.route, exchange: undefined } }, limit, most);
      const servername = origin.secure ? wire.servername : '';
      const free = idle.get(servername) ?? [];
      idle.set(servername, free);
      const line = free.pop() ?? new Line(url, origin, servername);
      return new Promise((resolve, reject) => {
        const sending = new Sending(line, wire, limit, most, {
          resolve(reply, isLast) {
            if (!isLast) free.push(line);
            handOn(() => resolve(reply));
          },
          reject(error) {
            if (error.message === saysToGoOn) understood = false;
            reject(error);
          },
        });
        const { method, target: path, headers, body } = wire;
        // Without `reset: false` undici closes the connection after each HEAD.
        line.client.dispatch(
          { method, path, headers: [...headers], body: body ?? null, reset: false },
          sending,
        );
      });
    },
    close() {
      for (const lines of idle.values()) {
        for (const line of lines.splice(0)) line.close(new Error('the connections were closed'));
      }
    },
  };
}

/** One connection at a time, made when a request needs it. */
class Line {
  readonly client: Client;
  #socket: Socket | undefined;

  constructor(url: string, { secure, hostname: host, port }: Origin, servername: string) {
    this.client = new Client(url, {
      keepAliveTimeout: idleMs,
      keepAliveMaxTimeout: idleMs,
      headersTimeout: 0, // each request has one time limit for all of it
      bodyTimeout: 0,
      connect: (_options, done) => {
        const socket = secure
          ? connectTls({ host, port, servername, rejectUnauthorized: true, ALPNProtocols: ['http/1.1'] })
          : connectPlain({ host, port });
        socket.setNoDelay(true);
        socket.once(secure ? 'secureConnect' : 'connect', () => done(null, socket));
        socket.on('error', (error) => done(error, null));
        this.#socket = socket;
      },
    });
  }

  /** Closes the connection, or ends the attempt to make it; the line must not be used again. */
  close(why: Error): void {
    this.client.destroy(why, () => undefined);
    this.#socket?.destroy();
  }
}

/** One request under way, as undici tells of it. */
class Sending implements Dispatcher.DispatchHandlers {
  readonly #line: Line;
  readonly #most: (status: number) => number;
  readonly #ending: Ending;
  readonly #timer: NodeJS.Timeout;
  readonly #chunks: Buffer[] = [];
  readonly #told: ReturnType<typeof tellOfRequest>;
  #sent = false;
  #over = false;
  #status = 0;
  #headers: readonly Buffer[] = [];
  #size = 0;
  #bound = 0;

  constructor(
    line: Line,
    wire: WireRequest,
    limit: TimeLimit,
    most: (status: number) => number,
    ending: Ending,
  ) {
    this.#line = line;
    this.#most = most;
    this.#ending = ending;
    this.#timer = setTimeout(() => this.#fail(timeOver(limit, !this.#sent)), limit.ms);
    this.#told = tellOfRequest(wire);
  }

  onConnect(): void {
    this.#sent = true;
  }

  onHeaders(status: number, headers: readonly Buffer[]): boolean {
    if (status < 200) return true; // hints before the reply
    this.#status = status;
    this.#headers = headers;
    this.#bound = this.#most(status);
    if (status === notModified) this.#resolve(true);
    return true;
  }

  onData(chunk: Buffer): boolean {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    // What is thrown here ends the request: it comes back by onError.
    if (this.#size > this.#bound) throw this.#unreadable(tooLarge(this.#bound));
    return true;
  }

  onComplete(): void {
    this.#resolve(false);
  }

  onError(error: Error): void {
    this.#fail(this.#meaning(error));
  }

  /** Ends the request with its reply. @param isLast closes its connection, too */
  #resolve(isLast: boolean): void {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#timer);
    const head = new RawHead(this.#status, this.#headers);
    this.#told?.answered(head);
    if (isLast) this.#line.close(new Error('the reply has come'));
    this.#ending.resolve({ head, body: bodyOf(this.#chunks) }, isLast);
  }

  /** Ends the request and closes its connection. */
  #fail(reason: NoReply): void {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#timer);
    this.#line.close(reason);
    this.#told?.failed(reason);
    this.#ending.reject(reason);
  }

  #meaning(error: Error): NoReply {
    const { code }: NodeJS.ErrnoException = error;
    if (code === 'UND_ERR_SOCKET' && error.message === 'bad response') {
      return new NoReply({ kind: 'unreachable', reason: saysToGoOn, notSent: false });
    }
    const begun = this.#status !== 0;
    if (code === 'HPE_INVALID_EOF_STATE') return begun ? cutShort() : this.#unreachable('other side closed');
    if (code === 'UND_ERR_HEADERS_OVERFLOW') return this.#unreadable(error.message);
    if (code === 'ERR_ASSERTION') return this.#unreadable('no HTTP: it breaks the rules of a reply');
    // In a head it means that there are two lengths.
    if (code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH' && !begun) return this.#unreadable(error.message);
    const reason = noReplyOf(error);
    if (reason.problem.kind !== 'unreachable') return reason;
    return begun ? cutShort() : this.#unreachable(reason.problem.reason);
  }

  #unreachable(reason: string): NoReply {
    return new NoReply({ kind: 'unreachable', reason, notSent: !this.#sent });
  }

  #unreadable(reason: string): NoReply {
    return new NoReply({ kind: 'unreadable', reason, status: this.#status });
  }
}

interface Ending {
  /** @param isLast the connection is closed, and its line must not be used again */
  resolve(reply: WholeReply, isLast: boolean): void;
  reject(error: NoReply): void;
}
