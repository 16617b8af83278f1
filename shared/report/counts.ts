import type { Standing } from './standings.ts';

/** This is how many versions, their bytes, and how many of them nobody told the size of. */
export interface Counts {
  readonly versions: number;
  readonly bytes: number;
  readonly unsized: number;
}

export const none: Counts = { versions: 0, bytes: 0, unsized: 0 };

/** Returns the counts of these rows in one. */
export function sum(rows: readonly Counts[]): Counts {
  return rows.reduce(
    (total, { versions, bytes, unsized }) => ({
      versions: total.versions + versions,
      bytes: total.bytes + bytes,
      unsized: total.unsized + unsized,
    }),
    none,
  );
}

/** Returns the versions that stand in one of these ways. */
export const standingAs = (
  { cells }: { readonly cells: readonly (Counts & { readonly standing: Standing })[] },
  ...wanted: readonly Standing[]
): Counts => sum(cells.filter(({ standing }) => wanted.includes(standing)));
