import { Command, CommanderError } from 'commander';
import { version } from '../package.json';
import { failure } from '../shared/platform/errors.ts';
import { nameKeyInErrors } from '../shared/terminal/error.ts';
import { commands } from './commands.ts';
import { openedIdentities } from './credentials/opened.ts';
import { interrupt } from './interrupt.ts';
import { showError } from './output.ts';
import { followReader } from './reader.ts';

/** Lets this process be the command: it heeds Ctrl-C and its reader, and runs the words it was called with. */
export async function main(words: readonly string[]): Promise<void> {
  process.on('SIGINT', interrupt);
  followReader();
  await runCommand(words);
}

/**
 * Runs the command line for these words, and sets `process.exitCode`. It may be called again and again: it keeps nothing.
 * @param words what follows the program's name
 */
export async function runCommand(words: readonly string[]): Promise<void> {
  openedIdentities.clear();
  nameKeyInErrors(undefined);
  const program = new Command('holdfast')
    .description('Retention for OSS from one rules file.')
    .version(version)
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({ outputError: () => undefined })
    .addHelpText('after', '\nExit code: 0 done, 1 failed, 2 wrong usage or invalid rules.');
  try {
    for (const [name, { summary, load }] of Object.entries(commands)) {
      const command = program.command(name).summary(summary).description(summary);
      if (!words.includes(name)) continue;
      const { configure } = await load();
      configure(command.option('--json', 'print JSON for machines'));
    }
    await program.parseAsync(words, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) finish(error, program, words);
    else showError(error, words.includes('--json'));
    // There 2 says that there are changes, so nothing that went wrong may say it.
    if (process.exitCode === 2 && words.includes('--detailed-exitcode')) process.exitCode = 1;
  }
}

/** Commander throws when it has printed help or the version, and when it did not understand. */
function finish(error: CommanderError, program: Command, words: readonly string[]): void {
  if (error.exitCode === 0) return;
  if (error.code === 'commander.help') {
    process.exitCode = 2; // no command was named: commander has printed the help
    return;
  }
  const name = words.find((word) => Object.hasOwn(commands, word));
  const command = program.commands.find((each) => each.name() === name);
  const operation = command?.commands.find((each) => words.includes(each.name()));
  const reason = error.message.replace(/^error: /, '').replaceAll('\n', ' ');
  const named = [program, command, operation].flatMap((each) => each?.name() ?? []);
  showError(failure('USAGE', { reason, command: named.join(' ') }), words.includes('--json'));
}
