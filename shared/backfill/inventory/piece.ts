import { createHash, type Hash } from 'node:crypto';
import * as z from 'zod';

const count = z.int().nonnegative();
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** The least part of a file that a plan knows: so many rows, or what is left at the end of the file. */
export const grain = z.strictObject({ rows: count, bytes: count, sha256 });
export type Grain = z.infer<typeof grain>;

/**
 * Rows of one file that follow one another. gzip cannot be entered in its middle, so `byte` counts in what is unpacked: the
 * bytes before it are unpacked and passed over, not read as rows.
 */
export const piece = z.strictObject({
  file: count,
  /** Its first row, counted from 0. */
  row: count,
  rows: count,
  byte: count,
  bytes: count,
  /** Rows in each of its grains but the last. */
  grain: z.int().positive(),
  /** The SHA-256 of its grains' SHA-256s. */
  sha256,
});
export type Piece = z.infer<typeof piece>;

/** Joins grains that follow one another in a file. @param size rows in each of them but the last of the file */
export function pieceOf(
  file: number,
  row: number,
  byte: number,
  grains: readonly Grain[],
  size: number,
): Piece {
  const sum = (name: 'rows' | 'bytes') => grains.reduce((total, each) => total + each[name], 0);
  const all = createHash('sha256');
  for (const each of grains) all.update(each.sha256);
  return { file, row, rows: sum('rows'), byte, bytes: sum('bytes'), grain: size, sha256: all.digest('hex') };
}

/** Takes the rows of a file one after the other and cuts them into grains. */
export interface GrainCutter {
  /** @returns the grain that this row has completed */
  add(row: Uint8Array): Grain | undefined;
  /** The grain that was begun and is not complete; undefined when there is none. */
  rest(): Grain | undefined;
}

/** @param size rows in a grain */
export function grainCutter(size: number): GrainCutter {
  let rows = 0;
  let bytes = 0;
  let hash: Hash = createHash('sha256');
  const take = (): Grain | undefined => {
    if (rows === 0) return undefined;
    const taken = { rows, bytes, sha256: hash.digest('hex') };
    rows = 0;
    bytes = 0;
    hash = createHash('sha256');
    return taken;
  };
  return {
    add(row) {
      hash.update(row);
      rows += 1;
      bytes += row.length;
      return rows === size ? take() : undefined;
    },
    rest: take,
  };
}
