import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { OssError } from './errors.ts';

const effect = z.union([
  z.strictObject({ status: z.int().min(400).max(599), code: z.string().min(1) }),
  z.strictObject({ reset: z.enum(['before', 'after']) }),
  z.strictObject({ delayMs: z.int().min(0) }),
]);

const faultRule = z.strictObject({
  operation: z.string().optional(),
  bucket: z.string().optional(),
  key: z.string().optional(),
  principal: z.string().optional(),
  times: z.int().min(1).optional(),
  rate: z.number().min(0).max(1).optional(),
  effect,
});

/**
 * When and how a request goes wrong. A rule hits requests that equal all it names (`key` is a prefix), the
 * first `times` of them, each with probability `rate`. Effects: an error reply; a connection reset before or
 * after the request took effect; a delay before it is handled.
 */
export type FaultRule = z.infer<typeof faultRule>;
type FaultEffect = z.infer<typeof effect>;

/** What a rule is matched against. */
export interface FaultTarget {
  readonly operation: string;
  readonly bucket: string;
  readonly key: string;
  readonly principal: string;
}

export interface Faults {
  /**
   * Adds a rule, also as plain JSON.
   * @throws ZodError when it is not one
   */
  add(rule: unknown): void;
  list(): readonly FaultRule[];
  clear(): void;
}

/** @param seed decides which requests a `rate` hits, so that a run can be repeated */
export function faultList(seed = 1): Faults & { hit(target: FaultTarget): readonly FaultEffect[] } {
  let rules: { readonly rule: FaultRule; hits: number }[] = [];
  const random = generator(seed);
  return {
    add: (rule) => void rules.push({ rule: faultRule.parse(rule), hits: 0 }),
    list: () => rules.map((entry) => entry.rule),
    clear() {
      rules = [];
    },
    hit(target) {
      const hits = rules.filter(
        ({ rule, hits }) =>
          matches(rule, target) &&
          hits < (rule.times ?? Number.POSITIVE_INFINITY) &&
          (rule.rate === undefined || random() < rule.rate),
      );
      for (const entry of hits) entry.hits += 1;
      return hits.map((entry) => entry.rule.effect);
    },
  };
}

/** Ends a request without a reply, as a fault rule asks. */
export class ConnectionReset extends Error {}

/** Lets happen what goes wrong before a request takes effect. @throws OssError, ConnectionReset */
export async function failBefore(effects: readonly FaultEffect[]): Promise<void> {
  for (const effect of effects) {
    if ('delayMs' in effect) await wait(effect.delayMs);
    else if ('status' in effect) {
      throw new OssError(effect.code, effect.status, {
        message: 'This error was asked for by a fault rule.',
      });
    } else if (effect.reset === 'before') throw new ConnectionReset();
  }
}

/** Lets happen what goes wrong when a request has taken effect. @throws ConnectionReset */
export function failAfter(effects: readonly FaultEffect[]): void {
  if (effects.some((effect) => 'reset' in effect && effect.reset === 'after')) throw new ConnectionReset();
}

function matches(rule: FaultRule, target: FaultTarget): boolean {
  return (
    (rule.operation ?? target.operation) === target.operation &&
    (rule.bucket ?? target.bucket) === target.bucket &&
    (rule.principal ?? target.principal) === target.principal &&
    target.key.startsWith(rule.key ?? '')
  );
}

/** Numbers from 0 to 1, the same ones for the same seed (mulberry32). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
