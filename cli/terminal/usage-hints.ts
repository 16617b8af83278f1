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
 * @param command the command that the words led to
 */
export function usageReason(error: CommanderError, command: Command, words: readonly string[]): string {
  const reason = error.message.replace(/^error: /, '').replace('\n(Did you mean', ' (Did you mean');
  if (error.code === 'commander.excessArguments') {
    const operations = command.commands.map((each) => each.name());
    const given = words[words.indexOf(command.name()) + 1] ?? '';
    if (operations.length > 0 && !given.startsWith('-') && !operations.includes(given))
      return `unknown command '${given}'${didYouMean(given, operations)}`;
  }
  const [, value = '', choices] =
    /^command-argument value '(.*)' is invalid for argument '.*'\. Allowed choices are (.*)\.$/s.exec(
      reason,
    ) ?? [];
  if (choices === undefined) return reason;
  return `expected one of ${choices}, found '${value}'${didYouMean(value, choices.split(', '))}`;
}
