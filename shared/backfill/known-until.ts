import type { Progress } from './checkpoint.ts';

/*
 * Progress that was made while not all open matters were known counts for nothing once they are; what was done before does. So
 * progress of that kind has with it how far the run had come by then.
 */

/** Returns progress during which all open matters were known. Pure. */
export const markKnown = ({ mattersUnknown: _mark, knownUntil: _until, ...progress }: Progress): Progress =>
  progress;

/**
 * Returns progress with the mark that open matters may have more of what it has passed. Pure.
 * @param before the progress at the last moment when they were known, if there was one
 */
export const markUnknown = (progress: Progress, before: Progress['knownUntil']): Progress => ({
  ...markKnown(progress),
  mattersUnknown: true,
  ...(before !== undefined && { knownUntil: before }),
});

/** Returns how far a run has come with all open matters known, as it is told at an instant; undefined at its beginning. Pure. */
export function knownUntilOf(progress: Progress | undefined, at: Date): Progress['knownUntil'] {
  if (progress?.mattersUnknown) return progress.knownUntil;
  if (progress?.position === undefined) return undefined;
  const { position, rows, tally, report } = progress;
  return { at, position, rows, tally, report };
}

/** Goes back to where all open matters were known; undefined where that is the beginning. Pure. */
export function backToKnown(progress: Progress): Progress | undefined {
  if (progress.knownUntil === undefined) return undefined;
  const { at: _at, ...until } = progress.knownUntil;
  const { shard: _shard, ...rest } = markKnown(progress);
  const changedBefore = rest.changedBefore + rest.tally.changed - until.tally.changed;
  return { ...rest, ...until, changedBefore };
}

/** Tells whether matters were not known during progress, and were known for the last time at an instant or before. Pure. */
export function isUnknownSince(
  { mattersUnknown, knownUntil, startedAt }: Progress,
  instant: Date | undefined,
): boolean {
  if (instant === undefined || mattersUnknown === undefined) return false;
  const knownAt = knownUntil?.at ?? startedAt;
  return knownAt === undefined || knownAt <= instant;
}
