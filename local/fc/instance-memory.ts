/**
 * This is what the two threads of an instance share: the one that runs the function, and the one that watches over
 * it.
 */
export interface SharedMemory {
  readonly buffer: SharedArrayBuffer;
  /** This is how far ahead of real time virtual time is, in milliseconds. */
  offsetMs: number;
  /** Tells whether a request is being served. */
  busy: boolean;
  /** Says that one more order is there. */
  announce(): void;
  /** Blocks the thread, with everything that is pending in it, while no more than `taken` orders have come. */
  freeze(taken: number): void;
}

const offset = 0;
const orders = 0;
const serving = 1;

/** Returns a view of the memory; without a buffer, of new memory. */
export function shareMemory(buffer = new SharedArrayBuffer(16)): SharedMemory {
  const times = new Float64Array(buffer, 0, 1);
  const states = new Int32Array(buffer, 8, 2);
  return {
    buffer,
    get offsetMs() {
      return times[offset] ?? 0;
    },
    set offsetMs(ms) {
      times[offset] = ms;
    },
    get busy() {
      return Atomics.load(states, serving) === 1;
    },
    set busy(is) {
      Atomics.store(states, serving, is ? 1 : 0);
    },
    announce() {
      Atomics.add(states, orders, 1);
      Atomics.notify(states, orders);
    },
    freeze(taken) {
      Atomics.wait(states, orders, taken);
    },
  };
}
