import { createLimiter, type Limiter } from './limits.ts';
import { delayOf, draw } from './random.ts';
import type { FaultEffect, FaultRule, FaultTarget } from './rules.ts';

/** A rule in force, with what it has counted. */
export interface CountedRule {
  readonly rule: FaultRule;
  readonly limiter: Limiter | undefined;
  /** Counts a request that the rule matches; its effect, a delay drawn, if the request is hit. */
  hit(target: FaultTarget, seed: number): readonly FaultEffect[];
}

/** Puts a rule in force. @param index its place among the rules, on which chance depends */
export function countedRule(rule: FaultRule, index: number): CountedRule {
  const { skip = 0, times = Number.POSITIVE_INFINITY, rate, effect } = rule;
  const limiter = 'qps' in effect ? createLimiter(effect.qps) : undefined;
  const isChancy = rate !== undefined || 'delayMs' in effect;
  /** This is how often each target was met, so that chance does not depend on what else comes in between. */
  const met = new Map<string, number>();
  let matched = 0;
  let hits = 0;

  const chancesOf = ({ operation, bucket, key }: FaultTarget, seed: number) => {
    const name = `${operation} ${bucket}/${key}`;
    const count = (met.get(name) ?? 0) + 1;
    if (isChancy) met.set(name, count);
    return (what: string) => draw(seed, index, name, count, what);
  };

  return {
    rule,
    limiter,
    hit(target, seed) {
      matched += 1;
      if (matched <= skip || hits >= times) return [];
      const chance = chancesOf(target, seed);
      if (rate !== undefined && chance('rate') >= rate) return [];
      hits += 1;
      return 'delayMs' in effect ? [{ delayMs: delayOf(effect.delayMs, chance) }] : [effect];
    },
  };
}
