import type { ErrorEntry } from '../../shared/platform/error-table/entry.ts';
import { errorTable } from '../../shared/platform/error-table.ts';
import { markdownTable } from './sections.ts';

/**
 * Makes the table of the errors whose codes begin with a letter from `first` to `last`: the message as people see it, and
 * what to do. Names in braces are filled in when the error is reported.
 */
export function errorCodes(first: string, last: string): string {
  const entries: [string, ErrorEntry][] = Object.entries(errorTable);
  const rows = entries
    .filter(([code]) => code.charAt(0) >= first && code.charAt(0) <= last)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([code, { message, remedy, kind }]) => [
      `\`${code}\``,
      escaped(message),
      escaped(remedy),
      kind === 'transient' ? 'yes' : 'no',
    ]);
  return markdownTable(['code', 'message', 'what to do', 'may pass by itself'], rows);
}

/** Angle brackets would be HTML; code in backticks stands as it is. A word that goes with a number stands in the plural. */
const escaped = (text: string): string => text.replaceAll('<', '&lt;').replace(/\{\w+\|\w+\|(\w+)\}/g, '$1');
