import { channel } from 'node:diagnostics_channel';
import { Agent as HttpsAgent } from 'node:https';
import type { NoReply } from './no-reply.ts';
import { requestChannels } from './request-channels.ts';
import type { ReplyStart, WireRequest } from './wire.ts';

const started = channel(requestChannels.started);
const answered = channel(requestChannels.answered);
const failed = channel(requestChannels.failed);

/**
 * Tells those who listen of a request that does not go over `node:http`.
 * @returns what tells of its end; undefined when nobody listens
 */
export function tellOfRequest({ method, route, target }: WireRequest) {
  if (!started.hasSubscribers) return undefined;
  const protocol = route.agent instanceof HttpsAgent ? 'https:' : 'http:';
  const request = { method, host: route.hostname, path: target, protocol };
  started.publish({ request });
  return {
    answered: (head: ReplyStart) => answered.publish({ request, response: new ToldReply(head) }),
    failed: (error: NoReply) => failed.publish({ request, error }),
  };
}

/** The reply that listeners are told of. Most count it and read none of its headers, so they are made when they are read. */
class ToldReply {
  readonly #head: ReplyStart;

  constructor(head: ReplyStart) {
    this.#head = head;
  }

  get statusCode(): number {
    return this.#head.status;
  }

  get headers(): Readonly<Record<string, string | undefined>> {
    return Object.fromEntries(this.#head.names().map((name) => [name, this.#head.header(name)]));
  }
}
