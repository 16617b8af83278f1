import type { Command } from 'commander';
import { commandLine, fullName, withSubcommands } from './command-line.ts';
import { markdownTable } from './sections.ts';

const width = 100;

/** Makes the table of all commands, each with a link to its own page. */
export async function commandTable(): Promise<string> {
  const program = await commandLine();
  const rows = program.commands.map((command) => [
    `[\`${command.name()}\`](commands/${command.name()}.md)`,
    command.summary(),
  ]);
  return markdownTable(['command', 'does'], rows);
}

/** The full names of all commands and subcommands, without `holdfast`. */
export async function commandNames(): Promise<readonly string[]> {
  return [...withSubcommands(await commandLine())].flatMap((command) =>
    command.parent === null ? [] : [shortName(command)],
  );
}

/**
 * Makes the page of one command: the help that it prints itself, and links to its subcommands. The environment must not set
 * the defaults that the help shows.
 */
export async function commandReference(name: string): Promise<string> {
  const command = [...withSubcommands(await commandLine())].find((each) => shortName(each) === name);
  if (command === undefined) throw new Error(`there is no command ${name}`);
  const below = command.commands.map(
    (each) => `- [holdfast ${shortName(each)}](${pageName(shortName(each))})`,
  );
  return [`\`\`\`text\n${helpOf(command)}\n\`\`\``, ...(below.length > 0 ? [below.join('\n')] : [])].join(
    '\n\n',
  );
}

/** The file of a command's page in docs/commands. */
export const pageName = (name: string): string => `${name.replaceAll(' ', '-')}.md`;

const shortName = (command: Command): string => fullName(command).replace(/^holdfast ?/, '');

function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({
    writeOut: (part) => {
      text += part;
    },
    getOutHelpWidth: () => width,
    getOutHasColors: () => false,
  });
  command.outputHelp();
  return text
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
    .trim();
}
