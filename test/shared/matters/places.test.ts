import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compilePlaces, placesHave, placesReach } from '../../../shared/matters/places.ts';
import { arbitraryScope, smallWorld } from '../../support/matters.ts';

describe('places', () => {
  const have = (globs: readonly string[], bucket: string, key: string) => {
    const places = compilePlaces(globs, 'oss');
    if ('problem' in places) throw new Error(places.problem);
    return placesHave(places, { bucket, key });
  };

  it.each<[globs: string[], bucket: string, key: string, held: boolean]>([
    [['oss://fin-*/**'], 'fin-eu', 'ledger/a', true],
    [['oss://fin-*/**'], 'hr', 'ledger/a', false],
    [['oss://fin-*'], 'fin-eu', 'deep/er/a', true],
    [['oss://hr', 'oss://fin-eu/**'], 'fin-eu', 'a', true],
    [['oss://fin-*/'], 'fin-eu', 'a', true],
    [['oss://fin-*/ledger/*'], 'fin-eu', 'ledger/2026/a', false],
    [['oss://fin-eu/**', '!oss://fin-eu/tmp/**'], 'fin-eu', 'tmp/a', false],
    [['!oss://fin-eu/tmp/**', 'oss://fin-eu/**'], 'fin-eu', 'ledger/a', true],
    [['oss://fin-eu/!a'], 'fin-eu', '!a', true],
    [['oss://fin-eu/!a'], 'fin-eu', 'b', false],
    [['oss://fin-eu/**'], 'fin-eu', 'a\nb', true],
    [['oss://fin-eu/a\n*'], 'fin-eu', 'a\nb', true],
    [['oss://fin-eu/a\n*'], 'fin-eu', 'a', false],
  ])('%j with %s/%s: %s', (globs, bucket, key, held) => {
    expect(have(globs, bucket, key)).toBe(held);
  });

  it.each<[globs: string[], problem: RegExp]>([
    [['!oss://fin-*/**'], /at least one place without "!"/],
    [['fin-*/**'], /expected oss:\/\/bucket\/key with globs, found "fin-\*\/\*\*"/],
    [['an oss://fin/a'], /expected oss:\/\/bucket\/key with globs, found "an oss:\/\/fin\/a"/],
    [['oss:///a'], /expected oss:\/\/bucket\/key/],
    [['obs://fin/a'], /expected a place of oss:\/\/, found "obs:\/\/fin\/a"/],
    [['oss://fin/[a'], /^expected .+ in "oss:\/\/fin\/\[a"$/],
    [['oss://fin[/a'], /^expected .+ in "oss:\/\/fin\[\/a"$/],
    [['oss://fin/a', 'oss://fin/[a'], /in "oss:\/\/fin\/\[a"/],
    [[''], /expected oss:\/\//],
  ])('%j is refused', (globs, problem) => {
    expect(compilePlaces(globs, 'oss')).toEqual({ problem: expect.stringMatching(problem) });
  });

  it('reach every bucket in which they have an object', () => {
    fc.assert(
      fc.property(arbitraryScope, smallWorld.bucket, smallWorld.key, ({ match }, bucket, key) => {
        const places = compilePlaces(match, 'oss');
        if ('problem' in places) throw new Error(places.problem);
        if (placesHave(places, { bucket, key })) expect(placesReach(places, bucket)).toBe(true);
      }),
    );
  });

  it('do not reach a bucket that is excluded in whole, and reach one of which a part is', () => {
    const places = compilePlaces(
      ['oss://**', '!oss://a', '!oss://b/**', '!oss://c/*', '!oss://d*/x/**'],
      'oss',
    );
    if ('problem' in places) throw new Error(places.problem);
    expect(['a', 'b', 'c', 'd1', 'e'].map((bucket) => placesReach(places, bucket))).toEqual([
      false,
      false,
      true,
      true,
      true,
    ]);
  });
});
