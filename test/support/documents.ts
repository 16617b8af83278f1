import * as z from 'zod';
import type { DocumentForm } from '../../cli/documents/form.ts';
import { documentForms } from '../../cli/documents/index.ts';

const commandNames = new Set(documentForms.flatMap(({ commands }) => commands));

/** The command that these words call, as the forms name it: `hold list`, `plan`. */
function commandOf([first = '', second = '']: readonly string[]): string {
  const both = `${first} ${second}`;
  return commandNames.has(both) ? both : first;
}

/** These are the options with which standard output has something else than one document: a JSON Schema, a line for people, one document a run. */
const otherOutput = new Set(['--print-schema', '--outputs', '--output', '--watch', '--help']);

function printsDocuments(args: readonly string[]): boolean {
  const format = args[args.indexOf('--format') + 1] ?? '';
  const wantsJson = args.includes('--json') || ['json', 'jsonl'].includes(format);
  return wantsJson && !args.some((word) => otherOutput.has(word));
}

/**
 * Checks that what a command printed with --json is one document of its own, or JSON lines where that is its form.
 * @throws Error that names the command and what does not fit
 */
export function checkDocuments(args: readonly string[], stdout: string): void {
  if (stdout === '' || !printsDocuments(args)) return;
  const command = commandOf(args);
  const wrong = (what: string) => new Error(`holdfast ${args.join(' ')}: ${what}\n${stdout.slice(0, 2000)}`);
  const documents = documentsIn(stdout);
  let lines: z.ZodType | undefined;
  for (const document of documents) {
    const form = formOf(command, document);
    if (form === undefined) {
      if (lines === undefined) throw wrong(`no form of "${command}" fits: ${whyNot(command, document)}`);
      const parsed = lines.safeParse(document);
      if (!parsed.success) throw wrong(z.prettifyError(parsed.error));
      continue;
    }
    if (documents.length > 1 && form.isLine !== true) throw wrong(`${form.format} is not the only document`);
    lines = form.lines ?? lines;
  }
}

function documentsIn(stdout: string): readonly unknown[] {
  try {
    return [JSON.parse(stdout)];
  } catch {
    return stdout
      .trimEnd()
      .split('\n')
      .map((line): unknown => JSON.parse(line));
  }
}

const formsFor = (command: string, document: unknown): readonly DocumentForm[] => {
  const format =
    typeof document === 'object' && document !== null && 'format' in document ? document.format : undefined;
  return documentForms.filter(
    (form) => form.format === format && (form.commands.length === 0 || form.commands.includes(command)),
  );
};

const formOf = (command: string, document: unknown): DocumentForm | undefined =>
  formsFor(command, document).find(({ schema }) => schema.safeParse(document).success);

const whyNot = (command: string, document: unknown): string =>
  formsFor(command, document)
    .map(({ schema }) => z.prettifyError(schema.safeParse(document).error ?? new z.ZodError([])))
    .join('\nor: ') || 'it has no such format';
