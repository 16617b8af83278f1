import type { Outcome } from './instance.ts';

/**
 * Tells what an instance wrote, between the marker lines that Function Compute puts around it (logs of Node.js; the
 * ending of a failed call is that of custom runtimes' log format).
 */
export function markedLines(
  phase: 'Initialize' | 'Invoke',
  requestId: string,
  { ok, logs }: Outcome,
): string[] {
  const ending = ok ? '' : ', Error: Unhandled function error';
  return [
    `FC ${phase} Start RequestId: ${requestId}`,
    ...logs,
    `FC ${phase} End RequestId: ${requestId}${ending}`,
  ];
}

const longestTail = 4096;

/** Returns the value of `x-fc-log-result`: the last 4 KB of the log, as base64 (InvokeFunction, X-Fc-Log-Type). */
export function logTail(lines: readonly string[]): string {
  return Buffer.from(lines.map((line) => `${line}\n`).join(''))
    .subarray(-longestTail)
    .toString('base64');
}
