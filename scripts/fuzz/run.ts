import { HoldfastError } from '../../shared/platform/errors.ts';
import { mutate } from './mutate.ts';
import { seededRandom } from './random.ts';

/** A reader returns this when it refused an input by a value instead of an error. */
export const refusedByValue: unique symbol = Symbol('refused by value');

/** A reader of Holdfast that gets bytes from outside. */
export interface Target {
  readonly name: string;
  /** Inputs that it reads without complaint: changes of these get deeper than noise. */
  readonly inputs: readonly [string, ...string[]];
  /** Words of its format. */
  readonly words?: readonly string[];
  /** Inputs for each one that the caller asks for; less than 1 where an input is slow. */
  readonly share?: number;
  /**
   * Reads the bytes. It returns when they were read, and throws HoldfastError or returns {@link refusedByValue} when
   * they were refused.
   * Anything else that it throws is a fault, an error of its own checks included.
   */
  read(bytes: Uint8Array): unknown;
}

/** An input on which a reader did something else than to give a value or a coded error. */
export interface Fault {
  readonly target: string;
  readonly input: Uint8Array;
  readonly error: unknown;
}

/** The counts of one target. */
export interface FuzzCount {
  readonly target: string;
  readonly inputs: number;
  /** Inputs that were read. */
  readonly read: number;
  /** Inputs that were refused with a coded error. */
  readonly refused: number;
  /** Milliseconds that the slowest input took. */
  readonly slowestMs: number;
}

export interface FuzzResult {
  readonly counts: readonly FuzzCount[];
  readonly faults: readonly Fault[];
}

/**
 * Gives every target its own inputs and changes of them. The same seed gives the same inputs.
 * @param each how many inputs a target gets, times its share
 * @param now milliseconds of a clock that measures an input's time
 */
export async function fuzz(
  targets: readonly Target[],
  { seed, each, now }: { readonly seed: number; readonly each: number; readonly now: () => number },
): Promise<FuzzResult> {
  const counts: FuzzCount[] = [];
  const faults: Fault[] = [];
  for (const [index, target] of targets.entries()) {
    const result = await fuzzOne(target, seed + index, Math.ceil(each * (target.share ?? 1)), now);
    counts.push(result.count);
    if (result.fault !== undefined) faults.push(result.fault);
  }
  return { counts, faults };
}

/** Ends at the first fault: further ones would mostly be the same. */
async function fuzzOne(target: Target, seed: number, most: number, now: () => number) {
  const random = seededRandom(seed);
  const inputs = target.inputs.map((text) => Buffer.from(text)) as [Buffer, ...Buffer[]];
  let read = 0;
  let refused = 0;
  let slowestMs = 0;
  let fault: Fault | undefined;
  for (let number = 0; number < most && fault === undefined; number += 1) {
    const whole = inputs[number];
    const input = whole ?? mutate(random.pick(inputs), random.pick(inputs), target.words ?? [], random);
    const start = now();
    try {
      if ((await target.read(input)) === refusedByValue) refused += 1;
      else read += 1;
    } catch (error) {
      if (error instanceof HoldfastError) refused += 1;
      else fault = { target: target.name, input, error };
    }
    slowestMs = Math.max(slowestMs, now() - start);
  }
  return {
    count: { target: target.name, inputs: read + refused + (fault ? 1 : 0), read, refused, slowestMs },
    fault,
  };
}
