import { Lexer } from 'yaml';
import { maxTextBytes } from '../platform/text.ts';

/** Something in a text that is not read further, and its place. */
export interface BoundsRefusal {
  readonly offset: number;
  readonly message: string;
}

/** More than any file that people write has; the parser calls itself once a level. */
const maxDepth = 64;

/** More aliases than a rules file needs, and too few to blow it up: each costs a walk through the whole text. */
export const maxAliases = 100;

/** The words of a text and where they begin, without the marks that the lexer adds. */
function* wordsOf(text: string): Generator<{ word: string; offset: number }> {
  let offset = 0;
  for (const word of new Lexer().lex(text)) {
    if (marks.includes(word)) continue;
    yield { word, offset };
    offset += word.length;
  }
}

const marks: readonly string[] = ['\u0002', '\u0018', '\u001f'];

/**
 * Finds what would cost a parser of YAML its stack, minutes, or gigabytes. It looks at the words of the text only, once.
 * @returns undefined when the text may be parsed
 */
export function beyondBounds(text: string): BoundsRefusal | undefined {
  if (text.length > maxTextBytes) {
    return { offset: 0, message: `the file has ${text.length} characters; at most ${maxTextBytes} are read` };
  }
  let [brackets, onLine, aliases] = [0, 0, 0];
  for (const { word, offset } of wordsOf(text)) {
    brackets += levels[word] ?? 0;
    onLine = /^[\r\n]/.test(word) ? 0 : onLine + Number(word === '-' || word === '?');
    aliases += Number(word.startsWith('*'));
    if (brackets + onLine > maxDepth) {
      return { offset, message: `nested too deeply: at most ${maxDepth} levels are read` };
    }
    if (aliases > maxAliases) return { offset, message: `expected at most ${maxAliases} uses of aliases` };
  }
  return undefined;
}

const levels: Readonly<Partial<Record<string, number>>> = { '[': 1, '{': 1, ']': -1, '}': -1 };

/**
 * Finds what is YAML and no JSON in the text of a `.json` file.
 * @returns undefined when the text is JSON
 */
export function notJson(text: string): BoundsRefusal | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    return (
      findNotJson(text) ?? {
        offset: Number(/position (\d+)/.exec(said)?.[1] ?? 0),
        message: `expected JSON: ${said}`,
      }
    );
  }
}

function findNotJson(text: string): BoundsRefusal | undefined {
  let comma: number | undefined;
  for (const { word, offset } of wordsOf(text)) {
    const message = yamlOnly[word.charAt(0)];
    if (message !== undefined) return { offset, message };
    if (/^[\]}]$/.test(word) && comma !== undefined) {
      return { offset: comma, message: 'JSON takes no comma before a closing bracket; remove it' };
    }
    if (word.trim() !== '') comma = word === ',' ? offset : undefined;
  }
  return undefined;
}

/** First characters of words that YAML has and JSON has not. */
const yamlOnly: Readonly<Partial<Record<string, string>>> = {
  '#': 'JSON has no comments; remove it, or use YAML',
  "'": 'JSON has texts in double quotes only: "…"',
  '&': 'JSON has no anchors and aliases',
  '*': 'JSON has no anchors and aliases',
};
