import { type ErrorEntry, errorTable } from '../../shared/platform/error-table.ts';
import { markdownTable } from './sections.ts';

/** Every error by its code, as people see it, with what to do. Names in braces are filled in. */
export function errorCodes(): string {
  const entries: [string, ErrorEntry][] = Object.entries(errorTable);
  const rows = entries
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([code, { message, remedy, kind }]) => [
      `\`${code}\``,
      escaped(message),
      escaped(remedy),
      kind === 'transient' ? 'yes' : 'no',
    ]);
  return markdownTable(['code', 'message', 'what to do', 'may pass by itself'], rows);
}

/** Angle brackets would be HTML; code in backticks stands as it is. */
const escaped = (text: string): string => text.replaceAll('<', '&lt;');
