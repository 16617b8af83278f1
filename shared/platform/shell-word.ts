/**
 * Returns a text as one word of a POSIX shell: as it is, or in quotes where a shell would take it apart or carry it out. Keys are
 * what anybody who may upload has chosen, and a command in a message is made to be pasted.
 */
export const shellWord = (text: string): string =>
  /^[\w./:@%+,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
