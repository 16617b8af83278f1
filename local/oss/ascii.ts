/** Tells whether a text is the same in Latin-1 and UTF-8, as nearly all header values are. */
export function isAscii(text: string): boolean {
  return !/[^\u0020-\u007e]/.test(text);
}
