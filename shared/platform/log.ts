import { type DestinationStream, destination, type Logger, pino } from 'pino';
import type { Clock } from './clock.ts';
import type { LogLevel } from './config.ts';
import { HoldfastError } from './errors.ts';
import { withoutSecrets } from './secrets.ts';

export type { Logger };

/**
 * One JSON line an entry, written before the call returns: an instance is frozen when its handler returns,
 * so nothing may wait in a buffer. Keys: time (ISO, UTC), level (word), msg, and what is bound or given.
 */
export function createLog(
  level: LogLevel,
  clock: Clock,
  stream: DestinationStream = destination({ fd: 1, sync: true }),
): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":"${clock.now().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write: (line) => stream.write(withoutSecrets(line)) },
  );
}

/** An error as keys of a log line: code, reason, what to do; never a stack with headers in it. */
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
