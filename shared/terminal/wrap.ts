import { widthOf } from './width.ts';

/**
 * Breaks lines between words. Further lines are indented like the first. A word that is wider than the terminal, such as a
 * path, stays whole: the terminal breaks it, and it can still be copied.
 * @param columns the width; undefined leaves the text as it is
 */
export function wrapProse(text: string, columns: number | undefined): string {
  if (columns === undefined) return text;
  return text
    .split('\n')
    .map((line) => wrapLine(line, columns))
    .join('\n');
}

/**
 * Breaks lines that begin at the margin between words. An indented line may be a command or an example that somebody copies,
 * so it stays whole.
 * @param columns the width; undefined leaves the text as it is
 */
export function wrapAtMargin(text: string, columns: number | undefined): string {
  if (columns === undefined) return text;
  return text
    .split('\n')
    .map((line) => (line.startsWith(' ') ? line : wrapLine(line, columns)))
    .join('\n');
}

/**
 * Fills paragraphs: lines that begin at the margin, one after the other, are one paragraph and break anew between words.
 * Indented lines stay as they are.
 * @param columns the width; undefined leaves the text as it is
 */
export function fillParagraphs(text: string, columns: number | undefined): string {
  if (columns === undefined) return text;
  return wrapAtMargin(text.replace(/(?<=^\S.*)\n(?=\S)/gm, ' '), columns);
}

/**
 * Breaks a line between words, and indents further lines under its text.
 * @param label begins the first line; its width is where the text stands
 * @param columns the width; undefined leaves the line whole
 */
export function wrapUnder(label: string, text: string, columns: number | undefined): string {
  const indent = ' '.repeat(widthOf(label));
  const wrapped = wrapProse(`${indent}${text}`, columns);
  return `${label}${wrapped.slice(indent.length)}`;
}

function wrapLine(line: string, columns: number): string {
  if (widthOf(line) <= columns) return line;
  const indent = /^ */.exec(line)?.[0] ?? '';
  const lines: string[] = [];
  let current = indent;
  for (const word of line.slice(indent.length).split(' ')) {
    const longer = current === indent ? `${indent}${word}` : `${current} ${word}`;
    if (current !== indent && widthOf(longer) > columns) {
      lines.push(current);
      current = `${indent}${word}`;
    } else current = longer;
  }
  return [...lines, current].join('\n');
}
