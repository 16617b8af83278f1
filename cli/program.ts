import { Command, CommanderError } from 'commander';
import { version } from '../package.json';
import { failure } from '../shared/platform/errors.ts';
import { columnsOf } from '../shared/terminal/columns.ts';
import { documentsOf } from '../shared/terminal/document.ts';
import { nameKeyInErrors } from '../shared/terminal/error.ts';
import { beQuiet, beWide } from '../shared/terminal/print.ts';
import { fillParagraphs } from '../shared/terminal/wrap.ts';
import { commands } from './commands.ts';
import { openedIdentities } from './credentials/opened.ts';
import { helpStyle, withCommonOptions } from './options/common-options.ts';
import { interrupt } from './terminal/interrupt.ts';
import { showError } from './terminal/output.ts';
import { followReader } from './terminal/reader.ts';
import { followRequests, unfollowRequests } from './terminal/requests.ts';
import { didYouMean, usageReason } from './terminal/usage-hints.ts';

/** Lets this process be the command: it heeds Ctrl-C and its reader, and runs the words it was called with. */
export async function main(words: readonly string[]): Promise<void> {
  process.on('SIGINT', interrupt);
  followReader();
  await runCommand(words);
}

/**
 * Runs the command line for these words, and sets `process.exitCode`. It may be called again and again: it keeps nothing.
 * @param given what follows the program's name
 */
export async function runCommand(given: readonly string[]): Promise<void> {
  openedIdentities.clear();
  nameKeyInErrors(undefined);
  const isQuiet = given.includes('--quiet') || given.includes('-q');
  beQuiet(isQuiet);
  if (given[0] === '__complete') {
    const { candidatesFor } = await import('./complete.ts');
    const found = await candidatesFor(given.slice(1));
    process.stdout.write(found.map((each) => `${each}\n`).join(''));
    return;
  }
  const words = helpWords(given);
  documentsOf(words.find((word) => Object.hasOwn(commands, word)));
  beWide(words.includes('--wide'));
  // `local` waits for requests, and --watch for changes, for as long as they are wanted.
  const serves = words[0] === 'local' || words.includes('--watch');
  const verbose = words.includes('--verbose') || words.includes('-v');
  followRequests({ verbose, waiting: !isQuiet && !serves });
  const program = new Command('holdfast')
    .description('Retention for OSS from one rules file.')
    .version(version)
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({
      outputError: () => undefined,
      writeOut: writeHelp,
      getOutHelpWidth: () => columnsOf(process.stdout) ?? 80,
    })
    .configureHelp(helpStyle)
    .addHelpText('after', '\nExit code: 0 done, 1 failed, 2 wrong usage or invalid rules.');
  try {
    for (const [name, { summary, load }] of Object.entries(commands)) {
      const command = program.command(name).summary(summary).description(summary);
      if (!words.includes(name)) continue;
      const { configure } = await load();
      configure(withCommonOptions(command));
      checkOperation(command, words);
    }
    await program.parseAsync(words, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) finish(error, program, words);
    else showError(error, words.includes('--json'));
    // There 2 says that there are changes, so nothing that went wrong may say it.
    if (process.exitCode === 2 && words.includes('--detailed-exitcode')) process.exitCode = 1;
  } finally {
    unfollowRequests();
  }
}

/** Prints help. On a terminal its paragraphs are as wide as that is. */
function writeHelp(text: string): void {
  process.stdout.write(fillParagraphs(text, columnsOf(process.stdout)));
}

/** `help policy lock` is what commander knows as `policy lock --help`; of a command that does not exist it would print all help. */
function helpWords(words: readonly string[]): readonly string[] {
  const [first, ...rest] = words;
  const [command = ''] = rest;
  if (first !== 'help' || rest.length === 0) return words;
  if (rest.length === 1 && !Object.hasOwn(commands, command)) return command.startsWith('-') ? words : rest;
  return rest.length > 1 ? [...rest, '--help'] : words;
}

/** Refuses an operation that does not exist where help is asked for: commander takes an operation that does not exist for an argument there. @throws USAGE */
function checkOperation(command: Command, [, operation = '', ...rest]: readonly string[]): void {
  const names = command.commands.map((each) => each.name());
  if (names.length === 0 || !rest.includes('--help') || names.includes(operation)) return;
  if (operation.startsWith('-') || operation === 'help') return;
  const reason = `unknown command '${operation}'${didYouMean(operation, names)}`;
  throw failure('USAGE', { reason, command: `holdfast ${command.name()}` });
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
  const reason = usageReason(error, command, words);
  const named = [program, command, operation].flatMap((each) => each?.name() ?? []);
  showError(failure('USAGE', { reason, command: named.join(' ') }), words.includes('--json'));
}
