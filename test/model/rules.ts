import { day } from '../../shared/platform/instant.ts';

/** Rules of every kind that counts days alone, so that the model needs no calendar. */
export const rulesText = `version: 1
limits: { maxRetention: 2100d }
deadLetters: [oss://letters/kept/, obs://letters/kept/]
objects:
  - { name: folder, match: { bucket: docs, key: "keep/**" }, retain: 400d }
  - { name: finance, match: { bucket: docs, tags: { class: finance } }, retain: 2000d }
  - { name: asked, match: { bucket: docs, tags: { hold: "*" } }, retain: { forTag: hold, atLeast: 30d, atMost: 1800d } }
  - { name: until, match: { bucket: docs, tags: { until: "*" } }, retain: { untilTag: until } }
buckets:
  - { name: accepted, match: { bucket: accepted }, policy: { days: { atLeast: 30, atMost: 60 }, lock: { after: 20h } } }
  - { name: strict, match: { bucket: strict }, policy: { days: 40, lock: { after: 20h }, mismatch: abort } }
  - { name: watched, match: { bucket: watched }, policy: { days: 30, lock: false } }
  - name: own
    match: { bucket: own }
    policy: { days: 10, initiate: true, lock: { after: 20h }, extend: { within: 9d, by: 10d, upTo: 25d } }
`;

export type TagSet = Readonly<Record<string, string>>;

export const keys = ['keep/a', 'keep/b', 'free/c'] as const;

/** Tags of every kind: one rule, several, none, unreadable, beyond the cap. */
export const tagSets: readonly TagSet[] = [
  { other: 'x' },
  { class: 'finance' },
  { hold: '90d' },
  { hold: '10d' },
  { hold: '3000d' },
  { hold: 'for ever' },
  { until: '2030-01-01' },
  { until: '2090-01-01' },
  { class: 'finance', hold: '700d' },
];

const holds: Readonly<Record<string, number>> = { '90d': 90, '10d': 30, '3000d': 1800, '700d': 700 };
const ends: Readonly<Record<string, string>> = { '2030-01-01': '2030-01-02T00:00:00Z' };

/** What the rules ask of a version, calculated from the tables alone and by nothing of the product. */
export interface Asked {
  readonly until: Date | undefined;
  /** A rule that matches cannot have its way: somebody is to be told. */
  readonly problem: boolean;
}

export function askedOf(key: string, tags: TagSet, lastModified: Date): Asked {
  const after = (days: number) => lastModified.getTime() + days * day;
  const { class: kind, hold, until } = tags;
  const dates: (number | 'impossible')[] = [];
  if (key.startsWith('keep/')) dates.push(after(400));
  if (kind === 'finance') dates.push(after(2000));
  if (hold !== undefined) dates.push(hold in holds ? after(holds[hold] ?? 0) : 'impossible');
  if (until !== undefined) dates.push(until in ends ? Date.parse(ends[until] ?? '') : 'impossible');
  const possible = dates.filter((date) => date !== 'impossible');
  return {
    until: possible.length === 0 ? undefined : new Date(Math.max(...possible)),
    problem: possible.length < dates.length,
  };
}
