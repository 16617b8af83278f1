import { parseTagDate, type TagDate } from '../../shared/rules/tag-date.ts';
import { usage } from './usage.ts';

/**
 * Reads the value of an option that is a day, or an instant, in UTC unless it says otherwise.
 * @throws USAGE
 */
export function readDay(option: string, text: string): TagDate {
  const date = parseTagDate(text);
  if ('problem' in date) throw usage(`${option}: ${date.problem}`);
  return date;
}
