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
    answered(head: ReplyStart) {
      const headers = Object.fromEntries(head.names().map((name) => [name, head.header(name)]));
      answered.publish({ request, response: { statusCode: head.status, headers } });
    },
    failed: (error: NoReply) => failed.publish({ request, error }),
  };
}
