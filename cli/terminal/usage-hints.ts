import type { Command, CommanderError } from 'commander';
import { distance } from 'fastest-levenshtein';

/** Returns the nearest of some names in words, where one is near enough to be meant; else nothing. */
export function didYouMean(given: string, names: readonly string[]): string {
  const [near] = names.toSorted((one, other) => distance(given, one) - distance(given, other));
  const isNear = near !== undefined && distance(given, near) <= Math.max(1, Math.floor(given.length / 2));
  return isNear ? ` (Did you mean ${near}?)` : '';
}

/**
 * Says what commander did not understand, with the nearest name where it knows one.
 * @param command the command that the words name, where there is one
 */
export function usageReason(
  error: CommanderError,
  command: Command | undefined,
  words: readonly string[],
): string {
  const reason = error.message.replace(/^error: /, '').replaceAll('\n', ' ');
  if (error.code === 'commander.excessArguments' && command !== undefined) {
    const operations = command.commands.map((each) => each.name());
    const given = words[words.indexOf(command.name()) + 1] ?? '';
    if (operations.length > 0 && !given.startsWith('-') && !operations.includes(given))
      return `unknown command '${given}'${didYouMean(given, operations)}`;
  }
  const [, value = '', choices] =
    /value '(.*)' is invalid for .* Allowed choices are (.*)\.$/.exec(reason) ?? [];
  return choices === undefined ? reason : `${reason}${didYouMean(value, choices.split(', '))}`;
}
