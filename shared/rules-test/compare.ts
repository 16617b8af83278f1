import { formatInstant } from '../platform/instant.ts';
import type { Expectation, FoundDecision } from './types.ts';

/** A field in which a decision is not what the case expects, as text. */
export interface Difference {
  readonly field: string;
  readonly expected: string;
  readonly found: string;
}

/**
 * Tells where the decision differs; empty when it is as expected. What the case leaves open is not compared, but for
 * errors.
 */
export function compare(expected: Expectation, found: FoundDecision): Difference[] {
  const fields: [field: string, expected: string | undefined, found: string][] = [
    ['action', expected.action, found.action],
    ['rule', expected.rule, found.rule ?? none],
    ['others', expected.others && list(expected.others.toSorted()), list(found.others.toSorted())],
    [
      'until',
      expected.until && formatInstant(expected.until),
      found.until ? formatInstant(found.until) : none,
    ],
    ['days', expected.days?.toString(), found.days?.toString() ?? none],
    ['problem', expected.problem, found.problem ?? none],
    ['code', list(expected.codes), list(found.codes)],
  ];
  const plain = fields.flatMap(([field, wanted, actual]) =>
    wanted === undefined || wanted === actual ? [] : [{ field, expected: wanted, found: actual }],
  );
  return [...plain, ...compareWarnings(expected.warnings, found.warnings)];
}

/** Each text has to be a part of the warning in its place. */
function compareWarnings(parts: readonly string[] | undefined, warnings: readonly string[]): Difference[] {
  if (parts === undefined) return [];
  const fits =
    parts.length === warnings.length && parts.every((part, index) => warnings[index]?.includes(part));
  return fits ? [] : [{ field: 'warnings', expected: list(parts), found: list(warnings) }];
}

const none = 'none';
const list = (texts: readonly string[]): string => (texts.length === 0 ? none : texts.join(', '));
