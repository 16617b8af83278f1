import type { FaultEntry } from './api.ts';

/** A fault that the console has a switch for. */
export interface FaultPreset {
  readonly id: string;
  readonly title: string;
  /** The rule in full, as the admin API lists it. */
  readonly rule: FaultEntry;
}

const ofEvents = {
  kind: 'events',
  lose: 0,
  duplicate: 0,
  reorder: 0,
  encode: 0,
  early: 0,
  delayMs: 0,
  seed: 1,
};

/** The faults that have a switch; any other rule is written by hand. */
export const presets: readonly FaultPreset[] = [
  {
    id: 'retention-503',
    title: 'One in two writes of retention answers 503',
    rule: { operation: 'PutObjectRetention', rate: 0.5, effect: { status: 503, code: 'ServiceUnavailable' } },
  },
  {
    id: 'lock-lost',
    title: 'The answer to a lock of a policy is lost',
    rule: { operation: 'CompleteBucketWorm', effect: { reset: 'after' } },
  },
  {
    id: 'policy-stale',
    title: 'A policy reads as before for a minute after each change',
    rule: { operation: 'CompleteBucketWorm', effect: { stale: { ms: 60_000 } } },
  },
  {
    id: 'slow',
    title: 'Every request waits for half a second',
    rule: { effect: { delayMs: 500 } },
  },
  {
    id: 'events-lost',
    title: 'One event in five is lost',
    rule: { ...ofEvents, lose: 0.2 },
  },
  {
    id: 'events-twice',
    title: 'One event in five comes twice',
    rule: { ...ofEvents, duplicate: 0.2 },
  },
  {
    id: 'instances-killed',
    title: 'One instance in five is killed',
    rule: { kind: 'instances', killRate: 0.2, withinMs: 100, seed: 1 },
  },
];

/** Tells whether two rules are equal, whatever the order of their keys. */
export const isSameRule = (one: FaultEntry, other: FaultEntry): boolean => ordered(one) === ordered(other);

/** Returns the rules in force that have no switch. */
export const otherRules = (rules: readonly FaultEntry[]): readonly FaultEntry[] =>
  rules.filter((rule) => !presets.some((preset) => isSameRule(preset.rule, rule)));

const ordered = (value: unknown): string =>
  JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([one], [other]) => (one < other ? -1 : 1)))
      : part,
  );
