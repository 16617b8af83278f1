import type { KnownVersion } from '../backfill/source.ts';
import type { ObjectOutcome } from '../objects/outcome.ts';
import { day } from '../platform/instant.ts';
import { type ChangeKind, type Compared, changeKinds, ruleBehind, type VersionChange } from './change.ts';

/** One version of a row, to look at. Instants are UTC. */
export interface DiffExample {
  readonly key: string;
  readonly versionId: string | undefined;
  readonly heldBefore: Date | undefined;
  readonly heldAfter: Date | undefined;
  readonly reason?: string;
}

/** This is what a change of rules means for the versions of one bucket, by one rule, in one way. */
export interface DiffRow {
  readonly kind: ChangeKind;
  readonly bucket: string;
  readonly rule: string;
  readonly versions: number;
  /** It counts those with a known size. */
  readonly bytes: number;
  /** This is how many have no known size. */
  readonly unsized: number;
  /** By how much they are held longer, or less long; of those that stay, what is left of it. In bytes times days. */
  readonly byteDays: number;
  /** The most that one of them is held longer, or less long, in days. */
  readonly mostDays: number;
  /** The latest date that one of them is held until, with the rules after; undefined when none is. */
  readonly latest: Date | undefined;
  readonly examples: readonly DiffExample[];
}

/** This is how many versions come to what with one set of rules, as `holdfast protect --dry-run` counts them. */
export interface SideTally {
  readonly actions: Readonly<Record<string, number>>;
  readonly rules: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

export interface DiffTotals {
  /** All that were looked at. */
  readonly versions: number;
  readonly bytes: number;
  readonly unsized: number;
  /** Deleted for good since they were listed. */
  readonly gone: number;
  readonly before: SideTally;
  readonly after: SideTally;
  readonly rows: readonly DiffRow[];
}

const mostExamples = 3;

/** Counts versions one by one. What it holds grows with buckets and rules, never with versions. */
export interface DiffCounter {
  add(known: KnownVersion, compared: Compared): void;
  /** Counts a version that could not be looked at, or about which nothing can be said; it fails with both sets of rules. */
  addUnclear(known: KnownVersion, kind: 'fails' | 'unknown', reason: string): void;
  addGone(): void;
  totals(): DiffTotals;
}

/** @param now the instant that the comparison is about */
export function diffCounter(now: Date): DiffCounter {
  let [versions, bytes, unsized, gone] = [0, 0, 0, 0];
  const [before, after] = [sideCounter(), sideCounter()];
  const rows = new Map<string, Row>();
  const take = (size: number | undefined) => {
    versions += 1;
    bytes += size ?? 0;
    if (size === undefined) unsized += 1;
  };
  const row = (kind: ChangeKind, bucket: string, rule: string): Row => {
    const name = JSON.stringify([kind, bucket, rule]);
    const found = rows.get(name) ?? new Row(kind, bucket, rule);
    rows.set(name, found);
    return found;
  };
  return {
    add(known, compared) {
      const size = sizeOf(known);
      take(size);
      before.add(compared.before);
      after.add(compared.after);
      const { change } = compared;
      if (change !== undefined) row(change.kind, known.bucket, change.rule).add(known, size, change, now);
    },
    addUnclear(known, kind, reason) {
      const size = sizeOf(known);
      take(size);
      for (const side of [before, after]) side.count(kind === 'fails' ? 'failed' : 'unknown', undefined);
      const change = { kind, rule: '', heldBefore: undefined, heldAfter: undefined, reason };
      row(kind, known.bucket, '').add(known, size, change, now);
    },
    addGone() {
      versions += 1;
      gone += 1;
      for (const side of [before, after]) side.count('gone', undefined);
    },
    totals: () => ({
      versions,
      bytes,
      unsized,
      gone,
      before: before.tally(),
      after: after.tally(),
      rows: [...rows.values()].map((each) => each.plain()).sort(inOrder),
    }),
  };
}

const sizeOf = ({ type, size }: KnownVersion): number | undefined => (type === 'delete-marker' ? 0 : size);

const inOrder = (one: DiffRow, other: DiffRow): number =>
  changeKinds.indexOf(one.kind) - changeKinds.indexOf(other.kind) ||
  compare(one.bucket, other.bucket) ||
  compare(one.rule, other.rule);

const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

class Row {
  #versions = 0;
  #bytes = 0;
  #unsized = 0;
  #byteDays = 0;
  #mostDays = 0;
  #latest: Date | undefined;
  readonly #examples: DiffExample[] = [];

  constructor(
    readonly kind: ChangeKind,
    readonly bucket: string,
    readonly rule: string,
  ) {}

  add({ key, versionId }: KnownVersion, size: number | undefined, change: VersionChange, now: Date): void {
    const { heldBefore, heldAfter, reason } = change;
    const days = daysOf(change, now);
    this.#versions += 1;
    this.#bytes += size ?? 0;
    if (size === undefined) this.#unsized += 1;
    this.#byteDays += (size ?? 0) * days;
    this.#mostDays = Math.max(this.#mostDays, days);
    if (heldAfter !== undefined && (this.#latest === undefined || heldAfter > this.#latest))
      this.#latest = heldAfter;
    if (this.#examples.length < mostExamples) {
      this.#examples.push({ key, versionId, heldBefore, heldAfter, ...(reason !== undefined && { reason }) });
    }
  }

  plain(): DiffRow {
    const { kind, bucket, rule } = this;
    return {
      kind,
      bucket,
      rule,
      versions: this.#versions,
      bytes: this.#bytes,
      unsized: this.#unsized,
      byteDays: this.#byteDays,
      mostDays: this.#mostDays,
      latest: this.#latest,
      examples: this.#examples,
    };
  }
}

/** The difference in days; of a version that stays retained, the days that are left. */
function daysOf({ kind, heldBefore, heldAfter }: VersionChange, now: Date): number {
  const after = (heldAfter ?? now).getTime();
  const from = kind === 'stays-retained' ? now : (heldBefore ?? now);
  return Math.abs(after - from.getTime()) / day;
}

/** Counts actions as the tally of `holdfast protect --dry-run` does. */
function sideCounter() {
  const actions = new Map<string, number>();
  const rules = new Map<string, Map<string, number>>();
  const count = (action: string, rule: string | undefined): void => {
    actions.set(action, (actions.get(action) ?? 0) + 1);
    if (rule === undefined) return;
    const own = rules.get(rule) ?? new Map<string, number>();
    own.set(action, (own.get(action) ?? 0) + 1);
    rules.set(rule, own);
  };
  return {
    count,
    add(outcome: ObjectOutcome): void {
      const { decision, errors } = outcome;
      const action = decision.action === 'protect' ? 'would-protect' : decision.action;
      count(errors.length > 0 ? 'failed' : action, ruleBehind(outcome));
    },
    tally: (): SideTally => ({
      actions: Object.fromEntries(actions),
      rules: Object.fromEntries([...rules].map(([rule, own]) => [rule, Object.fromEntries(own)])),
    }),
  };
}
