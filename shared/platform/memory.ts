import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

/**
 * Keeps the part of the heap for new objects as small as it is now. It would grow to 48 MB while rows stream through, although
 * next to nothing of them lives on. Measured on an inventory of 600,000 rows: 162 MB without, 118 MB with it, at the same speed.
 * It holds for the whole process.
 */
export function keepNewSpaceSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}

/** In bytes. V8 doubles it from 1 MB on. */
const enough = 16e6;
const checkMs = 5;

/**
 * Lets the part of the heap for new objects grow to 16 MB, and no further. Where it stays at 8 MB or less, what lives as long as a
 * few requests is taken for old: protecting 8,000 versions took 140 to 147 MB, and 122 to 128 MB with 16 MB. It holds for the whole process.
 */
function keepNewSpaceModerate(): void {
  const check = () => {
    const space = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space');
    if (space === undefined || space.space_size < enough) return;
    clearInterval(timer);
    keepNewSpaceSmall();
  };
  const timer = setInterval(check, checkMs);
  timer.unref();
  check();
}

/**
 * Lets V8 collect what is old once a quarter has been added. It would wait for three times as much, although a long run keeps a few
 * shards and no more. It holds for the whole process.
 */
function keepOldSpaceSmall(): void {
  setFlagsFromString('--heap-growing-percent=25');
}

/**
 * Keeps the heap of a command small that goes over the versions of buckets, page by page: next to nothing of a page lives on once it is
 * done with. It holds for the whole process.
 */
export function keepHeapSmall(): void {
  keepNewSpaceModerate();
  keepOldSpaceSmall();
}

/**
 * Lets WebAssembly be compiled by the quick compiler alone. The other one takes 20 MB for a moment to compile the HTTP parser of
 * undici anew once it is used much, and requests take as much CPU without it. It holds for the whole process.
 */
export function keepWasmCompilerSmall(): void {
  setFlagsFromString('--liftoff-only');
}
