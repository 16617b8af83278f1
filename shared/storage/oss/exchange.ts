import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { cutShort, NoReply, noReplyOf, noStatus, timeOver, tooLarge } from './no-reply.ts';
import { RawHead } from './raw-head.ts';
import type { Exchange, ReplyStart, TimeLimit, WireRequest } from './wire.ts';

/** The beginning of a reply of `node:http`, whose object of all headers takes longer to make than the few that are read. */
const replyStart = ({ statusCode = 0, rawHeaders }: IncomingMessage): ReplyStart =>
  new RawHead(statusCode, rawHeaders);

/** Returns the parts of a body as one; a single part is not copied. */
export function bodyOf(chunks: readonly Buffer[]): Buffer {
  const [first] = chunks;
  return chunks.length === 1 && first ? first : Buffer.concat(chunks);
}

/** Sends over the agent of the route, or by the route's own means. */
export const exchange: Exchange = (wire, limit, most) => {
  if (wire.route.exchange !== undefined) return wire.route.exchange(wire, limit, most);
  return new Promise((resolve, reject) => {
    const request = begin(wire, limit, reject, (head) => {
      const chunks: Buffer[] = [];
      let size = 0;
      const status = head.statusCode ?? 0;
      const bound = most(status);
      head.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        size += chunk.length;
        if (size <= bound) return;
        request.destroy(new NoReply({ kind: 'unreadable', reason: tooLarge(bound), status }));
      });
      head.on('end', () => {
        request.settle();
        resolve({ head: replyStart(head), body: bodyOf(chunks) });
      });
    });
  });
};

/**
 * Sends a request and resolves with the head of its reply. The body comes as it is read; a body that stops is given
 * up after `stall()`.
 * @param limit for everything until the head is there
 * @param stall the longest wait for the next part of the body, asked for before each
 * @throws NoReply, from the body too
 */
export function openExchange(
  wire: WireRequest,
  limit: TimeLimit,
  stall: () => TimeLimit,
): Promise<{ readonly head: ReplyStart; readonly body: AsyncIterable<Buffer> }> {
  return new Promise((resolve, reject) => {
    const request = begin(wire, limit, reject, (head) => {
      request.settle();
      resolve({ head: replyStart(head), body: chunksOf(head, stall) });
    });
  });
}

async function* chunksOf(head: IncomingMessage, stall: () => TimeLimit): AsyncIterable<Buffer> {
  const chunks: AsyncIterator<Buffer> = head[Symbol.asyncIterator]();
  try {
    for (;;) {
      // While the consumer works, no time runs: a slow reader is not a silent service.
      const limit = stall();
      const timer = setTimeout(() => head.destroy(timeOver(limit, false)), limit.ms);
      const next = await chunks.next().finally(() => clearTimeout(timer));
      if (next.done === true) break;
      yield next.value;
    }
  } catch (error) {
    throw noReplyOf(error);
  } finally {
    head.destroy();
  }
  if (!head.complete) throw cutShort();
}

/** A request under way. */
interface Begun {
  destroy(reason: NoReply): void;
  /** Ends the time limit: the request has come to its end, or its further parts have limits of their own. */
  settle(): void;
}

function begin(
  { method, route, servername, target, headers, body }: WireRequest,
  limit: TimeLimit,
  reject: (error: NoReply) => void,
  onHead: (head: IncomingMessage) => void,
): Begun {
  const send = route.agent instanceof HttpsAgent ? httpsRequest : httpRequest;
  const request = send({
    agent: route.agent,
    host: route.hostname,
    port: route.port,
    method,
    path: `${route.prefix}${target}`,
    headers: [...headers, ...route.headers],
    servername, // without TLS too, where Node would read it from the headers for nothing
  });
  // The reason is kept here: Node tells of some aborts as "aborted" or "socket hang up".
  let reason: NoReply | undefined;
  const fail = (error: unknown) => {
    clearTimeout(timer);
    reject(reason ?? noReplyOf(error));
  };
  const destroy = (why: NoReply) => {
    reason ??= why;
    request.destroy(why);
    fail(why); // a request that Node has given up already tells nothing more
  };
  const timer = setTimeout(() => destroy(timeOver(limit, isUnconnected(request))), limit.ms);
  let answered = false;
  request.on('response', (head) => {
    answered = true;
    const status = head.statusCode ?? 0;
    if (status < 200) return destroy(noStatus(status));
    head.on('error', () => fail(cutShort()));
    onHead(head);
  });
  request.on('error', fail);
  // A change of protocol, which nobody asked for, ends a request without an error.
  request.on('close', () => answered || fail(new Error('the connection was closed without a reply')));
  request.end(body);
  return { destroy, settle: () => clearTimeout(timer) };
}

function isUnconnected({ socket }: ClientRequest): boolean {
  return socket === null || socket.connecting;
}
