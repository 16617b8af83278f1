import { parseDuration, wholeDays } from './duration.ts';

/*
 * The commonest ways to write the right thing in the wrong form, and what to write instead.
 */

/**
 * Tells what to write instead of `found`, in parentheses; empty when nobody knows.
 * @param expected what the schema says it expects
 * @param source how a value that is no text stands in the file, digit for digit
 */
export function hint(expected: string, found: unknown, source: string | undefined): string {
  const instead = hints.map((one) => one(expected, found, source)).find((text) => text !== undefined);
  return instead === undefined ? '' : ` (${instead})`;
}

type Hint = (expected: string, found: unknown, source: string | undefined) => string | undefined;

const quotes: Hint = (expected, found, source) =>
  /^(a glob|a text|the value of a tag|a name)/.test(expected) &&
  (found === null || typeof found !== 'object') &&
  source
    ? `quote it: "${source}"`
    : undefined;

const unit: Hint = (expected, found) =>
  expected.startsWith('a duration') && Number.isInteger(found)
    ? `write ${found}d for days, ${found}mo or ${found}y`
    : undefined;

const noUnit: Hint = (expected, found) => {
  if (!expected.startsWith('a number of days such as 365,') || typeof found !== 'string') return undefined;
  const duration = parseDuration(found);
  const days =
    'problem' in duration ? undefined : wholeDays(duration.months > 0 ? `${averageDays(duration)}d` : found);
  return typeof days === 'number' ? `write ${days}` : undefined;
};

const averageDays = ({ months }: { readonly months: number }): number => Math.round((months * 365.2425) / 12);

/** Words for true and false in YAML 1.1, plain text since. */
const booleans: Hint = (expected, found) => {
  if (!expected.startsWith('true or false') || typeof found !== 'string') return undefined;
  if (/^(yes|on|true)$/i.test(found)) return 'write true';
  return /^(no|off|false)$/i.test(found) ? 'write false' : undefined;
};

const noQuotes: Hint = (expected, found) =>
  /^\d+\b/.exec(expected)?.[0] === found ? 'without the quotes' : undefined;

const hints: readonly Hint[] = [quotes, unit, noUnit, booleans, noQuotes];
