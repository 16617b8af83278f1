import { channel } from 'node:diagnostics_channel';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { startStopwatch } from '../../shared/platform/clock.ts';
import { quantity } from '../../shared/platform/quantity.ts';
import { withoutSecrets } from '../../shared/platform/secrets.ts';
import { requestChannels } from '../../shared/storage/oss/request-channels.ts';
import { clearLiveLine, showLiveLine } from '../../shared/terminal/live-line.ts';
import { note } from '../../shared/terminal/print.ts';

/* Requests as Node.js and our own connections tell of them, whoever sends them: to storage, to Function Compute, for credentials. */

const started = ['http.client.request.start', requestChannels.started].map(channel);
const answered = ['http.client.response.finish', requestChannels.answered].map(channel);
const failed = ['http.client.request.error', requestChannels.failed].map(channel);

const idHeaders = ['x-oss-request-id', 'x-obs-request-id', 'x-fc-request-id', 'x-acs-request-id'];

/** A command that has said nothing for so long says what it waits for. */
const silentMs = 2000;
const everyMs = 500;

let unfollow: (() => void) | undefined;

export interface RequestLines {
  /** One line on standard error for each request. */
  readonly verbose: boolean;
  /** On a terminal, a line that renews itself while nothing else is said. */
  readonly waiting: boolean;
}

/**
 * Follows the requests of the command that begins; those of the one before are forgotten. Where nothing would be shown it listens to
 * none: telling of a request takes a tenth of its time.
 */
export function followRequests({ verbose, waiting }: RequestLines): void {
  unfollow?.();
  const renews = waiting && process.stderr.isTTY === true;
  if (!verbose && !renews) return;
  const times = new WeakMap<object, () => number>();
  const elapsed = startStopwatch();
  const counts = { sent: 0, answered: 0, failed: 0 };
  const onStart = (message: unknown) => {
    counts.sent += 1;
    if (verbose && isExchange(message)) times.set(message.request, startStopwatch());
  };
  const tell = (message: unknown) => {
    if (verbose && isExchange(message)) note(lineOf(message, times.get(message.request)?.() ?? 0));
  };
  const onAnswer = (message: unknown) => {
    counts.answered += 1;
    tell(message);
  };
  const onFailure = (message: unknown) => {
    counts.failed += 1;
    tell(message);
  };
  for (const each of started) each.subscribe(onStart);
  for (const each of answered) each.subscribe(onAnswer);
  for (const each of failed) each.subscribe(onFailure);
  const timer = renews
    ? setInterval(() => {
        const ms = elapsed();
        if (ms >= silentMs) showLiveLine(waitingLine(counts, ms), silentMs);
      }, everyMs)
    : undefined;
  timer?.unref();
  unfollow = () => {
    clearInterval(timer);
    clearLiveLine();
    for (const each of started) each.unsubscribe(onStart);
    for (const each of answered) each.unsubscribe(onAnswer);
    for (const each of failed) each.unsubscribe(onFailure);
    unfollow = undefined;
  };
}

/** Ends what {@link followRequests} has begun. */
export const unfollowRequests = (): void => unfollow?.();

export interface RequestCounts {
  readonly sent: number;
  readonly answered: number;
  /** Requests that no reply came to: no connection, no answer in time. Most are sent again. */
  readonly failed: number;
}

/** Tells how far a command is that has said nothing for a while; it may be at work without any request. */
export function waitingLine({ sent, answered, failed }: RequestCounts, ms: number): string {
  const time = `${Math.floor(ms / 1000)} s`;
  if (sent === 0) return `at work for ${time}`;
  const open = sent - answered - failed;
  const ended = [
    `${quantity(answered, 'request')} answered`,
    ...(failed > 0 ? [`${failed} without an answer`] : []),
  ].join(', ');
  if (open === 0) return `${ended}, at work for ${time}`;
  return `${ended}, ${open} under way, ${Math.round((answered * 1000) / Math.max(ms, 1))}/s, ${time}`;
}

interface Exchange {
  readonly request: Pick<ClientRequest, 'method' | 'host' | 'path' | 'protocol'>;
  readonly response?: Pick<IncomingMessage, 'statusCode' | 'headers'>;
  readonly error?: unknown;
}

const isExchange = (message: unknown): message is Exchange =>
  typeof message === 'object' &&
  message !== null &&
  'request' in message &&
  typeof message.request === 'object';

/** `PUT 200 https://bucket.oss-cn-hangzhou.aliyuncs.com/key?retention 23 ms 655F0A1B2C3D4E5F60718293`. */
function lineOf({ request, response, error }: Exchange, ms: number): string {
  const { method, host, path, protocol } = request;
  const id = idHeaders.flatMap((name) => response?.headers[name] ?? []).join(' ');
  const status = response?.statusCode ?? (error instanceof Error ? error.message : 'failed');
  // The query of STS is made of what signs the request.
  const target = host.startsWith('sts.') || host.startsWith('sts-') ? path.replace(/\?.*/s, '') : path;
  return withoutSecrets(`${method} ${status} ${protocol}//${host}${target} ${ms} ms ${id}`.trimEnd());
}
