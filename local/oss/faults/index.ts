import type { Socket } from 'node:net';
import { isDeepStrictEqual } from 'node:util';
import type { Reply } from '../reply.ts';
import { failAfter, failBefore } from './carry-out.ts';
import { type CountedRule, countedRule } from './counted-rule.ts';
import { type FaultEffect, type FaultRule, type FaultTarget, isMatch, parseFaults } from './rules.ts';
import { createStaleReads, policyWrites } from './stale.ts';

export { NoReply } from './carry-out.ts';
export type { FaultRule } from './rules.ts';

export interface Faults {
  /**
   * Adds a rule, a list of rules, or `{"seed": 7, "rules": […]}`. The seed is what chance depends on from now on: the
   * same rules, seed and requests meet the same faults.
   * @throws ZodError that says what is wrong where; then nothing is added
   */
  add(rules: unknown): void;
  list(): readonly FaultRule[];
  /** Takes away the first rule that equals this one. @returns whether there was one */
  remove(rule: unknown): boolean;
  /** Forgets all rules, and what they have counted. */
  clear(): void;
}

/** One request that is about to be handled. */
export interface Handling {
  readonly socket: Socket;
  readonly now: Date;
  run(): Reply | Promise<Reply>;
  /** Tells what GetBucketWorm answers at this moment. */
  showPolicy(): Promise<Reply>;
  /** Puts another policy with the same days in place of one that is not locked. A cloud without policies has none to renew. */
  renewPolicy?(): void;
}

export interface FaultEngine extends Faults {
  /** Tells how far the server's clock is off for this request, in milliseconds; who sends it is not known yet. */
  clockOffset(target: Omit<FaultTarget, 'principal'>): number;
  /** Handles a request, with all that goes wrong about it. @throws NoReply, OssError */
  handle(target: FaultTarget, handling: Handling): Reply | Promise<Reply>;
}

/** Returns the faults of one server. */
export function createFaults(): FaultEngine {
  let rules: CountedRule[] = [];
  let seed = 1;
  /** The place of the next rule; one that is taken away does not move those behind it. */
  let nextPlace = 0;
  const stale = createStaleReads();

  const hit = (target: FaultTarget, wanted: (effect: FaultEffect) => boolean): FaultEffect[] =>
    rules
      .filter(({ rule }) => wanted(rule.effect) && isMatch(rule, target))
      .flatMap((each) => each.hit(target, seed));

  const limit = (target: FaultTarget, now: Date) => {
    for (const { rule, limiter } of rules) if (isMatch(rule, target)) limiter?.pass(target, now);
  };

  return {
    add(given) {
      const { seed: next, rules: added = [] } = parseFaults(given);
      if (next !== undefined) seed = next;
      rules = [...rules, ...added.map((rule, index) => countedRule(rule, nextPlace + index))];
      nextPlace += added.length;
    },
    list: () => rules.map(({ rule }) => rule),
    remove(given) {
      const found = rules.find(({ rule }) => isDeepStrictEqual(rule, given));
      rules = rules.filter((each) => each !== found);
      return found !== undefined;
    },
    clear() {
      rules = [];
      nextPlace = 0;
      stale.clear();
    },
    clockOffset: (target) =>
      rules.length === 0
        ? 0
        : hit({ ...target, principal: '' }, (effect) => 'clockOffsetMs' in effect).reduce(
            (sum, effect) => ('clockOffsetMs' in effect ? sum + effect.clockOffsetMs : sum),
            0,
          ),
    handle(target, handling) {
      const isPlain = rules.length === 0 && target.operation !== 'GetBucketWorm';
      return isPlain ? handling.run() : handle(target, handling);
    },
  };

  async function handle(
    target: FaultTarget,
    { socket, now, run, showPolicy, renewPolicy }: Handling,
  ): Promise<Reply> {
    limit(target, now);
    const effects = hit(target, (effect) => !('clockOffsetMs' in effect || 'qps' in effect));
    await failBefore(effects, socket);
    const old = target.operation === 'GetBucketWorm' ? stale.recall(target.bucket, now) : undefined;
    if (old !== undefined) return await failAfter(effects, socket, old());
    const late = staleOf(target, effects);
    const before = late && (await settle(showPolicy()));
    const reply = await run();
    if (target.operation === 'GetBucketWorm' && effects.some((effect) => 'renew' in effect)) renewPolicy?.();
    if (late && before) stale.remember(target.bucket, late.stale, before, now);
    return await failAfter(effects, socket, reply);
  }
}

const staleOf = ({ operation }: FaultTarget, effects: readonly FaultEffect[]) =>
  policyWrites.has(operation) ? effects.find((effect) => 'stale' in effect) : undefined;

/** An answer to give again later, be it a refusal. */
async function settle(answer: Promise<Reply>): Promise<() => Reply> {
  return await answer.then(
    (reply) => () => reply,
    (error: unknown) => () => {
      throw error;
    },
  );
}
