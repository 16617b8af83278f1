import type { Agent } from 'node:http';

/* One exchange over the wire, in types: the way, the request, its time, the reply. */

/** The way to one server: directly, or through a proxy. */
export interface Route {
  /** Keeps the connections. An agent of `node:https` says so itself, and requests then use TLS. */
  readonly agent: Agent;
  readonly hostname: string;
  readonly port: number;
  /** Put before the path: an HTTP proxy wants the whole URL. Otherwise empty. */
  readonly prefix: string;
  /** Further headers, name and value in turn. */
  readonly headers: readonly string[];
  /** Whom an answer may come from that is not the service; without user and password. */
  readonly proxy?: string;
  /** Sends requests whose reply is read as a whole, where that is not done over the agent. */
  readonly exchange?: Exchange | undefined;
}

/** One request as it goes over the wire. */
export interface WireRequest {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  readonly route: Route;
  /** Name that the server's certificate must be for. */
  readonly servername: string;
  /** Path and query, escaped. */
  readonly target: string;
  /** Name and value in turn, Host among them. */
  readonly headers: readonly string[];
  /** A text is sent as UTF-8. */
  readonly body: string | Buffer | undefined;
}

/** The longest time that something may take, and why, for messages. */
export interface TimeLimit {
  /** Milliseconds, above 0. */
  readonly ms: number;
  /** Tells whether it is the time that the work has left, and not the limit of a single request. */
  readonly isDeadline: boolean;
}

/** The headers of a reply. Names are in lower case. */
export interface ReplyHeaders {
  /** The value of a header. One that comes twice is joined, or the first where only one makes sense, as Node does. */
  header(name: string): string | undefined;
  names(): readonly string[];
}

/** This is what a reply begins with. */
export interface ReplyStart extends ReplyHeaders {
  readonly status: number;
}

export interface WholeReply {
  readonly head: ReplyStart;
  readonly body: Buffer;
}

/**
 * Sends a request and reads the whole reply, within one time limit for all of it: connecting, sending, head and
 * body. When the limit is over the request ends and its connection is closed.
 * @param most the largest body that is read, in bytes, by the status of the reply
 * @throws NoReply
 */
export type Exchange = (
  wire: WireRequest,
  limit: TimeLimit,
  most: (status: number) => number,
) => Promise<WholeReply>;
