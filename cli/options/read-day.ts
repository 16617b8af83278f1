import type { HoldfastError } from '../../shared/platform/errors.ts';
import { parseTagDate, type TagDate } from '../../shared/rules/tag-date.ts';

/**
 * Reads the value of an option that is a day, or an instant, in UTC unless it says otherwise.
 * @param usage makes the error of the command that takes it
 * @throws USAGE
 */
export function readDay(option: string, text: string, usage: (reason: string) => HoldfastError): TagDate {
  const date = parseTagDate(text);
  if ('problem' in date) throw usage(`${option}: ${date.problem}`);
  return date;
}
