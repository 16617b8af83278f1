import { Command, CommanderError } from 'commander';
import { version } from '../package.json';
import { failure, hasCode } from '../shared/platform/errors.ts';
import { columnsOf } from '../shared/terminal/columns.ts';
import { documentsOf } from '../shared/terminal/document.ts';
import { nameKeyInErrors } from '../shared/terminal/error.ts';
import { beQuiet, beWide } from '../shared/terminal/print.ts';
import { fillParagraphs } from '../shared/terminal/wrap.ts';
import { commands } from './commands.ts';
import { openedIdentities } from './credentials/opened.ts';
import { helpStyle, withCommonOptions } from './options/common-options.ts';
import { usage } from './options/usage.ts';
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
  let asked = program;
  try {
    await addCommands(program, words, (called) => {
      asked = called;
    });
    await program.parseAsync(words, { from: 'user' });
  } catch (error) {
    const told = toldOf(error, asked, words);
    if (told !== undefined) showError(told, words.includes('--json'));
    // There 2 says that there are changes, so nothing that went wrong may say it.
    if (process.exitCode === 2 && words.includes('--detailed-exitcode')) process.exitCode = 1;
  } finally {
    unfollowRequests();
  }
}

/**
 * Adds all commands. The ones that the words may mean are loaded, with what they take.
 * @param follow is told of each command that the words lead to, so that the last one is the one that is asked
 * @throws USAGE
 */
async function addCommands(
  program: Command,
  words: readonly string[],
  follow: (called: Command) => void,
): Promise<void> {
  program.hook('preSubcommand', (_, called) => follow(called));
  const [first = '--'] = words;
  const isKnown = first.startsWith('-') || first === 'help' || Object.hasOwn(commands, first);
  if (!isKnown) throw usage(`unknown command '${first}'${didYouMean(first, Object.keys(commands))}`);
  for (const [name, { summary, load }] of Object.entries(commands)) {
    const command = program.command(name).summary(summary).description(summary);
    if (!words.includes(name)) continue;
    if (words[0] === name) follow(command);
    const { configure } = await load();
    configure(withCommonOptions(command).hook('preSubcommand', (_, called) => follow(called)));
    checkOperation(command, words);
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
function checkOperation(command: Command, [name, operation = '', ...rest]: readonly string[]): void {
  const names = command.commands.map((each) => each.name());
  if (name !== command.name() || names.length === 0 || !rest.includes('--help') || names.includes(operation))
    return;
  if (operation.startsWith('-') || operation === 'help') return;
  throw usage(`unknown command '${operation}'${didYouMean(operation, names)}`);
}

/**
 * Returns the error that a person reads, where there is one: commander throws, too, when it has printed help or the version.
 * @param asked the command that the words led to
 */
function toldOf(error: unknown, asked: Command, words: readonly string[]): unknown {
  if (!(error instanceof CommanderError)) return withHelp(error, asked);
  if (error.exitCode === 0) return undefined;
  if (error.code !== 'commander.help') return withHelp(usage(usageReason(error, asked, words)), asked);
  process.exitCode = 2; // no command was named: commander has printed the help
  return undefined;
}

/** Names the help of the command that ran to whoever has used it wrongly: what refuses an argument need not know whose it is. */
function withHelp(error: unknown, asked: Command): unknown {
  if (!hasCode(error, 'USAGE')) return error;
  const remedy = `see \`${nameOf(asked)} --help\``;
  return failure('USAGE', { reason: error.message }, { cause: error, remedy });
}

const nameOf = (command: Command): string =>
  command.parent === null ? command.name() : `${nameOf(command.parent)} ${command.name()}`;
