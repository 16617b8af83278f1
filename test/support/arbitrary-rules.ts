import fc from 'fast-check';
import { day, minute } from '../../shared/platform/instant.ts';
import { parseDuration } from '../../shared/rules/duration.ts';
import { eventHoldOf } from '../../shared/rules/event-hold.ts';
import { compilePattern } from '../../shared/rules/pattern.ts';
import type {
  Duration,
  ObjectExtend,
  ObjectRule,
  Pattern,
  Retain,
  Rules,
  YearEnd,
} from '../../shared/rules/types.ts';
import type { Tags } from '../../shared/storage/port.ts';

export function duration(text: string): Duration {
  const parsed = parseDuration(text);
  if ('problem' in parsed) throw new Error(parsed.problem);
  return parsed;
}

export function pattern(subject: 'key' | 'text', ...globs: string[]): Pattern {
  const compiled = compilePattern(globs, subject);
  if ('problem' in compiled) throw new Error(compiled.problem);
  return compiled;
}

const durations = fc
  .constantFrom('1d', '30d', '26w', '18mo', '1y6mo', '7y', '10y', '12y', 'P1Y', '36h')
  .map(duration);
const maybe = fc.option(durations, { nil: undefined });
const tagNames = ['class', 'retain-for', 'retain-until', 'closed-on'] as const;
const bounds = fc.record({ atLeast: maybe, atMost: maybe, otherwise: maybe });
const tag = fc.constantFrom(...tagNames);

/** Last days of years that every year has, in every zone. */
export const yearEnds: fc.Arbitrary<YearEnd> = fc
  .record({
    month: fc.integer({ min: 1, max: 12 }),
    date: fc.integer({ min: 1, max: 31 }),
    offsetMs: fc.integer({ min: -12 * 4, max: 14 * 4 }).map((quarters) => quarters * 15 * minute),
  })
  .filter(({ month, date }) => new Date(Date.UTC(2001, month - 1, date)).getUTCDate() === date);

const retain: fc.Arbitrary<Retain> = fc.oneof(
  durations.map((period): Retain => ({ kind: 'for', period })),
  fc.tuple(tag, bounds).map(([name, b]): Retain => ({ kind: 'for-tag', tag: name, ...b })),
  fc.tuple(tag, bounds).map(([name, b]): Retain => ({ kind: 'until-tag', tag: name, ...b })),
  fc
    .tuple(tag, durations, bounds)
    .map(([name, period, b]): Retain => ({ kind: 'from-tag', tag: name, period, ...b })),
  fc
    .tuple(tag, durations, bounds, yearEnds)
    .map(([name, period, b, yearEnd]): Retain => ({ kind: 'from-tag', tag: name, period, yearEnd, ...b })),
  fc.tuple(tag, durations, bounds).map(
    ([name, period, b]): Retain => ({
      kind: 'from-tag',
      tag: name,
      period,
      whileOpen: eventHoldOf(period),
      ...b,
    }),
  ),
  fc
    .tuple(durations, yearEnds)
    .map(([period, yearEnd]): Retain => ({ kind: 'from-year-end', period, yearEnd })),
);

const tagMatches = fc
  .uniqueArray(fc.tuple(tag, fc.constantFrom('*', 'finance', '20*')), {
    selector: ([name]) => name,
    maxLength: 2,
  })
  .map((entries) => new Map(entries.map(([name, glob]) => [name, pattern('text', glob)] as const)));

const wholeDays = (max: number) => fc.integer({ min: 1, max }).map((count) => count * day);

/** Margins and generations of every proportion. */
export const extensions: fc.Arbitrary<ObjectExtend> = fc.record({
  withinMs: wholeDays(400),
  byMs: wholeDays(400),
  upTo: fc.constantFrom('30d', '18mo', '7y', '12y').map(duration),
});

/** Object rules of every kind, all for bucket `b`, with unique names. */
export const objectRules: fc.Arbitrary<ObjectRule[]> = fc
  .array(
    fc.record({
      retain,
      tags: tagMatches,
      key: fc.constantFrom(undefined, '**', 'a/**'),
      extend: fc.option(extensions, { nil: undefined }),
    }),
    {
      maxLength: 5,
    },
  )
  .map((parts) =>
    parts.map(({ retain: how, tags, key, extend }, index) => ({
      name: `rule-${index}`,
      match: { bucket: pattern('text', 'b'), key: key === undefined ? undefined : pattern('key', key), tags },
      retain: how,
      extend,
    })),
  );

export const rulesOf = (objects: readonly ObjectRule[], maxRetention = '10y'): Rules => ({
  cloud: 'oss',
  limits: { maxRetention: duration(maxRetention) },
  objects,
  buckets: [],
  defaults: [],
});

/** Tag values that people write, and some that nobody can read. */
export const tagSets: fc.Arbitrary<Tags> = fc
  .dictionary(
    fc.oneof(tag, fc.constantFrom('constructor', '__proto__')),
    fc.oneof(
      fc.constantFrom(
        'finance',
        '7y',
        '90d',
        '200y',
        'P3Y',
        '2033-01-01',
        '2019-02-28',
        '2027-05-05T10:00:00Z',
        '',
        '7',
        'soon',
      ),
      fc.string({ maxLength: 12 }),
    ),
  )
  .map((tags) => new Map(Object.entries(tags)));

/** Instants between 2015 and 2040, to the millisecond. */
export const instants = fc.date({
  min: new Date('2015-01-01T00:00:00Z'),
  max: new Date('2040-01-01T00:00:00Z'),
  noInvalidDate: true,
});
