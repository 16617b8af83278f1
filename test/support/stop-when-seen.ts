import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { vi } from 'vitest';
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
 * Starts a command, and stops it once the cloud has seen so many of its requests.
 * @returns its exit code; null when the signal has ended it
 */
export async function stopWhenSeen(
  log: RequestLog,
  start: () => ChildProcessWithoutNullStreams,
  { requests, signal, isCounted = () => true }: Stop,
) {
  log.clear();
  const child = start();
  const ended = once(child, 'close');
  const said = text(child.stderr);
  await vi.waitFor(
    () => {
      const seen = log.list().filter(isCounted).length;
      if (seen < requests && child.exitCode === null) throw new Error(`${seen} requests`);
    },
    { timeout: 120_000, interval: 2 },
  );
  child.kill(signal);
  const [code] = await ended;
  return { code, stderr: await said };
}
