import { type CloudName, formatAddress } from '../platform/address.ts';
import { failure, type HoldfastError } from '../platform/errors.ts';
import { quantity } from '../platform/quantity.ts';
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

/** A bucket as a request finds it. */
export interface FoundPolicy {
  readonly bucket: string;
  readonly policy: BucketPolicy | undefined;
  /** Undefined: ObjectWorm is off. */
  readonly objectWorm: ObjectWormConfiguration | undefined;
}

/** The answer to a person's request about a bucket policy: make a change, leave it as it is, or refuse. */
export type ManualPolicyDecision =
  | { readonly kind: 'do'; readonly change: BucketChange }
  /** It is as requested already. */
  | { readonly kind: 'leave'; readonly reason: string }
  | { readonly kind: 'refuse'; readonly error: HoldfastError };

/** Names of the operations as OSS has them. */
const operations = {
  initiate: 'InitiateBucketWorm',
  lock: 'CompleteBucketWorm',
  extend: 'ExtendBucketWorm',
  abort: 'AbortBucketWorm',
} as const satisfies Record<ManualPolicyRequest['action'], string>;

/** The rule of a bucket that no rule matches: the limit alone binds. */
const anyPolicy: BucketRule['policy'] = {
  days: { atLeast: 1, atMost: maxPolicyDays },
  initiate: undefined,
  lockAfterMs: undefined,
  mismatch: 'report',
  extend: undefined,
};

/**
 * Decides about a person's request, or refuses it. Pure. What the bucket's rule accepts and `limits.maxRetention` hold for people as for
 * the timer. A rule's `lock.after` and `lock: false` say when Holdfast acts by itself and do not bind a person.
 */
export function decideManualPolicy(
  rules: Rules,
  request: ManualPolicyRequest,
  found: FoundPolicy,
  now: Date,
): ManualPolicyDecision {
  const refusal = refuser(rules.cloud, request, found);
  const excluded = request.action === 'abort' ? undefined : checkExclusive(rules, found, refusal);
  if (excluded !== undefined) return excluded;
  if (request.action !== 'initiate' && request.id !== undefined && found.policy?.id !== request.id) {
    return refusal.notNow(
      `its policy is ${found.policy?.id ?? 'none'}, not ${request.id}`,
      refusal.see('get'),
    );
  }
  const [rule] = bucketRules(rules, found.bucket);
  const bound = { policy: rule?.policy ?? anyPolicy, cap: capDays(rules.limits.maxRetention) };
  const { policy } = found;
  switch (request.action) {
    case 'initiate':
      return decideInitiate(request.days, bound, policy, refusal);
    case 'lock':
      return decideLock(bound.policy, found, rules, now, refusal);
    case 'extend':
      return decideExtend(request.days, bound, policy, refusal);
    case 'abort':
      if (policy === undefined) return nothing('there is no policy to abort');
      if (policy.state === 'Locked') return refusal.of('POLICY_LOCKED');
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
): ManualPolicyDecision {
  if (policy !== undefined) {
    if (policy.state === 'Locked') {
      return refusal.notNow(
        `a policy of ${quantity(policy.days, 'day')} is locked`,
        refusal.see('extend', '--days N'),
      );
    }
    return refusal.notNow(
      `there is a policy of ${quantity(policy.days, 'day')}, state ${policy.state}`,
      refusal.see('abort'),
    );
  }
  const { atLeast, atMost } = rule.days;
  if (days < atLeast || days > atMost)
    return refusal.beyond(`${quantity(days, 'day')}, ${accepted(atLeast, atMost)}`);
  if (days > cap) return refusal.beyond(beyondCap(days, cap));
  return change({ action: 'initiate', days, reason: byHand });
}

/** Locks by the same decision as the timer's, asked as if it were due. */
function decideLock(
  policy: BucketRule['policy'],
  { bucket, policy: current }: FoundPolicy,
  { limits }: Rules,
  now: Date,
  refusal: Refusal,
): ManualPolicyDecision {
  if (current === undefined) return refusal.of('NO_POLICY');
  if (current.state === 'Locked')
    return nothing(`it is locked already, with ${quantity(current.days, 'day')}`);
  const due: BucketRule = {
    name: bucket,
    match: { bucket: everyName },
    policy: { ...policy, initiate: undefined, lockAfterMs: 0, mismatch: 'report' },
  };
  const decision = decideBucket(due, current, limits.maxRetention, now);
  if (decision.action === 'lock') return change({ ...decision, reason: byHand });
  if (decision.action === 'report' && decision.problem === 'mismatch') return refusal.beyond(decision.reason);
  return refusal.notNow(decision.reason, `${refusal.see('abort')}, then initiate a new one`);
}

function decideExtend(
  days: number,
  { policy: rule, cap }: Bound,
  policy: BucketPolicy | undefined,
  refusal: Refusal,
): ManualPolicyDecision {
  if (policy === undefined) return refusal.of('NO_POLICY');
  if (policy.state !== 'Locked') {
    return refusal.notNow(
      `state ${policy.state}: only a locked policy can be extended`,
      policy.state === 'InProgress' ? refusal.see('lock') : refusal.see('get'),
    );
  }
  if (days === policy.days) return nothing(`it has ${quantity(days, 'day')} already`);
  if (days < policy.days) return refusal.shorter(days, policy.days);
  const upTo = rule.extend?.upToDays ?? rule.days.atMost;
  const bound = rule.extend === undefined ? 'its rule accepts' : 'its rule extends to';
  if (days > upTo) return refusal.beyond(`${quantity(days, 'day')} in all, ${bound} ${upTo} at most`);
  if (days > cap) return refusal.beyond(beyondCap(days, cap));
  return change({ action: 'extend', id: policy.id, fromDays: policy.days, days, reason: byHand });
}

/** OSS makes ObjectWorm and a bucket WORM policy exclusive. */
function checkExclusive(
  rules: Rules,
  { bucket, objectWorm }: FoundPolicy,
  refusal: Refusal,
): ManualPolicyDecision | undefined {
  const objects = objectRulesOfBucket(rules, bucket);
  if (objects.length > 0) {
    return refusal.beyond(
      `it is matched by object rules (${ruleNames(objects)}), and OSS makes the two kinds exclusive`,
    );
  }
  const matching = bucketRules(rules, bucket);
  if (matching.length > 1) {
    return refuse(failure('BUCKET_RULES_OVERLAP', { bucket, bucketRules: ruleNames(matching) }));
  }
  if (objectWorm !== undefined) {
    return refusal.excluded('it has ObjectWorm');
  }
  return undefined;
}

/** The refusals of one request on one bucket. */
type Refusal = ReturnType<typeof refuser>;

function refuser(cloud: CloudName, { action }: ManualPolicyRequest, { bucket }: FoundPolicy) {
  const operation = operations[action];
  const target = formatAddress(cloud, { bucket });
  return {
    of: (code: 'NO_POLICY' | 'POLICY_LOCKED') => refuse(failure(code, { operation, target })),
    excluded: (detail: string) => refuse(failure('POLICY_EXCLUDED', { operation, target, detail })),
    beyond: (reason: string) => refuse(failure('BEYOND_RULES', { operation, target, reason })),
    notNow: (reason: string, advice: string) =>
      refuse(failure('NOT_POSSIBLE_NOW', { operation, target, reason, advice })),
    shorter: (wanted: number, stored: number) =>
      refuse(
        failure('WOULD_SHORTEN', {
          operation,
          target,
          wanted: quantity(wanted, 'day'),
          stored: quantity(stored, 'day'),
        }),
      ),
    see: (command: 'get' | 'lock' | 'abort' | 'extend', options = '') =>
      `see \`holdfast policy ${command} ${target}${options && ` ${options}`}\``,
  };
}

const byHand = 'asked for by hand';
const refuse = (error: HoldfastError): ManualPolicyDecision => ({ kind: 'refuse', error });
const change = (made: BucketChange): ManualPolicyDecision => ({ kind: 'do', change: made });
const nothing = (reason: string): ManualPolicyDecision => ({ kind: 'leave', reason });
const accepted = (atLeast: number, atMost: number): string =>
  `its rule accepts ${atLeast === atMost ? `exactly ${atLeast}` : `${atLeast} to ${atMost}`}`;
const beyondCap = (days: number, cap: number): string =>
  `${days} days are beyond limits.maxRetention (${quantity(cap, 'day')})`;
