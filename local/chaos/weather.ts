import type { WeatherRule } from '../fc/weather.ts';
import type { Difference } from './compare.ts';
import type { ChaosOptions } from './options.ts';
import { principalOf } from './people.ts';
import type { ChaosStore } from './store.ts';
import type { Watch } from './watch.ts';

const functions = ['object-created', 'policy-timer', 'dead-letter'];

/** People whose commands meet the storm, where there are approvals. */
const stormed = ['operator', 'approver'] as const;

/** Ways in which a call fails, each as likely as the others. */
const failing = [
  { status: 500, code: 'InternalError' },
  { status: 503, code: 'ServiceUnavailable' },
  { status: 503, code: 'QpsLimitExceeded', after: true },
  { reset: 'before' },
  { reset: 'after' },
];

/** Faults that hit this share of the functions' calls, and of nobody else's; as many again are only late. Few are never answered, and now and then
 * a person renews a policy that a function has just looked at. */
export function faultsOf(
  { faults, silent, renew, seed, approvals }: ChaosOptions,
  { functionPrefix }: ChaosStore,
): unknown {
  const rate = 1 - (1 - faults) ** (1 / failing.length); // each is drawn by itself
  const late = { rate: faults, effect: { delayMs: { uniform: [0, 20] } } };
  const commands = approvals > 0 ? stormed.map(principalOf) : [];
  const senders = [...functions.map((name) => `${functionPrefix}${name}`), ...commands];
  const rules = senders.flatMap((principal) => {
    return [
      ...(faults === 0 ? [] : [late, ...failing.map((effect) => ({ rate, effect }))]),
      { rate: silent / 2, effect: { hang: 'before' } },
      { rate: silent / 2, effect: { hang: 'after' } },
      { rate: renew, operation: 'GetBucketWorm', effect: { renew: true } },
    ].map((rule) => ({ principal, ...rule }));
  });
  return { seed, rules };
}

/** Chance may be off by so much, and instances that are killed break calls of their own. */
const tolerance = (rate: number, calls: number): number =>
  0.01 + 5 * Math.sqrt((rate * (1 - rate)) / Math.max(calls, 1));

/** Returns the share of calls that are to fail. */
export const brokenShare = ({ faults, silent }: Pick<ChaosOptions, 'faults' | 'silent'>): number =>
  1 - (1 - faults) * (1 - silent);

/** Tells whether the storm was the one that was asked for: of the calls in it, this share is to have failed. */
export function weaknessOf(
  { calls, broken }: Watch['storm'],
  options: Pick<ChaosOptions, 'faults' | 'silent'>,
): Difference[] {
  const asked = brokenShare(options);
  const share = broken / Math.max(calls, 1);
  if (Math.abs(share - asked) <= tolerance(asked, calls)) return [];
  return [{ kind: 'storm not as asked', what: `${broken} of ${calls} calls failed, ${asked} were asked` }];
}

export function weatherOf({
  lose,
  duplicate,
  reorder,
  encode,
  early,
  kill,
  seed,
}: ChaosOptions): WeatherRule[] {
  return [
    { kind: 'events', lose, duplicate, reorder, encode, early, seed },
    { kind: 'instances', killRate: kill, seed },
  ];
}
