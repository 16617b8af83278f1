import { type CloudName, formatAddress } from '../platform/address.ts';
import { failure, type HoldfastError } from '../platform/errors.ts';
import { capDays } from '../rules/cap.ts';
import { ruleNames } from '../rules/collision.ts';
import { everyName } from '../rules/compiled-pattern.ts';
import { maxPolicyDays } from '../rules/duration.ts';
import { bucketRules, objectRulesOfBucket } from '../rules/match.ts';
import type { BucketRule, Rules } from '../rules/types.ts';
import type { BucketPolicy, ObjectWormConfiguration, WormId } from '../storage/port.ts';
import { decideBucket } from './decide.ts';
import type { BucketChange } from './types.ts';

/** This is what a person asks for. `id`: only if that is the bucket's policy. */
export type ManualPolicyRequest =
  | { readonly action: 'initiate'; readonly days: number }
  | { readonly action: 'lock' | 'abort'; readonly id?: WormId | undefined }
  | { readonly action: 'extend'; readonly days: number; readonly id?: WormId | undefined };

/** A bucket as a wish finds it. */
export interface FoundPolicy {
  readonly bucket: string;
  readonly policy: BucketPolicy | undefined;
  /** Undefined: ObjectWorm is off. */
  readonly objectWorm: ObjectWormConfiguration | undefined;
}

export type Granted =
  | { readonly kind: 'change'; readonly change: BucketChange }
  /** It is as wished already. */
  | { readonly kind: 'nothing'; readonly reason: string };

/** Names of the operations as OSS has them. */
const operations = {
  initiate: 'InitiateBucketWorm',
  lock: 'CompleteBucketWorm',
  extend: 'ExtendBucketWorm',
  abort: 'AbortBucketWorm',
} as const satisfies Record<ManualPolicyRequest['action'], string>;

/** The rule of a bucket that no rule speaks of: the limit alone binds. */
const anyPolicy: BucketRule['policy'] = {
  days: { atLeast: 1, atMost: maxPolicyDays },
  initiate: undefined,
  lockAfterMs: undefined,
  mismatch: 'report',
  extend: undefined,
};

/**
 * Grants a wish, or refuses it. Pure. What the bucket's rule accepts and `limits.maxRetention` hold for people as for
 * the timer. A rule's `lock.after` and `lock: false` say when Holdfast acts by itself and do not bind a person.
 * @throws HoldfastError saying why not
 */
export function decideWish(rules: Rules, wish: ManualPolicyRequest, found: FoundPolicy, now: Date): Granted {
  const refusal = refuser(rules.cloud, wish, found);
  if (wish.action !== 'abort') checkExclusive(rules, found, refusal);
  if (wish.action !== 'initiate' && wish.id !== undefined && found.policy?.id !== wish.id) {
    throw refusal.notNow(`its policy is ${found.policy?.id ?? 'none'}, not ${wish.id}`, refusal.see('get'));
  }
  const [rule] = bucketRules(rules, found.bucket);
  const bound = { policy: rule?.policy ?? anyPolicy, cap: capDays(rules.limits.maxRetention) };
  const { policy } = found;
  switch (wish.action) {
    case 'initiate':
      return decideInitiate(wish.days, bound, policy, refusal);
    case 'lock':
      return decideLock(bound.policy, found, rules, now, refusal);
    case 'extend':
      return decideExtend(wish.days, bound, policy, refusal);
    case 'abort':
      if (policy === undefined) return nothing('there is no policy to abort');
      if (policy.state === 'Locked') throw refusal.of('POLICY_LOCKED');
      return change({ action: 'abort', id: policy.id, state: policy.state, reason: byHand });
  }
}

interface Bound {
  readonly policy: BucketRule['policy'];
  /** The most days that `limits.maxRetention` and the service allow now. */
  readonly cap: number;
}

function decideInitiate(
  days: number,
  { policy: rule, cap }: Bound,
  policy: BucketPolicy | undefined,
  refusal: Refusal,
): Granted {
  if (policy !== undefined) {
    if (policy.state === 'Locked') {
      throw refusal.notNow(`a policy of ${policy.days} days is locked`, refusal.see('extend', '--days N'));
    }
    throw refusal.notNow(
      `there is a policy of ${policy.days} days, state ${policy.state}`,
      refusal.see('abort'),
    );
  }
  const { atLeast, atMost } = rule.days;
  if (days < atLeast || days > atMost) throw refusal.beyond(`${days} days, ${accepted(atLeast, atMost)}`);
  if (days > cap) throw refusal.beyond(beyondCap(days, cap));
  return change({ action: 'initiate', days, reason: byHand });
}

/** Locks by the same decision as the timer's, asked as if it were due. */
function decideLock(
  policy: BucketRule['policy'],
  { bucket, policy: current }: FoundPolicy,
  { limits }: Rules,
  now: Date,
  refusal: Refusal,
): Granted {
  if (current === undefined) throw refusal.of('NO_POLICY');
  if (current.state === 'Locked') return nothing(`it is locked already, with ${current.days} days`);
  const due: BucketRule = {
    name: bucket,
    match: { bucket: everyName },
    policy: { ...policy, initiate: undefined, lockAfterMs: 0, mismatch: 'report' },
  };
  const decision = decideBucket(due, current, limits.maxRetention, now);
  if (decision.action === 'lock') return change({ ...decision, reason: byHand });
  if (decision.action === 'report' && decision.problem === 'mismatch') throw refusal.beyond(decision.reason);
  throw refusal.notNow(decision.reason, `${refusal.see('abort')}, then initiate a new one`);
}

function decideExtend(
  days: number,
  { policy: rule, cap }: Bound,
  policy: BucketPolicy | undefined,
  refusal: Refusal,
): Granted {
  if (policy === undefined) throw refusal.of('NO_POLICY');
  if (policy.state !== 'Locked') {
    throw refusal.notNow(
      `state ${policy.state}: only a locked policy can be extended`,
      policy.state === 'InProgress' ? refusal.see('lock') : refusal.see('get'),
    );
  }
  if (days === policy.days) return nothing(`it has ${days} days already`);
  if (days < policy.days) throw refusal.shorter(days, policy.days);
  const upTo = rule.extend?.upToDays ?? rule.days.atMost;
  const bound = rule.extend === undefined ? 'its rule accepts' : 'its rule extends to';
  if (days > upTo) throw refusal.beyond(`${days} days in all, ${bound} ${upTo} at most`);
  if (days > cap) throw refusal.beyond(beyondCap(days, cap));
  return change({ action: 'extend', id: policy.id, fromDays: policy.days, days, reason: byHand });
}

/** OSS makes ObjectWorm and a bucket WORM policy exclusive. */
function checkExclusive(rules: Rules, { bucket, objectWorm }: FoundPolicy, refusal: Refusal): void {
  const objects = objectRulesOfBucket(rules, bucket);
  if (objects.length > 0) {
    throw refusal.beyond(
      `object rule(s) ${ruleNames(objects)} speak of it, and OSS makes the two kinds exclusive`,
    );
  }
  const matching = bucketRules(rules, bucket);
  if (matching.length > 1) {
    throw failure('BUCKET_RULES_OVERLAP', { bucket, bucketRules: ruleNames(matching) });
  }
  if (objectWorm !== undefined) {
    throw refusal.notNow(
      'it has ObjectWorm, which excludes a WORM policy',
      'use another bucket: ObjectWorm stays for good',
    );
  }
}

/** The errors of one wish on one bucket. */
type Refusal = ReturnType<typeof refuser>;

function refuser(cloud: CloudName, { action }: ManualPolicyRequest, { bucket }: FoundPolicy) {
  const operation = operations[action];
  const target = formatAddress(cloud, { bucket });
  return {
    of: (code: 'NO_POLICY' | 'POLICY_LOCKED'): HoldfastError => failure(code, { operation, target }),
    beyond: (reason: string) => failure('BEYOND_RULES', { operation, target, reason }),
    notNow: (reason: string, advice: string) =>
      failure('NOT_POSSIBLE_NOW', { operation, target, reason, advice }),
    shorter: (wanted: number, stored: number) =>
      failure('WOULD_SHORTEN', { operation, target, wanted: `${wanted} days`, stored: `${stored} days` }),
    see: (command: 'get' | 'lock' | 'abort' | 'extend', options = '') =>
      `see \`holdfast policy ${command} ${target}${options && ` ${options}`}\``,
  };
}

const byHand = 'asked for by hand';
const change = (made: BucketChange): Granted => ({ kind: 'change', change: made });
const nothing = (reason: string): Granted => ({ kind: 'nothing', reason });
const accepted = (atLeast: number, atMost: number): string =>
  `its rule accepts ${atLeast === atMost ? `exactly ${atLeast}` : `${atLeast} to ${atMost}`}`;
const beyondCap = (days: number, cap: number): string =>
  `${days} days are beyond limits.maxRetention (${cap} days)`;
