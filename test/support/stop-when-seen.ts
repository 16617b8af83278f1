import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import type { RequestLog, RequestRecord } from '../../local/oss/request-log.ts';

/** The operation and the bucket of a request. */
export type Asked = Pick<RequestRecord, 'operation' | 'bucket'>;

/** Tells when a command is stopped, and by which signal. */
export interface Stop {
  readonly requests: number;
  readonly signal: NodeJS.Signals;
  /** Counts each request where it is left out. */
  readonly isCounted?: (asked: Asked) => boolean;
}

/**
 * Starts a command, and stops it once the cloud has seen so many of its requests: before it answers the last of them, so that the
 * command cannot have ended, however busy the machine is.
 * @returns its exit code; null when the signal has ended it
 */
export async function stopWhenSeen(
  log: RequestLog,
  start: () => ChildProcessWithoutNullStreams,
  { requests, signal, isCounted = () => true }: Stop,
) {
  log.clear();
  const child = start();
  const said = text(child.stderr);
  let seen = 0;
  const unfollow = log.follow((asked) => {
    if (!isCounted(asked)) return;
    seen += 1;
    if (seen === requests) child.kill(signal); // once: a second Ctrl-C means something else
  });
  const [code] = await once(child, 'close');
  unfollow();
  return { code, stderr: await said };
}
