import { stripVTControlCharacters } from 'node:util';
import stringWidth from 'string-width';

/** Returns how many columns a line takes on the screen. ASCII, colours or not, needs no Unicode data, which take long to load. */
export function widthOf(line: string): number {
  const text = stripVTControlCharacters(line);
  return /^[ -~]*$/.test(text) ? text.length : stringWidth(text);
}
