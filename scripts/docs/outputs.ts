import { documentForms } from '../../cli/documents/index.ts';
import { markdownTable } from './sections.ts';

const code = (words: string): string => `\`${words}\``;

/** Makes the table of everything that `--json` prints, from the forms that the tests hold. */
export function outputTable(): string {
  const rows = documentForms.map(({ format, commands, about, fields, isLine }) => [
    code(format),
    commands.length === 0 ? 'all' : commands.map(code).join(', '),
    about,
    fields.map(code).join(', '),
    isLine === true ? 'yes' : '',
  ]);
  return markdownTable(['format', 'command', 'is', 'fields', 'lines'], rows);
}
