import { writeSync } from 'node:fs';
import { pino } from 'pino/browser.js';
import type { Clock } from './clock.ts';
import type { LogLevel } from './config.ts';
import { HoldfastError } from './errors.ts';
import { withoutSecrets } from './secrets.ts';

/** Keys that a line has besides time, level and message. */
type Fields = Readonly<Record<string, unknown>>;

/** Writes a line of its level; nothing when the level is not shown. */
type WriteLine = (fields: object, text: string) => void;

/** A log whose every line has the keys that are bound to it. */
export interface Logger extends Readonly<Record<LogLevel, WriteLine>> {
  /** Makes a log that has further keys in every line. */
  child(fields: Fields): Logger;
}

/** This is where lines go. */
export interface LineSink {
  write(line: string): void;
}

/**
 * Writes one JSON line an entry before the call returns: an instance is frozen when its handler returns, so
 * nothing may wait in a buffer. Keys: time (ISO, UTC), level (word), msg, and what is bound or given.
 *
 * The entry of pino without streams, worker threads and serializers: it loads in a tenth of the time, and a cold start
 * waits for it. It is made once, for the first line: its child loggers take longer than a whole line does.
 */
export function createLog(level: LogLevel, clock: Clock, sink: LineSink = stdout): Logger {
  let lines: ReturnType<typeof pino> | undefined;
  const write = (of: LogLevel, fields: object, text: string): void => {
    lines ??= pino({
      level,
      timestamp: () => clock.now().toISOString(),
      browser: {
        formatters: { level: (label) => ({ level: label }) },
        write: (entry) => sink.write(withoutSecrets(`${JSON.stringify(entry)}\n`)),
      },
    });
    lines[of](fields, text);
  };
  return binding(write, {});
}

function binding(write: (of: LogLevel, fields: object, text: string) => void, bound: Fields): Logger {
  return {
    debug: (fields, text) => write('debug', { ...bound, ...fields }, text),
    info: (fields, text) => write('info', { ...bound, ...fields }, text),
    warn: (fields, text) => write('warn', { ...bound, ...fields }, text),
    error: (fields, text) => write('error', { ...bound, ...fields }, text),
    child: (fields) => binding(write, { ...bound, ...fields }),
  };
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
