import { startStopwatch } from '../platform/clock.ts';
import { columnsOf } from './columns.ts';

/* The last line of a terminal, which renews itself until something else is said. */

let isOpen = false;
let holders = 0;
let sinceSaid = startStopwatch();

/**
 * Shows a line in place of the last one, on standard error.
 * @param silentMs nothing is shown before nothing else was said for so many milliseconds
 */
export function showLiveLine(text: string, silentMs: number): void {
  if (holders > 0 || (!isOpen && sinceSaid() < silentMs)) return;
  process.stderr.write(`\r\u001b[2K${text.slice(0, (columnsOf(process.stderr) ?? 80) - 1)}`);
  isOpen = true;
}

/** Takes the line away, since something else is said now. */
export function clearLiveLine(): void {
  sinceSaid = startStopwatch();
  if (isOpen) process.stderr.write('\r\u001b[2K');
  isOpen = false;
}

/**
 * Keeps the line away while somebody is asked something: the question stands where the line would be.
 * @returns ends that; calling it twice does no harm
 */
export function holdLiveLine(): () => void {
  clearLiveLine();
  holders += 1;
  let isHeld = true;
  return () => {
    if (isHeld) holders -= 1;
    isHeld = false;
    clearLiveLine();
  };
}
