import { startStopwatch } from '../platform/clock.ts';

/* The last line of a terminal, which renews itself until something else is said. */

let isOpen = false;
let sinceSaid = startStopwatch();

/**
 * Shows a line in place of the last one, on standard error.
 * @param silentMs nothing is shown before nothing else was said for so many milliseconds
 */
export function showLiveLine(text: string, silentMs: number): void {
  if (!isOpen && sinceSaid() < silentMs) return;
  process.stderr.write(`\r\u001b[2K${text.slice(0, (process.stderr.columns ?? 80) - 1)}`);
  isOpen = true;
}

/** Takes the line away, since something else is said now. */
export function clearLiveLine(): void {
  sinceSaid = startStopwatch();
  if (isOpen) process.stderr.write('\r\u001b[2K');
  isOpen = false;
}
