/**
 * Decides in which order a run looks and writes. Looking first costs a request more for each version that has to be written;
 * writing first costs a write, the dearer request, for each that had not. So a few versions of each shard are looked at
 * first, and the others are written at once only while those few are as unprotected as they are shown.
 */
export interface Approach {
  /**
   * Tells how many of the next shard's versions are looked at first.
   * @param candidates its versions that could be written at once
   */
  probes(candidates: number): number;
  /** Tells that shards of this run were observed before, by a process that was stopped: its choices stay as they were. */
  resume(): void;
  /** Tells whether the version that was just written without a look is read back, as proof of all of them. */
  sampled(): boolean;
}

const firstProbes = 10;
const laterProbes = 1;

/** The first so many are read back, and then one in so many. */
const firstSample = 10;
const sampleEvery = 200;

/**
 * All versions are looked at where fewer than this could be written at once: there is little to win, and the report
 * says what each had.
 */
const usualLeast = 200;

/** @param least versions of a shard that are written at once; fewer are looked at first */
export function writeFirst(least = usualLeast): Approach {
  let shards = 0;
  let written = 0;
  return {
    probes(candidates) {
      if (candidates < least) return candidates;
      shards += 1;
      return shards === 1 ? firstProbes : laterProbes;
    },
    resume() {
      shards = Math.max(shards, 1);
    },
    sampled() {
      written += 1;
      return written <= firstSample || written % sampleEvery === 0;
    },
  };
}
