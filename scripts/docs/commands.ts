import type { Command } from 'commander';
import { commandLine, fullName, withSubcommands } from './command-line.ts';
import { markdownTable } from './sections.ts';

const width = 100;

/** Every command with the help that it prints itself. The environment must not set its defaults. */
export async function commandReference(): Promise<string> {
  const program = await commandLine();
  const all = [...withSubcommands(program)].filter((command) => command !== program);
  const rows = program.commands.map((command) => [
    `[\`${command.name()}\`](#${fullName(command).replaceAll(' ', '-')})`,
    command.summary(),
  ]);
  const sections = all.map((command) => {
    const level = command.parent === program ? '##' : '###';
    return `${level} ${fullName(command)}\n\n\`\`\`text\n${helpOf(command)}\n\`\`\``;
  });
  return [markdownTable(['command', 'does'], rows), ...sections].join('\n\n');
}

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
