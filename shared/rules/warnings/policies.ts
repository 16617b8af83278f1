import { quantity } from '../../platform/quantity.ts';
import type { BucketRule, Rules } from '../types.ts';
import { type Warning, warn } from './codes.ts';

/** Settings of a bucket rule that undo each other. */
export const policies = ({ buckets }: Rules): Warning[] =>
  buckets.flatMap(({ name, policy }, index) => {
    const path = ['buckets', index, 'policy'];
    return [...neverLocked(name, policy, path), ...noRoom(name, policy, path)];
  });

type Policy = BucketRule['policy'];

function neverLocked(
  name: string,
  { lockAfterMs, initiate, extend }: Policy,
  path: Warning['path'],
): Warning[] {
  if (lockAfterMs !== undefined) return [];
  const initiated =
    initiate === undefined
      ? []
      : [
          warn(
            'never-locked',
            [...path, 'initiate'],
            `rule ${name}: with lock: false each policy that it initiates lapses after 24 hours and the next ` +
              'begins: nothing is ever protected for good; write lock: { after: 20h }',
          ),
        ];
  const extended =
    extend === undefined
      ? []
      : [
          warn(
            'never-locked',
            [...path, 'extend'],
            `rule ${name}: only a locked policy can be extended, and with lock: false Holdfast locks none; ` +
              'it extends what a person has locked',
          ),
        ];
  return [...initiated, ...extended];
}

function noRoom(name: string, { days, extend }: Policy, path: Warning['path']): Warning[] {
  if (extend === undefined || extend.upToDays > days.atLeast) return [];
  return [
    warn(
      'no-room',
      [...path, 'extend', 'upTo'],
      `rule ${name}: a policy has ${quantity(days.atLeast, 'day')} from the start, so upTo (${extend.upToDays}d) leaves nothing ` +
        `to add; write more, such as ${2 * days.atLeast}d, or leave extend out`,
    ),
  ];
}
