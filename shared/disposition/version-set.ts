import { createHash } from 'node:crypto';

/** Names of versions, kept by a part of their hash: some 16 to 32 bytes each, whatever their keys are. */
export interface VersionSet {
  add(name: string): void;
  /** Adds a name by its hash, as the set has told it when the name was added. */
  addHash(hash: number): void;
  /** True for each name that was added, and for one of some thousand million others. */
  has(name: string): boolean;
}

/** This is how many hashes a new set has room for. */
const atFirst = 1024;

/**
 * @param onNew called with the hash of each name that was not in it
 * @param placesFor makes room for so many hashes, all of it 0
 */
export function createVersionSet(
  onNew?: (hash: number) => void,
  placesFor = (count: number) => new Float64Array(count),
): VersionSet {
  let slots = placesFor(atFirst);
  let count = 0;

  /** The place of a hash, or the free place where it belongs. */
  const placeOf = (hash: number): number => {
    let at = hash % slots.length;
    while (slots[at] !== 0 && slots[at] !== hash) at = (at + 1) % slots.length;
    return at;
  };
  const put = (hash: number) => {
    const at = placeOf(hash);
    if (slots[at] === 0) count += 1;
    slots[at] = hash;
  };
  const addHash = (hash: number) => {
    if (count * 2 >= slots.length) grow();
    put(hash);
  };
  const grow = () => {
    const before = slots;
    slots = placesFor(before.length * 2);
    count = 0;
    for (const hash of before) if (hash !== 0) put(hash);
  };

  return {
    add(name) {
      const hash = hashOfName(name);
      if (slots[placeOf(hash)] !== 0) return;
      addHash(hash);
      onNew?.(hash);
    },
    addHash,
    has: (name) => slots[placeOf(hashOfName(name))] !== 0,
  };
}

/** 48 bits of it, and never 0, which stands for a free place. */
const hashOfName = (name: string): number => createHash('sha256').update(name).digest().readUIntBE(0, 6) || 1;
