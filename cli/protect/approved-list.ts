import { createHash } from 'node:crypto';
import { second } from '../../shared/platform/instant.ts';
import type { VersionAt } from '../../shared/storage/port.ts';

/** The versions that were approved, each with its date. */
export interface ApprovedList {
  /** Tells whether a version was approved with that date or a later one. */
  readonly covers: (at: VersionAt, until: Date) => boolean;
  /** Tells whether a version was approved with any date. */
  readonly has: (at: VersionAt) => boolean;
  /** The list as a file keeps it. */
  readonly table: Uint32Array;
}

/** A list that is being made. */
export interface ListMaker {
  readonly add: (at: VersionAt, until: Date) => void;
  /** Returns the list; undefined where it would be too long to be remembered. */
  readonly made: () => ApprovedList | undefined;
}

/** A list of more versions is not remembered; one of so many takes 32 MB, outside of the heap. */
export const mostListed = 1_000_000;

/** The 32-bit words of a place: 96 bits of a hash, and the date in seconds, which is 0 in an empty place. */
const words = 4;
/** The size of a place. */
export const bytesOfEntry = words * Uint32Array.BYTES_PER_ELEMENT;
const date = 3;
const leastPlaces = 1024;
const latestDate = 0xffff_ffff;

/** Begins a list of versions: a table with open addressing, of which at most half is filled. */
export function listMaker(most = mostListed): ListMaker {
  let table = new Uint32Array(leastPlaces * words);
  let count = 0;
  let isTooLong = false;
  const grow = () => {
    const before = table;
    table = new Uint32Array(before.length * 2);
    for (let from = 0; from < before.length; from += words) {
      const entry = before.subarray(from, from + words);
      if (entry[date] !== 0) table.set(entry, placeOf(table, entry));
    }
  };
  return {
    add(at, until) {
      if (isTooLong) return;
      const entry = entryFor(at, until);
      const place = placeOf(table, entry);
      const known = table[place + date] ?? 0;
      table.set(entry, place);
      table[place + date] = Math.max(known, entry[date] ?? 0);
      if (known === 0) count += 1;
      isTooLong = count > most;
      if (isTooLong) table = new Uint32Array(0);
      else if (count * words * 2 > table.length) grow();
    },
    made: () => (isTooLong ? undefined : listOf(table)),
  };
}

/** Returns the hash of a list, which its approval names: equal versions with equal dates in one order have equal lists. */
export function hashList({ table }: ApprovedList): string {
  const bytes = Buffer.from(table.buffer, table.byteOffset, table.byteLength);
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** Returns the list that a table has. */
export function listOf(table: Uint32Array): ApprovedList {
  const covers = (at: VersionAt, until: Date) => {
    const entry = entryFor(at, until);
    return (table[placeOf(table, entry) + date] ?? 0) >= (entry[date] ?? 0);
  };
  return { table, covers, has: (at) => covers(at, earliest) };
}

/** No date of a list is earlier. */
const earliest = new Date(0);

function entryFor({ bucket, key, versionId }: VersionAt, until: Date): Uint32Array {
  const hash = createHash('sha256')
    .update(JSON.stringify([bucket, key, versionId]))
    .digest();
  const seconds = Math.ceil(until.getTime() / second);
  const clamped = Math.min(Math.max(seconds, 1), latestDate);
  return Uint32Array.of(hash.readUInt32LE(0), hash.readUInt32LE(4), hash.readUInt32LE(8), clamped);
}

/** Finds where the version of an entry is in a table, or where it would be. */
function placeOf(table: Uint32Array, entry: Uint32Array): number {
  let place = ((entry[0] ?? 0) * words) % table.length;
  while (table[place + date] !== 0 && !isSame(table, place, entry)) place = (place + words) % table.length;
  return place;
}

const isSame = (table: Uint32Array, place: number, entry: Uint32Array): boolean =>
  table[place] === entry[0] && table[place + 1] === entry[1] && table[place + 2] === entry[2];
