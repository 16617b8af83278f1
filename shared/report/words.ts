import type { Standing } from './standings.ts';

/** This is how people read the report: words that the text and the page share. Pure, and without any package. */

export const standingWords: Readonly<Record<Standing, string>> = {
  unprotected: 'unprotected',
  'too-short': 'held too short',
  unknown: 'unknown',
  protected: 'protected',
  expected: 'expected',
  elapsed: 'date is past',
  uncovered: 'no rule',
  'delete-marker': 'delete marker',
};

/** This is what each standing means, in one sentence. */
export const standingMeanings: Readonly<Record<Standing, string>> = {
  unprotected: 'a rule covers it and nothing holds it',
  'too-short': 'held now, and not as long as the rules ask',
  unknown: 'it could not be found out',
  protected: 'held at least as long as the rules ask; the service says so',
  expected: 'the rules give it a date to come; what the service stores was not read',
  elapsed: 'the date that the rules give is past; it may be deleted, unless something else holds it',
  uncovered: 'no rule covers it; what the service stores was not read',
  'delete-marker': 'carries no data',
};

const number = new Intl.NumberFormat('en');
export const count = (value: number): string => number.format(value);

/** `1 version`, `2 versions`. */
export const plural = (value: number, one: string, many = `${one}s`): string =>
  `${count(value)} ${value === 1 ? one : many}`;

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'];

/** `3.2 GiB`: three digits at most before the next unit. */
export function bytes(value: number): string {
  const power = value < 1 ? 0 : Math.min(Math.floor(Math.log2(value) / 10), units.length - 1);
  const scaled = value / 1024 ** power;
  return `${power === 0 || scaled >= 100 ? Math.round(scaled) : scaled.toFixed(1)} ${units[power]}`;
}

/** Bytes of versions; says when some of them have no known size. */
export const size = ({
  bytes: known,
  unsized,
}: {
  readonly bytes: number;
  readonly unsized: number;
}): string =>
  unsized === 0 ? bytes(known) : `${bytes(known)} and ${plural(unsized, 'version')} of unknown size`;
