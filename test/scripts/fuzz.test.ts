import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mutate } from '../../scripts/fuzz/mutate.ts';
import { seededRandom } from '../../scripts/fuzz/random.ts';
import { replyTarget } from '../../scripts/fuzz/replies.ts';
import { fuzz, refusedByValue, type Target } from '../../scripts/fuzz/run.ts';
import { textTargets } from '../../scripts/fuzz/targets.ts';
import { failure } from '../../shared/platform/errors.ts';

const now = () => 0;

describe('npm run fuzz, in short: every reader gives a value or a coded error', () => {
  it.each(textTargets.map((target) => [target.name, target] as const))('%s', async (_name, target) => {
    const { counts, faults } = await fuzz([target], { seed: 7, each: 40, now });
    expect(faults).toEqual([]);
    const [count] = counts;
    expect(count?.read).toBeGreaterThan(0);
    expect(count?.refused).toBeGreaterThan(0);
  });

  let replies: Awaited<ReturnType<typeof replyTarget>>;
  beforeAll(async () => {
    replies = await replyTarget();
  });
  afterAll(() => replies.close());

  it('replies of the service', async () => {
    const { counts, faults } = await fuzz([replies.target], { seed: 7, each: 80, now });
    expect(faults).toEqual([]);
    expect(counts[0]?.refused).toBeGreaterThan(0);
  });
});

describe('the fuzzer itself', () => {
  const target = (read: Target['read']): Target => ({ name: 'x', inputs: ['{"a":1}'], words: ['a'], read });

  it('takes anything but a value or a coded error for a fault, and keeps the input', async () => {
    const broken = target((bytes) => {
      if (bytes.length > 20) throw new RangeError('Maximum call stack size exceeded');
    });
    const { faults } = await fuzz([broken], { seed: 1, each: 1000, now });
    expect(faults).toMatchObject([{ target: 'x', error: expect.any(RangeError) }]);
    expect(faults[0]?.input.length).toBeGreaterThan(20);
  });

  it('counts refusals of both kinds, and what was read', async () => {
    const answers = [
      () => refusedByValue,
      () => 'read',
      () => {
        throw failure('USAGE', { reason: 'r' });
      },
    ];
    let turn = 0;
    const { counts } = await fuzz([target(() => answers[turn++ % 3]?.())], { seed: 1, each: 30, now });
    expect(counts).toMatchObject([{ inputs: 30, read: 10, refused: 20 }]);
  });

  it('makes the same inputs from the same seed, and others from another', () => {
    const input = Buffer.from('{"events":[]}');
    const made = (seed: number) => {
      const random = seededRandom(seed);
      return Array.from({ length: 20 }, () => mutate(input, input, ['a'], random).toString('hex'));
    };
    expect(made(3)).toEqual(made(3));
    expect(made(3)).not.toEqual(made(4));
  });
});
