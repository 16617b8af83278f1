import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { confirm } from '../../cli/terminal/confirm.ts';
import type { PlanStep } from '../../shared/buckets/plan.ts';

const step = (bucket: string, action: PlanStep['decision']['action'], days: number): PlanStep => ({
  bucket,
  rule: 'archive',
  observed: { id: 'W1', state: 'InProgress', days: 365, createdAt: '2026-11-20T10:00:00Z' },
  decision: { action, days, reason: '' },
});
const lock = step('archive-1', 'lock', 365);
const extend = step('archive-2', 'extend', 730);
const initiate = step('archive-3', 'initiate', 90);

/** A person who types `answer`; what was shown comes back beside the outcome. */
async function asked(steps: readonly PlanStep[], answer: string, isTTY = true) {
  const input = Object.assign(new PassThrough(), { isTTY });
  const output = new PassThrough();
  const shown = text(output);
  input.end(answer);
  const outcome = await confirm(steps, { input, output }).catch((error: unknown) => error);
  output.end();
  return { outcome, shown: await shown };
}

describe('confirming what cannot be undone', () => {
  it.each([
    { steps: [lock], word: 'lock', shows: 'About to lock archive-1 (365 days).' },
    { steps: [extend], word: 'extend', shows: 'About to extend archive-2 (to 730 days).' },
    {
      steps: [extend, lock],
      word: 'lock',
      shows: 'extend archive-2 (to 730 days), lock archive-1 (365 days).',
    },
    { steps: [initiate, lock], word: 'lock', shows: 'About to lock archive-1 (365 days).' },
  ])('takes the word $word and shows what it is for', async ({ steps, word, shows }) => {
    const { outcome, shown } = await asked(steps, `${word}\n`);
    expect(outcome).toBe(true);
    expect(shown).toContain(shows);
    expect(shown).toContain(`Type ${word} to do it: `);
  });

  it.each(['yes\n', 'y\n', 'extend\n', 'LOCK\n', '\n', '', 'unlock\n'])(
    'takes %j for a no',
    async (answer) => {
      const { outcome } = await asked([lock, extend], answer);
      expect(outcome).toMatchObject({
        code: 'NOT_CONFIRMED',
        remedy: 'type `lock` when asked, or give --yes',
      });
    },
  );

  it('refuses without a terminal, whatever stands in the input', async () => {
    const { outcome, shown } = await asked([lock], 'lock\n', false);
    expect(outcome).toMatchObject({ code: 'NOT_CONFIRMED' });
    expect(shown).toBe('');
  });

  it('asks nothing for what can be undone', async () => {
    expect(await asked([initiate], '')).toEqual({ outcome: false, shown: '' });
  });
});
