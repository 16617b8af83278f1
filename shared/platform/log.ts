import { writeSync } from 'node:fs';
import type { Logger } from 'pino';
import { pino } from 'pino/browser.js';
import type { Clock } from './clock.ts';
import type { LogLevel } from './config.ts';
import { HoldfastError } from './errors.ts';
import { withoutSecrets } from './secrets.ts';

export type { Logger };

/** This is where lines go. */
export interface LineSink {
  write(line: string): void;
}

/**
 * Writes one JSON line an entry before the call returns: an instance is frozen when its handler returns, so
 * nothing may wait in a buffer. Keys: time (ISO, UTC), level (word), msg, and what is bound or given.
 *
 * The entry of pino without streams, worker threads and serializers: it loads in a tenth of the time, and a cold start
 * waits for it.
 */
export function createLog(level: LogLevel, clock: Clock, sink: LineSink = stdout): Logger {
  return pino({
    level,
    timestamp: () => clock.now().toISOString(),
    browser: {
      formatters: { level: (label) => ({ level: label }) },
      write: (entry) => sink.write(withoutSecrets(`${JSON.stringify(entry)}\n`)),
    },
  });
}

const stdout: LineSink = {
  write(line) {
    const bytes = Buffer.from(line);
    for (let at = 0; at < bytes.length; ) at += writeSome(bytes.subarray(at));
  },
};

/** A moment in which whoever reads the pipe can go on. */
const pauseMs = 5;

/** @returns how many bytes were written; none when the pipe is full */
function writeSome(bytes: Uint8Array): number {
  try {
    return writeSync(1, bytes);
  } catch (error) {
    if (!isFull(error)) throw error;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pauseMs);
    return 0;
  }
}

const isFull = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'EAGAIN';

/** Returns an error as keys of a log line: code, reason, what to do; never a stack with headers in it. */
export function errorFields(error: unknown): Record<string, unknown> {
  if (error instanceof HoldfastError) {
    const { code, message, remedy, transient, reply } = error;
    return { code, reason: message, remedy, transient, ossCode: reply.code, ossRequestId: reply.requestId };
  }
  return {
    code: 'UNEXPECTED',
    reason: withoutSecrets(error instanceof Error ? (error.stack ?? error.message) : String(error)),
  };
}
