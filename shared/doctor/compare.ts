import { isDeepStrictEqual } from 'node:util';

/** By name: what s.yaml gives, and what is deployed. */
export type Expected = Readonly<Record<string, readonly [wanted: unknown, found: unknown]>>;

/** Tells what differs, in words; undefined when nothing does. */
export function settingDifferences(expected: Expected): string | undefined {
  const odd = Object.entries(expected).filter(([, [wanted, found]]) => !isAs(wanted, found));
  if (odd.length === 0) return undefined;
  return odd
    .map(([name, [wanted, found]]) => `${name} is ${inWords(found)}, not ${inWords(wanted)}`)
    .join('; ');
}

/** Compares two values. An ARN is compared without its account where that is not known here. */
function isAs(wanted: unknown, found: unknown): boolean {
  if (typeof wanted !== 'string' || typeof found !== 'string' || !account.test(wanted)) {
    return isDeepStrictEqual(wanted, found);
  }
  const [before = '', after = ''] = wanted.split(account);
  return (
    found.startsWith(before) &&
    found.endsWith(after) &&
    /^\d+$/.test(found.slice(before.length, found.length - after.length))
  );
}

const account = /\$\{config\([^}]*\)\}/;

const inWords = (value: unknown): string => (value === undefined ? 'unset' : JSON.stringify(value));
