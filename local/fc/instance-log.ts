import { format } from 'node:util';
import { systemClock } from '../../shared/platform/clock.ts';

/** Rising; ALIYUN_FC_LOG_LEVEL leaves out what is below it (Function Compute, logs of Node.js 18 and 20). */
const levels = ['debug', 'info', 'warn', 'error'];

type Write = (...parts: unknown[]) => void;

/** `context.logger`, and the same for `console`: time, request id and level before the message, one space between. */
export interface Logger {
  readonly debug: Write;
  readonly info: Write;
  readonly warn: Write;
  readonly error: Write;
  readonly log: Write;
}

/** Returns the logger of a request. What is written to `process.stdout` itself stays as it is. */
export function requestLogger(requestId: () => string): Logger {
  const least = levels.indexOf(process.env['ALIYUN_FC_LOG_LEVEL']?.toLowerCase() ?? '');
  const at =
    (level: string): Write =>
    (...parts) => {
      if (levels.indexOf(level) < least) return;
      const time = systemClock.now().toISOString();
      const stream = level === 'error' || level === 'warn' ? process.stderr : process.stdout;
      stream.write(`${time} ${requestId()} [${level}] ${format(...parts)}\n`);
    };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error'), log: at('info') };
}

/** Gives every line of `console` the prefix that Function Compute gives it. */
export function prefixConsole(requestId: () => string): void {
  Object.assign(console, requestLogger(requestId));
}
