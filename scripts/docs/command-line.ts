import { Command } from 'commander';
import { commands } from '../../cli/commands.ts';
import { withCommonOptions } from '../../cli/options/common-options.ts';

/** The command line as `holdfast` has it, with all commands loaded and none of its actions run yet. */
export async function commandLine(): Promise<Command> {
  const program = new Command('holdfast').exitOverride().configureOutput({ writeErr: () => undefined });
  for (const [name, { summary, load }] of Object.entries(commands)) {
    const command = program.command(name).summary(summary).description(summary);
    const { configure } = await load();
    configure(withCommonOptions(command));
  }
  return program;
}

/** A command and what is below it, in order. */
export function* withSubcommands(command: Command): Iterable<Command> {
  yield command;
  for (const below of command.commands) yield* withSubcommands(below);
}

/** `holdfast policy get` */
export const fullName = (command: Command): string =>
  command.parent === null ? command.name() : `${fullName(command.parent)} ${command.name()}`;
