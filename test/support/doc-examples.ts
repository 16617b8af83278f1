import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Code on a page, by its place. */
export interface Example {
  readonly page: string;
  readonly line: number;
  /** What stands after the fence, such as `yaml` or `sh run`; empty for indented code. */
  readonly info: string;
  readonly text: string;
}

/** The pages that users read. What is generated from the code needs no second look. */
export const docPages: readonly string[] = [
  'README.md',
  ...readdirSync('docs')
    .filter((name) => name.endsWith('.md') && name !== 'commands.md')
    .map((name) => join('docs', name)),
];

const fenced = /^ *```(.*)\n([\s\S]*?)^ *``` *$/gm;
const indented = /(?<=^|\n\n)(?: {4}.*(?:\n|$))+/g;

/** All fenced and indented code of a page. */
export function examplesOf(page: string): Example[] {
  const text = readFileSync(page, 'utf8');
  const lineAt = (index: number) => text.slice(0, index).split('\n').length;
  const inFences = [...text.matchAll(fenced)].map(({ index, 1: info = '', 2: code = '' }) => {
    return { page, line: lineAt(index) + 1, info: info.trim(), text: code };
  });
  const outside = text.replace(fenced, (fence) => fence.replace(/.+/g, ''));
  const byIndent = [...outside.matchAll(indented)].map(({ index, 0: code }) => {
    return { page, line: lineAt(index), info: '', text: code.replace(/^ {4}/gm, '') };
  });
  return [...inFences, ...byIndent];
}

/** A command as somebody would type it. */
export interface TypedCommand {
  readonly page: string;
  readonly line: number;
  readonly text: string;
  /** Without `holdfast` itself. */
  readonly words: readonly string[];
}

/** The holdfast commands in an example: one a line, with or without a prompt. */
export function commandsIn({ page, line, text }: Example): TypedCommand[] {
  return text.split('\n').flatMap((each, index) => {
    const [, command] = /^\s*(?:\$ )?(?:[A-Z_]+=\S+ )*(?:npx )?holdfast (.+)$/.exec(each) ?? [];
    if (command === undefined) return [];
    const words = wordsOf(command);
    return [{ page, line: line + index, text: each.trim(), words }];
  });
}

/** As a shell would, up to a pipe, a redirection, or a comment. */
export function wordsOf(command: string): string[] {
  const [plain = ''] = command.split(/ +(?:[|#>&]|2>)|;/);
  return [...plain.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, double, single, bare]) => {
    return double ?? single ?? bare ?? '';
  });
}
