import type { HoldfastError } from '../platform/errors.ts';
import type { MatterRecordName } from './name.ts';
import { recordFile } from './name.ts';
import type { MatterOpened, MatterPass, MatterRecord, MatterReleased } from './types.ts';

/** A record as it was found: read, or why that was not possible. */
export type FoundMatterRecord = { readonly name: MatterRecordName } & (
  | { readonly record: MatterRecord }
  | { readonly error: HoldfastError }
);

/** One record of `opened`, and what followed it. */
export interface Opening {
  /** Its name, as records that follow have it. */
  readonly file: string;
  readonly opened: MatterOpened;
  /** Undefined while it is open. */
  readonly released: MatterReleased | undefined;
}

/** A matter as its records leave it. */
export interface Matter {
  readonly id: string;
  /** One, unless two people opened it in the same moment: then both count. In the order of time. */
  readonly openings: readonly [Opening, ...Opening[]];
  /** The passes over the versions, in the order of time. */
  readonly passes: readonly MatterPass[];
}

/** A record that says nothing, although it is there. */
export interface UnreadableRecord {
  readonly name: MatterRecordName;
  readonly error: HoldfastError;
  /** True for a record of `opened` that nobody has released: nobody knows what it holds. */
  readonly mayHold: boolean;
}

/** All that the records say. */
export interface Matters {
  /** By their names. */
  readonly all: readonly Matter[];
  readonly unreadable: readonly UnreadableRecord[];
}

/**
 * Returns the matters that the records make, in whatever order they are given. A matter is open as long as one of its records
 * of `opened` is not named by a record of `released`. A record of `released` that cannot be read releases nothing.
 */
export function mattersOf(found: readonly FoundMatterRecord[]): Matters {
  const records = found.filter((each) => 'record' in each);
  const said = records.map(({ record }) => record);
  const released = said.filter((record) => record.kind === 'released');
  const passes = said.filter(isPass).sort(byTime);
  const releaseOf = (id: string, file: string) =>
    released.filter((each) => each.id === id && each.follows.includes(file)).sort(byTime)[0];

  const openings = new Map<string, Matter['openings']>();
  for (const { name, record } of records) {
    if (record.kind !== 'opened') continue;
    const file = recordFile(name);
    const opening = { file, opened: record, released: releaseOf(name.id, file) };
    openings.set(name.id, [opening, ...(openings.get(name.id) ?? [])]);
  }
  const all = [...openings].map(([id, [...unsorted]]): Matter => {
    unsorted.sort((one, other) => byTime(one.opened, other.opened) || compare(one.file, other.file));
    return { id, openings: unsorted, passes: passes.filter((pass) => pass.id === id) };
  });
  const unreadable = found.flatMap((each): UnreadableRecord[] => {
    if (!('error' in each)) return [];
    const { name, error } = each;
    const mayHold = name.kind === 'opened' && releaseOf(name.id, recordFile(name)) === undefined;
    return [{ name, error, mayHold }];
  });
  return { all: all.sort((one, other) => compare(one.id, other.id)), unreadable };
}

/** Returns why matters may be open that nobody can read; nothing when all that are open are known. */
export const unknownOf = ({ unreadable }: Matters): HoldfastError[] =>
  unreadable.filter(({ mayHold }) => mayHold).map(({ error }) => error);

/** Returns the records of `opened` that nobody has released. */
export const openPartOf = ({ openings }: Matter): readonly Opening[] =>
  openings.filter(({ released }) => released === undefined);

/** Tells whether a matter holds anything. */
export const isMatterOpen = (matter: Matter): boolean => openPartOf(matter).length > 0;

/**
 * Tells whether a pass over the versions has left nothing to do for each of the openings. A pass counts only for the openings
 * that it followed: another person may have opened the same matter meanwhile. One that left holds for other matters counts not,
 * so that they can be taken off later.
 */
export const isCarriedOut = (
  { passes }: Matter,
  openings: readonly Opening[],
  kind: MatterPass['kind'],
): boolean =>
  openings.every(({ file }) =>
    passes.some(
      (pass) =>
        pass.kind === kind &&
        pass.complete &&
        pass.follows.includes(file) &&
        (pass.counts['left-for-matters'] ?? 0) === 0,
    ),
  );

/** Returns the last pass that put holds on; undefined before one has ended. */
export const lastHeld = ({ passes }: Matter): MatterPass | undefined =>
  passes.filter(({ kind }) => kind === 'held').at(-1);

/** Tells whether the last pass left nothing to do, and passes have come to their end for each of the openings that are not released. */
export const isWhollyHeld = (matter: Matter): boolean =>
  lastHeld(matter)?.complete === true && isCarriedOut(matter, openPartOf(matter), 'held');

/** It says how a matter kept the versions of a bucket, by the records of its passes. */
export type KeptBy =
  /** A pass may have put holds on there, and none has found that the bucket takes no legal hold. */
  | 'holds'
  /** A pass has found that it takes none, and no pass has put one on. */
  | 'retention'
  /** Some passes found that, and others did not. */
  | 'both'
  /** No pass has told: none has come to its end, or had a version there. */
  | 'unrecorded';

/** Tells how the passes that put holds on kept the versions of a bucket. */
export function keptBy({ passes }: Matter, bucket: string): KeptBy {
  const held = passes.filter(({ kind }) => kind === 'held');
  const mayHaveHeld = held.some((pass) => mayHaveHeldIn(pass, bucket));
  const foundNone = held.some(
    ({ withoutHolds = [], partlyHeld = [] }) => withoutHolds.includes(bucket) || partlyHeld.includes(bucket),
  );
  if (!foundNone) return mayHaveHeld ? 'holds' : 'unrecorded';
  return mayHaveHeld ? 'both' : 'retention';
}

/**
 * Tells whether a pass may have put a hold on in a bucket; one that names no buckets with holds may have had one anywhere. A bucket
 * that took holds in part is among those with holds.
 */
function mayHaveHeldIn({ counts, withHolds, withoutHolds }: MatterPass, bucket: string): boolean {
  if (withHolds !== undefined) return withHolds.includes(bucket);
  return counts['held'] !== 0 && withoutHolds?.includes(bucket) !== true;
}

/** Returns the matter of a name; undefined when no record of it can be read. */
export const findMatter = ({ all }: Matters, id: string): Matter | undefined =>
  all.find((matter) => matter.id === id);

/** Tells whether records of this kind are about a pass over the versions. */
export const isPassKind = (kind: MatterRecord['kind']): kind is MatterPass['kind'] =>
  kind === 'held' || kind === 'lifted';

const isPass = (record: MatterRecord): record is MatterPass => isPassKind(record.kind);

const byTime = (one: { readonly at: Date }, other: { readonly at: Date }): number =>
  one.at.getTime() - other.at.getTime();

/** No two names are equal. */
const compare = (one: string, other: string): number => (one < other ? -1 : 1);
