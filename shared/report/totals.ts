import * as z from 'zod';
import { day } from '../platform/instant.ts';
import { type Counts, none } from './counts.ts';
import { standings } from './standings.ts';
import type { FoundVersion, VersionPosture } from './types.ts';

const size = z.int().nonnegative();

const counts = z.object({ versions: size, bytes: z.number().nonnegative(), unsized: size });

const standing = z.enum(standings);

/** Versions of one bucket that stand alike by one rule; the rule is empty where none covers them. */
const cell = counts.extend({ bucket: z.string(), rule: z.string(), standing });
/** Versions that become deletable in one month (`2027-03`, UTC). */
const month = counts.extend({ month: z.string() });
/** Versions that become deletable within so many days. */
const ending = counts.extend({ days: size });
/** Versions that are not protected for one reason. */
const why = counts.extend({
  code: z.string(),
  standing,
  /** The first of them. */
  example: z.object({ bucket: z.string(), key: z.string(), versionId: z.string().optional() }),
  reason: z.string(),
  /** This is what to do about it; absent when nobody knows. */
  remedy: z.string().optional(),
});

/** The whole report in numbers. Its size depends on rules, buckets and months, never on the number of versions. */
export const totals = z.object({
  cells: z.array(cell),
  months: z.array(month),
  endings: z.array(ending),
  reasons: z.array(why),
});
export type Totals = z.infer<typeof totals>;
export type Cell = z.infer<typeof cell>;
export type Why = z.infer<typeof why>;

/** "Soon", in days. */
export const horizons = [30, 90, 365] as const;

export const noTotals: Totals = {
  cells: [],
  months: [],
  endings: horizons.map((days) => ({ days, ...none })),
  reasons: [],
};

/**
 * Adds versions to totals. Pure; it does not matter how the versions are cut into parts.
 * @param at the instant that "within 30 days" counts from
 */
export function addVersions(before: Totals, versions: readonly FoundVersion[], at: Date): Totals {
  const cells = ledger(before.cells, ({ bucket, rule, standing }) => `${bucket} ${rule} ${standing}`);
  const months = ledger(before.months, ({ month }) => month);
  const endings = ledger(before.endings, ({ days }) => String(days).padStart(5, '0'));
  const reasons = ledger(before.reasons, ({ code, standing }) => `${code} ${standing}`);
  for (const version of versions) {
    const { bucket, key, versionId, rule = '', standing, until, code, reason = '', remedy } = version;
    cells.add({ bucket, rule, standing, ...none }, version);
    if (until !== undefined) {
      months.add({ month: monthOf(until), ...none }, version);
      for (const days of horizons) {
        if (until.getTime() <= at.getTime() + days * day) endings.add({ days, ...none }, version);
      }
    }
    if (code !== undefined) {
      reasons.add({ code, standing, example: { bucket, key, versionId }, reason, remedy, ...none }, version);
    }
  }
  return { cells: cells.rows(), months: months.rows(), endings: endings.rows(), reasons: reasons.rows() };
}

/** `2027-03`, in UTC. */
export const monthOf = (instant: Date): string => instant.toISOString().slice(0, -17);

/** Rows that are found again by what they are about, and counted. */
function ledger<Row extends Counts>(before: readonly Row[], keyOf: (row: Row) => string) {
  const rows = new Map(before.map((row) => [keyOf(row), row]));
  return {
    /** @param empty the row as it begins */
    add(empty: Row, { size }: Pick<VersionPosture, 'size'>) {
      const key = keyOf(empty);
      const row = rows.get(key) ?? empty;
      const { versions, bytes, unsized } = row;
      const sized = { bytes: bytes + (size ?? 0), unsized: unsized + (size === undefined ? 1 : 0) };
      rows.set(key, { ...row, versions: versions + 1, ...sized });
    },
    rows: () => [...rows.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row),
  };
}
